//! The clocks. Timers are Tokio's, paused, so that they move on when nothing else can happen; wall clocks
//! run faster than they do, and jump.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use roost_core::clock::{Clock, UnixMillis};
use tokio::time::Instant;

/// Seconds of a wall clock in one second of a timer: nothing here may sleep to a deadline, so that a timer
/// that is slow changes nothing but how much there is to compute.
pub(crate) const SPEED: u32 = 18;

/// The true time.
#[derive(Debug)]
pub(crate) struct Time {
    began: Instant,
    base: UnixMillis,
    /// How far it was moved beyond what timers tell, in milliseconds.
    jumped: AtomicI64,
}

impl Time {
    /// Begins at `base`. Within a Tokio runtime.
    pub(crate) fn at(base: UnixMillis) -> Self {
        Self { began: Instant::now(), base, jumped: AtomicI64::new(0) }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        let now = self.base.plus(self.began.elapsed() * SPEED);
        UnixMillis(now.0 + self.jumped.load(Ordering::Relaxed))
    }

    /// Everything sleeps for so long: timers stand still, and clocks go on.
    pub(crate) fn skip(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.jumped.fetch_add(millis, Ordering::Relaxed);
    }
}

/// The wall clock of one computer, which may be wrong.
#[derive(Debug)]
pub(crate) struct WallClock {
    time: Arc<Time>,
    /// How far it is ahead of the true time, in milliseconds.
    ahead: AtomicI64,
}

impl WallClock {
    pub(crate) const fn new(time: Arc<Time>) -> Self {
        Self { time, ahead: AtomicI64::new(0) }
    }

    /// Sets it, so many milliseconds ahead of the true time, or behind.
    pub(crate) fn set_ahead(&self, millis: i64) {
        self.ahead.store(millis, Ordering::Relaxed);
    }
}

impl Clock for WallClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.time.now().0 + self.ahead.load(Ordering::Relaxed))
    }
}
