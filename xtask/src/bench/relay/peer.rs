//! The peer: `benches/peers/relay-node`, which makes the same commits with the same durability.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use roost_core::clock::{Clock as _, SystemClock};
use roost_core::id::PostId;
use rusqlite::{Connection, params};

use super::ACCOUNTS;
use super::candidate::Candidate;
use super::delivery::{self, Keys, PUBLIC_URL};
use crate::bench::program::{Program, free_address};
use crate::project;

/// A running peer.
pub(super) struct Peer {
    program: Program,
    address: SocketAddr,
    keys: Keys,
    database: PathBuf,
}

/// Where its program is.
pub(super) fn source() -> PathBuf {
    project::root().join("benches/peers/relay-node")
}

impl Peer {
    /// Whether its packages are installed.
    pub(super) fn check() -> Result<()> {
        let built = source().join("node_modules/better-sqlite3/build/Release/better_sqlite3.node");
        ensure!(
            built.exists(),
            "the peer in benches/peers/relay-node is not installed; run this first:\n  \
             cargo xtask setup --benches"
        );
        Ok(())
    }

    /// Starts it with its database in `folder`; gives how long it took until it answered, too.
    pub(super) fn start(folder: &Path, keys: &Keys) -> Result<(Self, Duration)> {
        let address = free_address()?;
        let database = folder.join("peer.sqlite");
        let mut node = Command::new("node");
        node.arg(source().join("relay.js"))
            .env("NODE_ENV", "production")
            .env("DATABASE", &database)
            .env("PORT", address.port().to_string())
            .env("PUBLIC_URL", PUBLIC_URL)
            .env("QSTASH_CURRENT_SIGNING_KEY", &keys.current)
            .env("QSTASH_NEXT_SIGNING_KEY", &keys.next);
        let mut program = Program::start(&mut node, &folder.join("peer.log"))?;
        let started = program.ready(address, "/healthz")?;
        Ok((Self { program, address, keys: keys.clone(), database }, started))
    }

    /// Ends it.
    pub(super) fn stop(self) -> Result<()> {
        self.program.stop()
    }
}

impl Candidate for Peer {
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
        let now = SystemClock.now();
        let posts: Vec<PostId> = (0..count).map(|_| PostId::new(now)).collect();
        let mut ledger = Connection::open(&self.database)?;
        ledger.busy_timeout(Duration::from_secs(10))?;
        let staged = ledger.transaction()?;
        {
            let mut connect =
                staged.prepare("INSERT OR IGNORE INTO account VALUES (?1, 'connected')")?;
            let mut stage = staged.prepare(
                "INSERT INTO post (post_id, revision, account, text, due_at, not_after)
                 VALUES (?1, 1, ?2, ?3, ?4, ?5)",
            )?;
            let deadline = now.plus(Duration::from_secs(6 * 3600));
            for (number, post) in posts.iter().enumerate() {
                let account = (1_000 + number % ACCOUNTS).to_string();
                connect.execute([&account])?;
                let text = delivery::text(number);
                stage.execute(params![post.to_string(), account, text, now.0, deadline.0])?;
            }
        }
        staged.commit()?;
        Ok(posts)
    }
}
