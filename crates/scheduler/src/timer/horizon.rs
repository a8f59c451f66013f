//! How far ahead the timer holds messages in memory. What is due later costs nothing but disk,
//! and a start reads only what is due soon, however many messages wait.

use super::Due;

/// How far a look ahead reaches, milliseconds.
pub(crate) const AHEAD_MS: i64 = 120_000;
/// How long before it is reached the horizon is moved on, milliseconds.
const LEAD_MS: i64 = 60_000;
/// Messages that one look reads at most: publishes wait for it.
pub(crate) const AT_ONCE: u32 = 10_000;
/// While more than these wait for their start, none are read.
const ENOUGH: usize = 5_000;

/// The first place in the order of all messages that is not in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Horizon {
    /// Unix milliseconds.
    pub(crate) at: i64,
    pub(crate) seq: i64,
}

impl Horizon {
    /// Before everything.
    pub(crate) const NOWHERE: Self = Self { at: i64::MIN, seq: i64::MIN };

    /// Right behind an entry.
    pub(crate) fn behind(due: &Due) -> Self {
        Self { at: due.at, seq: due.seq.saturating_add(1) }
    }

    /// Whether the entry is one of those that memory holds.
    pub(super) fn covers(self, due: &Due) -> bool {
        Self { at: due.at, seq: due.seq } < self
    }

    /// Whether it is time to move it on, while `waiting` entries are not yet started.
    pub(super) fn is_near(self, now: i64, waiting: usize) -> bool {
        self.at < now.saturating_add(LEAD_MS) && waiting < ENOUGH
    }
}

/// What a look ahead found from the old horizon up to the new one.
#[derive(Debug)]
pub(crate) struct PrefetchResult {
    pub(crate) due: Vec<Due>,
    pub(crate) until: Horizon,
}
