//! What is measured: something that takes deliveries and decides posts.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use roost_core::id::PostId;
use rusqlite::{Connection, OpenFlags};

use super::delivery::{self, Keys};
use crate::bench::program::Program;
use crate::bench::{load, process};

/// A load that takes longer than this is not going to end.
const PATIENCE: Duration = Duration::from_secs(50);
/// Between two looks at what is decided.
const LOOK: Duration = Duration::from_millis(2);

/// A relay, ours or the peer.
pub(super) trait Candidate {
    /// Its process.
    fn program(&self) -> &Program;
    /// Where it listens.
    fn address(&self) -> SocketAddr;
    /// The keys that it believes.
    fn keys(&self) -> &Keys;
    /// Its database.
    fn database(&self) -> &Path;
    /// Counts the posts whose result is committed.
    const DECIDED: &'static str;
    /// Makes posts that are due now.
    fn stage(&mut self, count: usize) -> Result<Vec<PostId>>;
}

/// One load on one candidate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    /// Results committed per second, from the first request to the last commit.
    pub(super) per_second: f64,
    /// Of the answers, milliseconds.
    pub(super) median_answer: f64,
    /// Of the answers, milliseconds.
    pub(super) slow_answer: f64,
    /// Processor time of the candidate per delivery, microseconds.
    pub(super) own_processor: f64,
    /// Processor time of the generator per delivery, microseconds.
    pub(super) load_processor: f64,
}

/// Stages posts, then delivers them over `connections` and waits until every result is committed.
pub(super) fn deliver<C: Candidate>(
    candidate: &mut C,
    count: usize,
    connections: usize,
) -> Result<Outcome> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let posts = candidate.stage(count)?;
    let ledger = Connection::open_with_flags(candidate.database(), flags)?;
    ledger.busy_timeout(PATIENCE)?;
    let mut decided = ledger.prepare(C::DECIDED)?;
    let before: i64 = decided.query_row([], |row| row.get(0))?;
    let wanted = before + i64::try_from(count).context("so many")?;
    let requests = delivery::requests(candidate.keys(), &posts);

    let (own, id) = (candidate.program().id(), std::process::id());
    let processor = (process::processor_seconds(own)?, process::processor_seconds(id)?);
    let fired = load::fire(candidate.address(), requests, connections)?;
    let load_seconds = process::processor_seconds(id)? - processor.1;
    while decided.query_row([], |row| row.get::<_, i64>(0))? < wanted {
        if fired.begun.elapsed() > PATIENCE {
            bail!("posts stay undecided after {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(LOOK);
    }
    let elapsed = Instant::now().duration_since(fired.begun).as_secs_f64();
    let own_seconds = process::processor_seconds(own)? - processor.0;
    let mut answers: Vec<f64> =
        fired.latencies.iter().map(|latency| latency.as_secs_f64() * 1e3).collect();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let count = count as f64;
    Ok(Outcome {
        per_second: count / elapsed,
        median_answer: load::quantile(&mut answers, 0.5),
        slow_answer: load::quantile(&mut answers, 0.99),
        own_processor: own_seconds / count * 1e6,
        load_processor: load_seconds / count * 1e6,
    })
}
