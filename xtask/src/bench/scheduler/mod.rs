//! The scheduler, as it is shipped: what it accepts and delivers per second, how late, and what a
//! million waiting messages take. Beside it SQLite and HTTP alone, and BullMQ on Redis.

mod candidate;
mod floor;
mod message;
mod ours;
mod peer;
mod receiver;
mod rows;
mod waiting;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::load::quantile;
use super::{Row, build_release};
use crate::project;
use candidate::{Candidate, deliver, far};
use message::Load;
use ours::Ours;
use peer::{Peer, Sync};
use receiver::Receiver;

/// How much to measure.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Arguments {
    /// One round, and a tenth of the waiting messages: for a first look.
    #[arg(long)]
    quick: bool,
}

/// All contenders are measured this many times, in turn.
const ROUNDS: usize = 3;
/// Messages that are due at the same instant, to see how fast they go out.
const BURST: usize = 20_000;
/// Messages that are due at the same instant, to see how late the last ones are.
const TOGETHER: usize = 1_000;

/// One way to publish.
struct Publish {
    name: &'static str,
    count: usize,
    /// Messages in one request.
    size: usize,
    side_by_side: usize,
}

const PUBLISHES: [Publish; 3] = [
    Publish { name: "one by one, 1 connection", count: 500, size: 1, side_by_side: 1 },
    Publish { name: "one by one, 64 connections", count: 8_000, size: 1, side_by_side: 64 },
    Publish { name: "batches of 100, 4 connections", count: 30_000, size: 100, side_by_side: 4 },
];

/// How late messages were, milliseconds.
#[derive(Debug, Default)]
struct Late {
    median: Vec<f64>,
    slow: Vec<f64>,
}

/// What one candidate showed over all rounds.
#[derive(Debug, Default)]
struct Seen {
    /// By way to publish, messages per second.
    accepted: [Vec<f64>; PUBLISHES.len()],
    /// Messages per second.
    delivered: Vec<f64>,
    /// With one other message waiting.
    late_of_few: Late,
    /// With a thousand others waiting.
    late_of_many: Late,
}

/// What is measured in one run.
#[derive(Default)]
struct Figures {
    ours: Seen,
    peer: Seen,
    /// The peer when it syncs as we do, messages delivered per second.
    durable_peer: Vec<f64>,
    /// By way to publish, rows per second.
    commits: [Vec<f64>; PUBLISHES.len()],
    posts: Vec<f64>,
}

/// Measures and returns one row for each figure.
pub(crate) fn measure(arguments: Arguments) -> Result<Vec<Row>> {
    Peer::check()?;
    build_release(&["roost-scheduler"])?;
    let scratch = scratch()?;
    let receiver = Receiver::start()?;
    let mut figures = Figures::default();
    let (rounds, million) = if arguments.quick { (1, 100_000) } else { (ROUNDS, 1_000_000) };
    for round in 0..rounds {
        eprintln!("Round {} of {rounds}", round + 1);
        let folder = |name: &str| -> Result<_> {
            let folder = scratch.path().join(format!("{name}-{round}"));
            std::fs::create_dir_all(&folder)?;
            Ok(folder)
        };
        let (ours, _) = Ours::start(&folder("ours")?)?;
        figures.ours.watch("ours", &ours, &receiver)?;
        ours.stop()?;
        figures.limits(&folder("floor")?, &receiver)?;
        let peer = Peer::start(&folder("peer")?, Sync::EverySecond)?;
        figures.peer.watch("peer", &peer, &receiver)?;
        drop(peer);
        let peer = Peer::start(&folder("durable-peer")?, Sync::Always)?;
        let seen = deliver(&peer, &receiver, BURST, AHEAD)?;
        eprintln!("  durable peer: {:.0} deliveries/s", seen.per_second());
        figures.durable_peer.push(seen.per_second());
    }
    let waiting = waiting::measure(scratch.path(), &receiver, million)?;
    Ok(rows::of(figures, waiting))
}

/// How long before its time a burst is published.
const AHEAD: Duration = Duration::from_secs(8);
/// How long before its time a small burst is published.
const SOON: Duration = Duration::from_secs(3);

/// A folder of its own on the disk that holds the project, gone when it is dropped.
fn scratch() -> Result<tempfile::TempDir> {
    let bench = project::bench();
    std::fs::create_dir_all(&bench)?;
    tempfile::Builder::new().prefix("scheduler-").tempdir_in(bench).context("no scratch folder")
}

impl Seen {
    fn watch(&mut self, name: &str, one: &impl Candidate, receiver: &Receiver) -> Result<()> {
        let others = |count| Load { url: receiver.url(), count, at: far(), spread: false };
        one.accept(&others(1), 1, 1)?;
        self.late_of_few.watch(one, receiver)?;
        one.accept(&others(999), 100, 4)?;
        self.late_of_many.watch(one, receiver)?;
        for (publish, rates) in PUBLISHES.iter().zip(&mut self.accepted) {
            let rate = one.accept(&others(publish.count), publish.size, publish.side_by_side)?;
            eprintln!("  {name}: {rate:.0} accepted/s, {}", publish.name);
            rates.push(rate);
        }
        let seen = deliver(one, receiver, BURST, AHEAD)?;
        eprintln!(
            "  {name}: {:.0} deliveries/s ({} for {BURST} messages); of {TOGETHER} due at once \
             99 % within {:.0} ms",
            seen.per_second(),
            seen.count,
            quantile(&mut self.late_of_many.slow.clone(), 0.5),
        );
        self.delivered.push(seen.per_second());
        Ok(())
    }
}

impl Late {
    fn watch(&mut self, one: &impl Candidate, receiver: &Receiver) -> Result<()> {
        let mut late = deliver(one, receiver, TOGETHER, SOON)?.late;
        self.median.push(quantile(&mut late, 0.5));
        self.slow.push(quantile(&mut late, 0.99));
        Ok(())
    }
}

impl Figures {
    fn limits(&mut self, folder: &Path, receiver: &Receiver) -> Result<()> {
        for (publish, rates) in PUBLISHES.iter().zip(&mut self.commits) {
            let group = publish.size * publish.side_by_side;
            rates.push(floor::commits(folder, group, Duration::from_secs(1))?);
        }
        self.posts.push(floor::posts(receiver, BURST)?);
        eprintln!("  limits: {:.0?} rows/s, {:.0?} posts/s", self.commits, self.posts);
        Ok(())
    }
}
