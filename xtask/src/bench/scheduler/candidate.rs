//! What is measured: something that accepts messages and delivers them when they are due.

use std::time::Duration;

use anyhow::{Result, ensure};
use roost_core::clock::{Clock as _, SystemClock};

use super::message::Load;
use super::receiver::{Receiver, Seen};

/// A scheduler, ours or the peer.
pub(super) trait Candidate {
    /// Accepts the messages, `size` in one request, `side_by_side` requests at a time; gives
    /// messages per second.
    fn accept(&self, load: &Load, size: usize, side_by_side: usize) -> Result<f64>;
    /// Resident memory, MB, of all that keeps messages.
    fn resident(&self) -> Result<f64>;
}

/// Unix seconds.
pub(super) fn now() -> i64 {
    SystemClock.now().0.div_euclid(1000)
}

/// Far enough away that nothing of it is due while anything is measured.
pub(super) fn far() -> i64 {
    const MONTH: i64 = 30 * 86_400;
    now() + MONTH
}

/// No candidate takes longer than this to accept a burst.
const LONGEST: Duration = Duration::from_secs(64);

/// Accepts `count` messages that are due at the same instant, at least `ahead` from now, and tells
/// how they arrived. When they were not accepted in time it is done again, further ahead.
pub(super) fn deliver(
    candidate: &impl Candidate,
    receiver: &Receiver,
    count: usize,
    ahead: Duration,
) -> Result<Seen> {
    let mut ahead = ahead;
    loop {
        let at = now() + i64::try_from(ahead.as_secs())?;
        let load = Load { url: receiver.url(), count, at, spread: false };
        receiver.clear();
        candidate.accept(&load, 100, 4)?;
        let in_time = now() < at;
        let seen = receiver.take(count)?;
        if in_time {
            let early = seen.late.iter().filter(|late| **late < 0.0).count();
            ensure!(early == 0, "{early} messages came before their time");
            return Ok(seen);
        }
        ahead *= 2;
        ensure!(ahead <= LONGEST, "{count} messages were not accepted before they were due");
    }
}
