//! Ours: `qstash-local` as it is shipped.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::candidate::Candidate;
use super::message::Load;
use crate::bench::program::{Program, free_address};
use crate::bench::{load, process};
use crate::project;

/// The public token of `--dev`: the receiver is on this machine.
const TOKEN: &str = "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=";
/// Requests that are made beforehand and held in memory.
const AT_ONCE: usize = 50_000;

/// A running scheduler.
pub(super) struct Ours {
    program: Program,
    address: SocketAddr,
}

impl Ours {
    /// Starts it on the database in `folder`; gives how long it took until it answered, too.
    pub(super) fn start(folder: &Path) -> Result<(Self, Duration)> {
        let address = free_address()?;
        let mut command = Command::new(project::release("qstash-local"));
        command.args(["--dev", "--port", &address.port().to_string(), "--database"]);
        command.arg(folder.join("scheduler.db")).env_remove("RUST_LOG");
        let mut program = Program::start(&mut command, &folder.join("scheduler.log"))?;
        let ready = program.ready(address, &format!("/v2/queues?qstash_token={TOKEN}"))?;
        Ok((Self { program, address }, ready))
    }

    /// Ends it.
    pub(super) fn stop(self) -> Result<()> {
        self.program.stop()
    }

    /// Its memory once it rests, MB.
    pub(super) fn resident_at_rest(&self) -> Result<f64> {
        process::resident_at_rest(self.program.id())
    }

    /// The most memory it ever had, MB.
    pub(super) fn peak(&self) -> Result<f64> {
        process::peak(self.program.id())
    }
}

impl Candidate for Ours {
    fn accept(&self, load: &Load, size: usize, side_by_side: usize) -> Result<f64> {
        let host = self.address.to_string();
        let (mut accepted, mut seconds) = (0, 0.0);
        while accepted < load.count {
            let count = AT_ONCE.min(load.count - accepted);
            let at = load.at + if load.spread { i64::try_from(accepted)? } else { 0 };
            let part = Load { count, at, ..load.clone() };
            let requests = match size {
                1 => part.singles(&host, TOKEN),
                _ => part.batches(&host, TOKEN, size),
            };
            let fired = load::fire(self.address, requests, side_by_side)?;
            seconds += fired.begun.elapsed().as_secs_f64();
            accepted += count;
        }
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = load.count as f64 / seconds;
        Ok(rate)
    }

    fn resident(&self) -> Result<f64> {
        process::resident(self.program.id())
    }
}
