//! What a million messages that wait for another month take: memory, a start, and punctuality.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::Late;
use super::candidate::{Candidate, far};
use super::message::Load;
use super::ours::Ours;
use super::peer::{Peer, Sync};
use super::receiver::Receiver;

/// Messages in one request while the queue is filled.
const BATCH: usize = 500;
/// Messages that the peer is filled with: enough to tell what each takes.
const PEERS: usize = 100_000;

/// What was seen.
pub(super) struct Waiting {
    /// How many waited.
    pub(super) count: usize,
    /// Memory at rest after they were accepted, MB.
    pub(super) resident: f64,
    /// The most there ever was, MB.
    pub(super) peak: f64,
    /// Memory of each, bytes.
    pub(super) each: f64,
    /// Memory of each at the peer, bytes.
    pub(super) each_of_peer: f64,
    /// From the start of the program to its first answer.
    pub(super) start: Duration,
    /// Memory at rest after that start, MB.
    pub(super) resident_after_start: f64,
    /// Of a thousand that are due at once.
    pub(super) late: Late,
}

/// Fills ours through its API, looks, starts it again, and looks again.
pub(super) fn measure(scratch: &Path, receiver: &Receiver, count: usize) -> Result<Waiting> {
    let folder = scratch.join("waiting");
    std::fs::create_dir_all(&folder)?;
    let (ours, _) = Ours::start(&folder)?;
    let empty = ours.resident_at_rest()?;
    let load = Load { url: receiver.url(), count, at: far(), spread: true };
    let rate = ours.accept(&load, BATCH, 4)?;
    eprintln!("{count} messages accepted, {rate:.0}/s in batches of {BATCH}");
    let (resident, mut peak) = (ours.resident_at_rest()?, ours.peak()?);
    let mut late = Late::default();
    late.watch(&ours, receiver)?;
    ours.stop()?;
    let (ours, start) = Ours::start(&folder)?;
    let resident_after_start = ours.resident_at_rest()?;
    late.watch(&ours, receiver)?;
    late.watch(&ours, receiver)?;
    peak = peak.max(ours.peak()?);
    ours.stop()?;
    let each_of_peer = peer(scratch, receiver)?;
    #[expect(clippy::cast_precision_loss, reason = "a million")]
    let each = (resident - empty).max(0.0) * 1e6 / count as f64;
    Ok(Waiting { count, resident, peak, each, each_of_peer, start, resident_after_start, late })
}

/// Memory of each message that waits at the peer, bytes.
fn peer(scratch: &Path, receiver: &Receiver) -> Result<f64> {
    let folder = scratch.join("waiting-peer");
    std::fs::create_dir_all(&folder)?;
    let peer = Peer::start(&folder, Sync::EverySecond)?;
    let empty = peer.resident()?;
    let load = Load { url: receiver.url(), count: PEERS, at: far(), spread: false };
    peer.accept(&load, BATCH, 4)?;
    #[expect(clippy::cast_precision_loss, reason = "a hundred thousand")]
    let each = (peer.resident()? - empty).max(0.0) * 1e6 / PEERS as f64;
    Ok(each)
}
