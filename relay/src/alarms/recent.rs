//! What counters grew by of late.

use std::collections::VecDeque;
use std::time::Duration;

use roost_core::clock::UnixMillis;

use crate::metrics::Metrics;

/// How far back is looked.
const KEEP: Duration = Duration::from_secs(60 * 60);

/// The counters that alarms look at, at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) backstop: u64,
    pub(super) signatures_refused: u64,
    pub(super) creates: u64,
    pub(super) created: u64,
}

impl Counts {
    pub(super) fn of(metrics: &Metrics) -> Self {
        Self {
            backstop: metrics.backstop.get(),
            signatures_refused: metrics.signatures_refused.get(),
            creates: metrics.creates.get(),
            created: metrics.created.get(),
        }
    }

    fn minus(self, earlier: Self) -> Self {
        Self {
            backstop: self.backstop.saturating_sub(earlier.backstop),
            signatures_refused: self.signatures_refused.saturating_sub(earlier.signatures_refused),
            creates: self.creates.saturating_sub(earlier.creates),
            created: self.created.saturating_sub(earlier.created),
        }
    }
}

/// Counters of the last hour, one look after the other.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<(UnixMillis, Counts)>);

impl Recent {
    /// Notes a look; the oldest are forgotten, and one before the hour is kept to compare with.
    pub(super) fn note(&mut self, now: UnixMillis, counts: Counts) {
        if self.0.back().is_some_and(|(last, _)| *last > now) {
            // The clock was set back: what was noted says nothing any more.
            self.0.clear();
        }
        self.0.push_back((now, counts));
        while self.0.get(1).is_some_and(|(at, _)| now.since(*at) > KEEP) {
            self.0.pop_front();
        }
    }

    /// Returns what the counters grew by in the last `within`.
    pub(super) fn grown(&self, within: Duration) -> Counts {
        let Some((now, newest)) = self.0.back() else { return Counts::default() };
        let before = self.0.iter().rev().find(|(at, _)| now.since(*at) >= within);
        // Before its first look the relay had counted nothing.
        newest.minus(before.map(|(_, counts)| *counts).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_of_the_time_that_is_asked_for_and_the_memory_has_an_end() {
        let mut recent = Recent::default();
        let minutes = |count: u64| Duration::from_secs(count * 60);
        for minute in 0..600_u64 {
            let now = UnixMillis(0).plus(minutes(minute));
            recent.note(now, Counts { backstop: minute, ..Counts::default() });
        }
        assert_eq!(recent.grown(minutes(10)).backstop, 10);
        assert_eq!(recent.grown(minutes(60)).backstop, 60);
        assert!(recent.0.len() <= 62, "{}", recent.0.len());
    }
}
