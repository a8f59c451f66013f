//! What happened to messages, counted with the change itself: a change that is not kept is not
//! counted.

use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, params};

use super::MessageState;

/// What one write, or a group of them, did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChangeCounters {
    /// Accepted, callbacks and what schedules make included.
    pub(crate) published: u64,
    /// Attempts that failed and will be made again.
    pub(crate) retried: u64,
    pub(crate) delivered: u64,
    pub(crate) failed: u64,
    pub(crate) canceled: u64,
    /// Past their retention: delivered, failed, cancelled.
    forgotten: [u64; 3],
}

impl ChangeCounters {
    pub(super) fn end(&mut self, state: MessageState) {
        match state {
            MessageState::Delivered => self.delivered += 1,
            MessageState::Failed => self.failed += 1,
            MessageState::Canceled => self.canceled += 1,
            MessageState::Live | MessageState::Canceling => {}
        }
    }

    pub(super) fn forget(&mut self, state: MessageState) {
        match state {
            MessageState::Delivered => self.forgotten[0] += 1,
            MessageState::Failed => self.forgotten[1] += 1,
            MessageState::Canceled => self.forgotten[2] += 1,
            MessageState::Live | MessageState::Canceling => {}
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.published += other.published;
        self.retried += other.retried;
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.canceled += other.canceled;
        for (sum, more) in self.forgotten.iter_mut().zip(other.forgotten) {
            *sum += more;
        }
    }

    /// Writes down how many ended messages there are now.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let states = [MessageState::Delivered, MessageState::Failed, MessageState::Canceled];
        let ended = [self.delivered, self.failed, self.canceled];
        for ((state, ended), forgotten) in states.into_iter().zip(ended).zip(self.forgotten) {
            if ended != forgotten {
                let sql = "UPDATE tally SET messages = messages + ?2 - ?3 WHERE state = ?1";
                let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
                let values = params![state.as_str(), number(ended), number(forgotten)];
                connection.prepare_cached(sql)?.execute(values)?;
            }
        }
        Ok(())
    }
}

/// Upper ends of the buckets that lateness is counted in, milliseconds.
pub(crate) const LATENESS_MS: [i64; 13] =
    [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000, 600_000];

/// What happened since this process began.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    published: AtomicU64,
    retried: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    canceled: AtomicU64,
    /// Attempts by how late they began: one for each of [`LATENESS_MS`], and one beyond.
    late: [AtomicU64; LATENESS_MS.len() + 1],
    /// Of all attempts, milliseconds.
    late_sum: AtomicU64,
}

impl Counters {
    pub(super) fn add(&self, counters: &ChangeCounters) {
        self.published.fetch_add(counters.published, Ordering::Relaxed);
        self.retried.fetch_add(counters.retried, Ordering::Relaxed);
        self.delivered.fetch_add(counters.delivered, Ordering::Relaxed);
        self.failed.fetch_add(counters.failed, Ordering::Relaxed);
        self.canceled.fetch_add(counters.canceled, Ordering::Relaxed);
    }

    /// What is on disk since this process began.
    pub(crate) fn read(&self) -> ChangeCounters {
        ChangeCounters {
            published: self.published.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
            delivered: self.delivered.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            canceled: self.canceled.load(Ordering::Relaxed),
            forgotten: [0; 3],
        }
    }

    /// An attempt begins so many milliseconds after its time.
    pub(crate) fn begin(&self, late_ms: i64) {
        let bucket = LATENESS_MS.iter().position(|end| late_ms <= *end);
        let bucket = bucket.unwrap_or(LATENESS_MS.len());
        self.late[bucket].fetch_add(1, Ordering::Relaxed);
        self.late_sum.fetch_add(late_ms.max(0).unsigned_abs(), Ordering::Relaxed);
    }

    /// Attempts by how late they began, not yet summed up; and the sum of all, milliseconds.
    pub(crate) fn lateness(&self) -> (Vec<u64>, u64) {
        let late = self.late.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        (late, self.late_sum.load(Ordering::Relaxed))
    }
}
