//! The programs of the measurement: sandbox, scheduler and relay as they are shipped, at their usual
//! paces, with accounts that no limit binds, and a data folder that is paired with them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use roost_core::clock::UnixMillis;

use crate::bench::process;
use crate::bench::program::{Program, file_of, free_address, sandbox};
use crate::run::process::Process;
use crate::services::{consent, signing_keys};
use crate::{command, http, project};

/// The relay as messages name it.
const PUBLIC_URL: &str = "http://relay.roost.internal";
const QSTASH_TOKEN: &str = "qstash_token_of_the_measurement";
/// Between two looks at a running program.
const LOOK: Duration = Duration::from_millis(2);

/// A post to import.
pub(super) struct Planned {
    pub(super) text: String,
    /// Unix milliseconds.
    pub(super) at: i64,
    /// The number of its account.
    pub(super) account: u32,
}

pub(super) struct World {
    folder: tempfile::TempDir,
    is_shipped: bool,
    /// The sandbox's address.
    pub(super) x: String,
    /// The relay's address.
    pub(super) relay_url: String,
    /// The scheduler's address.
    pub(super) scheduler_url: String,
    /// What opens the relay.
    pub(super) device_key: String,
    // In the order in which they end.
    _relay: Program,
    _scheduler: Program,
    _sandbox: Process,
}

/// Returns the handle of an account.
fn handle(number: u32) -> String {
    format!("user{number:02}")
}

impl World {
    /// Starts everything, connects the accounts and pairs the data folder.
    pub(super) fn begin(is_shipped: bool, accounts: u32) -> Result<Self> {
        let bench = project::bench();
        std::fs::create_dir_all(&bench)?;
        let folder = tempfile::Builder::new().prefix("handover-").tempdir_in(bench)?;
        let at = folder.path();
        let (sandbox, x) = sandbox(is_shipped, at)?;
        let (relay, scheduler) = (free_address()?, free_address()?);
        let schedule = || {
            let mut command = Command::new(file_of(is_shipped, "qstash-local"));
            command.args(["--port", &scheduler.port().to_string()]);
            command.arg("--database").arg(at.join("scheduler.db"));
            command.arg("--deliver-via").arg(format!("{PUBLIC_URL}=http://{relay}"));
            command.env("QSTASH_TOKEN", QSTASH_TOKEN).env_remove("RUST_LOG");
            command
        };
        let keys = signing_keys(&mut schedule())?;
        let mut serve = Command::new(file_of(is_shipped, "roost-relay"));
        serve.arg("--config").arg(write_relay(at, &relay.to_string(), &x, &keys)?);
        serve.env_remove("RUST_LOG");
        let device_key = device_key(is_shipped, at)?;
        let started = Program::start(&mut schedule(), &at.join("scheduler.log"))?;
        let mut relay_program = Program::start(serve.arg("serve"), &at.join("relay.log"))?;
        relay_program.ready(relay, "/healthz")?;
        let world = Self {
            is_shipped,
            x,
            relay_url: format!("http://{relay}"),
            scheduler_url: format!("http://{scheduler}"),
            device_key,
            _relay: relay_program,
            _scheduler: started,
            _sandbox: sandbox,
            folder,
        };
        world.connect(accounts)?;
        Ok(world)
    }

    fn connect(&self, accounts: u32) -> Result<()> {
        for number in 0..accounts {
            let (id, grant) = consent(&self.x, &handle(number))?;
            let url = format!("{}/v1/accounts/{id}", self.relay_url);
            let answer = http::put(&url, &self.device_key, &grant);
            ensure!(answer.is_some_and(|(status, _)| status == 200), "no account is connected");
        }
        let link = format!(
            "roost://pair?relay={}&key={}&qstash={}&token={QSTASH_TOKEN}&public={PUBLIC_URL}",
            self.relay_url, self.device_key, self.scheduler_url
        );
        command::output(self.roost().args(["pair", "--key-in-file", &link]))?;
        // It learns of the accounts.
        self.sync().map(drop)
    }

