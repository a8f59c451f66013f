//! The peer: BullMQ on Debian's Redis (`benches/peers/scheduler-bullmq`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::candidate::Candidate;
use super::message::Load;
use crate::bench::process;
use crate::bench::program::{Program, free_address};
use crate::command;
use crate::project;

/// The best of 50, 100, 200 and 400 on two cores.
const CONCURRENCY: &str = "100";
/// How long Redis and the worker may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// When Redis syncs what it accepted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sync {
    /// Once a second: the common setting, which may lose a second of what it accepted.
    EverySecond,
    /// Before each answer, as ours does.
    Always,
}

/// A running Redis with a worker.
pub(super) struct Peer {
    redis: Program,
    _worker: Program,
    address: SocketAddr,
}

impl Peer {
    /// What has to be there.
    pub(super) fn check() -> Result<()> {
        let installed = command::exists("redis-server") && folder().join("node_modules").exists();
        ensure!(installed, "The peer is not installed. Run: cargo xtask setup --benches");
        Ok(())
    }

    /// Starts both, with what they keep in `scratch`.
    pub(super) fn start(scratch: &Path, sync: Sync) -> Result<Self> {
        let address = free_address()?;
        let fsync = match sync {
            Sync::EverySecond => "everysec",
            Sync::Always => "always",
        };
        let mut redis = Command::new("redis-server");
        redis.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1", "--save", ""]);
        redis.args(["--appendonly", "yes", "--appendfsync", fsync, "--dir"]).arg(scratch);
        let redis = Program::start(&mut redis, &scratch.join("redis.log"))?;
        let log = scratch.join("worker.log");
        let worker = Program::start(node(address).args(["work.mjs", CONCURRENCY]), &log)?;
        let begun = Instant::now();
        while !std::fs::read_to_string(&log)?.contains("ready") {
            if begun.elapsed() > PATIENCE {
                bail!("the worker does not start: {}", std::fs::read_to_string(&log)?);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Self { redis, _worker: worker, address })
    }
}

fn folder() -> PathBuf {
    project::root().join("benches/peers/scheduler-bullmq")
}

fn node(redis: SocketAddr) -> Command {
    let mut node = Command::new("node");
    node.current_dir(folder()).env("REDIS_PORT", redis.port().to_string());
    node.env("NODE_ENV", "production");
    node
}

impl Candidate for Peer {
    fn accept(&self, load: &Load, size: usize, side_by_side: usize) -> Result<f64> {
        let wish = json!({
            "count": load.count,
            "batch": size,
            "side_by_side": side_by_side,
            "at": load.at,
            "url": load.url,
        });
        let said = command::output(node(self.address).args(["publish.mjs", &wish.to_string()]))?;
        let said: Value = serde_json::from_slice(&said.stdout)?;
        said["per_second"].as_f64().context("the publisher tells no rate")
    }

    /// Of Redis alone: the worker keeps no messages.
    fn resident(&self) -> Result<f64> {
        process::resident(self.redis.id())
    }
}
