//! The number of the newest event, and whoever waits for the next one. Those that wait are woken in the order
//! in which they came, each time: a `watch` channel would wake them in an order of its own.

use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// The head of the feed of events.
#[derive(Debug)]
pub(crate) struct FeedHead {
    newest: AtomicI64,
    advanced: Notify,
}

impl FeedHead {
    /// Returns the head of a feed whose newest event has this number.
    pub(crate) fn at(newest: i64) -> Self {
        Self { newest: AtomicI64::new(newest), advanced: Notify::new() }
    }

    /// Notes the number of an event that is on disk, and wakes all that wait for one.
    pub(crate) fn advance(&self, newest: i64) {
        if self.newest.fetch_max(newest, Ordering::AcqRel) < newest {
            self.advanced.notify_waiters();
        }
    }

    /// Returns what is done once the head has advanced after this call.
    pub(crate) fn advanced(&self) -> Notified<'_> {
        self.advanced.notified()
    }
}
