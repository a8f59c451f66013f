//! The programs: the sandbox, the relay with its embedded scheduler at its usual settings, and a data folder that
//! is paired with it as a person pairs one.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use roost_core::clock::UnixMillis;

use crate::bench::program::{Program, file_of, free_address, sandbox};
use crate::run::ledger::{Create, Ledger};
use crate::run::process::Process;
use crate::services::consent;
use crate::{command, http, project};

const HANDLE: &str = "ada";
/// The longest that is read of the relay's metrics.
const METRICS_BYTES_MAX: u64 = 1024 * 1024;

pub(super) struct World {
    folder: tempfile::TempDir,
    is_shipped: bool,
    x: String,
    /// Where the relay listens.
    pub(super) relay: SocketAddr,
    // In the order in which they end.
    running: Program,
    _sandbox: Process,
}

impl World {
    /// Starts everything, connects an account and pairs the data folder.
    pub(super) fn begin(is_shipped: bool) -> Result<Self> {
        let bench = project::bench();
        std::fs::create_dir_all(&bench)?;
        let folder = tempfile::Builder::new().prefix("under-load-").tempdir_in(bench)?;
        let at = folder.path();
        let (sandbox, x) = sandbox(is_shipped, at)?;
        let relay = free_address()?;
        let text = format!(
            "database = \"relay.sqlite\"\nlisten = \"{relay}\"\npublic_urls = [\"http://{relay}\"]\n\
             x_api_base = \"{x}\"\nembedded_scheduler = true\n[limits]\nplan = \"demo\"\n"
        );
        std::fs::write(at.join("relay.toml"), text)?;
        let ask = |words: &[&str]| {
            let mut command = relay_command(is_shipped, at);
            command::output(command.args(words))
        };
        ask(&["init"])?;
        let key = String::from_utf8(ask(&["device", "add", "bench"])?.stdout)?.trim().to_owned();
        let mut serve = relay_command(is_shipped, at);
        let mut running = Program::start(serve.arg("serve"), &at.join("relay.log"))?;
        running.ready(relay, "/healthz")?;
        let (id, grant) = consent(&x, HANDLE)?;
        let answer = http::put(&format!("http://{relay}/v1/accounts/{id}"), &key, &grant);
        ensure!(answer.is_some_and(|(status, _)| status == 200), "no account is connected");
        let link = String::from_utf8(ask(&["pair", "--no-qr"])?.stdout)?;
        let world = Self { folder, is_shipped, x, relay, running, _sandbox: sandbox };
        world.pair(&link)?;
        Ok(world)
    }

    fn pair(&self, link: &str) -> Result<()> {
        let mut pair = self.roost();
        pair.args(["pair", "--yes", "--key-in-file"]).stdin(Stdio::piped());
        let mut pair = pair.stdout(Stdio::null()).spawn().context("roost could not be started")?;
        if let Some(mut stdin) = pair.stdin.take() {
            writeln!(stdin, "{}", link.trim())?;
        }
        ensure!(pair.wait()?.success(), "the data folder is not paired");
        // It learns of the account.
        command::output(self.roost().arg("sync")).map(drop)
    }

    fn roost(&self) -> Command {
        let mut command = Command::new(file_of(self.is_shipped, "roost"));
        command.arg("--data").arg(self.folder.path().join("data")).env_remove("RUST_LOG");
        command
    }

    /// Imports posts, each with its text and the Unix millisecond at which it is due, and hands them over.
    pub(super) fn hand_over(
        &self,
        word: &str,
        posts: impl Iterator<Item = (String, i64)>,
    ) -> Result<()> {
        let posts: Vec<_> = posts
            .map(|(text, at)| {
                let at = UnixMillis(at).to_string();
                serde_json::json!({ "content": text, "scheduledAt": at, "account": HANDLE })
            })
            .collect();
        let file = self.folder.path().join(format!("{word}.json"));
        std::fs::write(
            &file,
            serde_json::json!({ "timezone": "UTC", "posts": posts }).to_string(),
        )?;
        command::output(self.roost().arg("import").arg(&file))?;
        command::output(self.roost().arg("sync")).map(drop)
    }

    /// Returns the process id of the relay.
    pub(super) fn relay_id(&self) -> u32 {
        self.running.id()
    }

    /// Returns what X took of posts that begin with this word.
    pub(super) fn accepted(&self, word: &str) -> Result<Vec<Create>> {
        let mut ledger = Ledger::of(self.x.clone());
        ledger.refresh()?;
        ledger.creates.retain(|create| create.accepted && create.text.starts_with(word));
        Ok(ledger.creates)
    }

    /// Returns how many posts the relay's own clock had to take up, because no delivery came.
    pub(super) fn backstop(&self) -> Result<f64> {
        let text = http::text(&format!("http://{}/metrics", self.relay), METRICS_BYTES_MAX)?;
        let line = text.lines().find_map(|line| line.strip_prefix("roost_relay_backstop_total "));
        line.and_then(|count| count.trim().parse().ok()).context("the relay counts no backstop")
    }
}

fn relay_command(is_shipped: bool, folder: &std::path::Path) -> Command {
    let mut command = Command::new(file_of(is_shipped, "roost-relay"));
    command.arg("--config").arg(folder.join("relay.toml"));
    command.env_remove("RUST_LOG").env_remove("CREDENTIALS_DIRECTORY");
    command
}
