//! Ours: `roost-relay` as it is shipped, rehearsing (`dry_run`): everything but the call to X.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use roost_core::clock::{Clock as _, SystemClock};
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_core::post::Content;
use roost_relay_api::{BATCH_MAX, Client, Grant, Manifest, Stage, StageBatch, StageOutcome};

use super::ACCOUNTS;
use super::candidate::Candidate;
use super::delivery::{self, Keys, PUBLIC_URL};
use crate::bench::program::{Program, free_address};
use crate::command;
use crate::project;

/// A running relay, and the desktop that feeds it.
pub(super) struct Ours {
    program: Program,
    address: SocketAddr,
    keys: Keys,
    database: PathBuf,
    desk: Option<Desk>,
}

/// What a desktop knows of its relay.
struct Desk {
    client: Client,
    store: StoreId,
    runtime: tokio::runtime::Runtime,
}

impl Ours {
    /// Makes the files in `folder`, as its user would.
    pub(super) fn init(folder: &Path, keys: &Keys) -> Result<()> {
        // Rates that bind nothing, and as many calls at once as the largest load has connections:
        // what X allows is not what is measured. All else is the default.
        let text = format!(
            "database = \"relay.sqlite\"\nlisten = \"{}\"\npublic_urls = [\"{PUBLIC_URL}\"]\n\
             dry_run = true\n[qstash]\ncurrent_signing_key = \"{}\"\nnext_signing_key = \"{}\"\n\
             [limits]\nplan = \"demo\"\n[pace]\nslots = 256\n",
            free_address()?,
            keys.current,
            keys.next
        );
        std::fs::write(folder.join("relay.toml"), text)?;
        command::output(relay(folder).arg("init"))?;
        Ok(())
    }

    /// Starts it; gives how long it took until it answered, too.
    pub(super) fn start(folder: &Path, keys: &Keys) -> Result<(Self, Duration)> {
        let config = std::fs::read_to_string(folder.join("relay.toml"))?;
        let listen = config.lines().find_map(|line| line.strip_prefix("listen = "));
        let address = listen.context("no address")?.trim_matches('"').parse()?;
        let mut program = Program::start(relay(folder).arg("serve"), &folder.join("relay.log"))?;
        let started = program.ready(address, "/healthz")?;
        let database = folder.join("relay.sqlite");
        Ok((Self { program, address, keys: keys.clone(), database, desk: None }, started))
    }

    /// Pairs a desktop with it and connects the accounts.
    pub(super) fn introduce(&mut self, folder: &Path) -> Result<()> {
        let added = command::output(relay(folder).args(["device", "add", "bench"]))?;
        let key = String::from_utf8(added.stdout)?;
        let client = Client::new(format!("http://{}", self.address).parse()?, key.trim())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let now = SystemClock.now();
        let store = StoreId::new(now);
        runtime.block_on(async {
            let epoch = client.status().await?.epoch;
            let manifest = Manifest { epoch, store_id: store, posts: Vec::new(), more: false };
            client.manifest(&manifest).await?;
            for number in 0..ACCOUNTS {
                let grant = Grant {
                    username: format!("account{number}"),
                    name: format!("Account {number}"),
                    subscription_type: None,
                    client_id: "app".to_owned(),
                    client_secret: None,
                    access_token: "access".to_owned(),
                    refresh_token: "refresh".to_owned(),
                    expires_at: now.plus(Duration::from_secs(7200)),
                    scope: "tweet.write offline.access".to_owned(),
                };
                client.connect(&account(number), &grant).await?;
            }
            anyhow::Ok(())
        })?;
        self.desk = Some(Desk { client, store, runtime });
        Ok(())
    }

    /// Ends it.
    pub(super) fn stop(self) -> Result<()> {
        self.program.stop()
    }
}

/// How long the program takes to start and say its version: a start without work.
pub(super) fn say_version() -> Result<Duration> {
    let mut relay = Command::new(project::release("roost-relay"));
    let begun = Instant::now();
    command::output(relay.arg("--version"))?;
    Ok(begun.elapsed())
}

fn relay(folder: &Path) -> Command {
    let mut relay = Command::new(project::release("roost-relay"));
    relay.arg("--config").arg(folder.join("relay.toml")).env_remove("RUST_LOG");
    relay
}

/// Posts are spread over the accounts.
fn account(number: usize) -> XUserId {
    XUserId((1_000 + number % ACCOUNTS).to_string())
}

impl Candidate for Ours {
    const DECIDED: &'static str = "SELECT count(*) FROM intent WHERE outcome IS NOT NULL";

    fn program(&self) -> &Program {
        &self.program
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn keys(&self) -> &Keys {
        &self.keys
    }

    fn database(&self) -> &Path {
        &self.database
    }

    fn stage(&mut self, count: usize) -> Result<Vec<PostId>> {
        let desk = self.desk.as_ref().context("no desktop is paired")?;
        let now = SystemClock.now();
        let items: Vec<Stage> = (0..count)
            .map(|number| Stage {
                post_id: PostId::new(now),
                revision: Revision(1),
                account: account(number),
                content: Content::of_texts([delivery::text(number)]),
                body_hash: None,
                due_at: now,
                not_after: now.plus(Duration::from_secs(6 * 3600)),
                follow_up: None,
            })
            .collect();
        desk.runtime.block_on(async {
            for batch in items.chunks(BATCH_MAX) {
                let batch = StageBatch { store_id: desk.store, items: batch.to_vec() };
                let answer = desk.client.stage(&batch).await?;
                let all = answer.results.iter().all(|one| one.outcome == StageOutcome::Staged);
                ensure!(all, "a post was not staged: {:?}", answer.results);
            }
            Ok(())
        })?;
        Ok(items.iter().map(|item| item.post_id).collect())
    }
}