    /// Returns the data folder.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Returns what the data folder is paired with.
    pub(super) fn endpoints(&self) -> roost_engine::Endpoints {
        let endpoint = |url: &str, bearer: &str| roost_engine::Endpoint {
            url: url.to_owned(),
            bearer: roost_engine::Secret::new(bearer.to_owned()),
        };
        roost_engine::Endpoints {
            relay: endpoint(&self.relay_url, &self.device_key),
            relay_public_url: PUBLIC_URL.to_owned(),
            pin: None,
            qstash: Some(endpoint(&self.scheduler_url, QSTASH_TOKEN)),
        }
    }

    /// Returns a command of Roost's over the data folder.
    pub(super) fn roost(&self) -> Command {
        let mut command = Command::new(file_of(self.is_shipped, "roost"));
        command.arg("--data").arg(self.data()).env_remove("RUST_LOG");
        command
    }

    /// Imports posts.
    pub(super) fn import(&self, name: &str, posts: impl Iterator<Item = Planned>) -> Result<()> {
        let mut text = String::from("{\"timezone\":\"UTC\",\"posts\":[");
        for (number, post) in posts.enumerate() {
            let comma = if number == 0 { "" } else { ",\n" };
            let (content, account) = (serde_json::to_string(&post.text)?, handle(post.account));
            let at = UnixMillis(post.at);
            // Writing to a String can't fail.
            let _ = write!(
                text,
                "{comma}{{\"content\":{content},\"scheduledAt\":\"{at}\",\"account\":\"{account}\"}}"
            );
        }
        text.push_str("]}");
        let file = self.folder.path().join(format!("{name}.json"));
        std::fs::write(&file, text)?;
        command::output(self.roost().arg("import").arg(&file))?;
        Ok(())
    }

    /// Imports posts of a later century, a minute apart.
    pub(super) fn store_for_later(&self, count: u32) -> Result<()> {
        const YEAR_2100: i64 = 4_102_444_800_000;
        let posts = (0..count).map(|number| Planned {
            text: format!("later {number}: what a calendar that never forgets would say of it"),
            at: YEAR_2100 + i64::from(number) * 60_000,
            account: 0,
        });
        self.import("later", posts)
    }

    /// Hands over what there is; returns the seconds that it took, and the most memory, in MB.
    pub(super) fn sync(&self) -> Result<(f64, f64)> {
        let mut asked = self.roost();
        asked.args(["sync", "--json"]).stdin(Stdio::null()).stdout(Stdio::null());
        let log = std::fs::File::create(self.folder.path().join("sync.log"))?;
        let began = Instant::now();
        let mut child = asked.stderr(log).spawn().context("roost could not be started")?;
        let mut peak = 0.0_f64;
        loop {
            // It may end between two looks.
            peak = peak.max(process::peak(child.id()).unwrap_or(0.0));
            if let Some(status) = child.try_wait()? {
                let said = std::fs::read_to_string(self.folder.path().join("sync.log"))?;
                ensure!(status.success(), "the hand-over failed: {said}");
                return Ok((began.elapsed().as_secs_f64(), peak));
            }
            std::thread::sleep(LOOK);
        }
    }
}

/// Writes the relay's configuration, and returns where it is.
fn write_relay(folder: &Path, listen: &str, x: &str, keys: &[String; 2]) -> Result<PathBuf> {
    let text = format!(
        "database = \"relay.sqlite\"\nlisten = \"{listen}\"\npublic_urls = [\"{PUBLIC_URL}\"]\n\
         x_api_base = \"{x}\"\n[qstash]\ncurrent_signing_key = \"{}\"\n\
         next_signing_key = \"{}\"\n[limits]\nplan = \"demo\"\n",
        keys[0], keys[1]
    );
    let path = folder.join("relay.toml");
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Makes the relay's database and a key of a device.
fn device_key(is_shipped: bool, folder: &Path) -> Result<String> {
    let relay = |words: &[&str]| {
        let mut command = Command::new(file_of(is_shipped, "roost-relay"));
        command.arg("--config").arg(folder.join("relay.toml")).args(words).env_remove("RUST_LOG");
        command::output(&mut command)
    };
    relay(&["init"])?;
    let added = relay(&["device", "add", "bench"])?;
    Ok(String::from_utf8(added.stdout)?.trim().to_owned())
}
