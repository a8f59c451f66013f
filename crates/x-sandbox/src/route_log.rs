//! How often each account used each of the rated routes that create no posts.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use roost_core::clock::UnixMillis;

const QUARTER: i64 = 15 * 60 * 1000;

/// The times of uses, by account and route. In memory only: reads are no posts.
#[derive(Debug, Default)]
pub(crate) struct RouteLog(Mutex<HashMap<(i64, &'static str), Vec<i64>>>);

/// How one use went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RouteUse {
    /// The rate was not used up.
    pub(crate) fits: bool,
    /// Uses left in the window.
    pub(crate) remaining: usize,
    /// When the oldest use leaves the window: Unix seconds.
    pub(crate) reset: i64,
}

impl RouteLog {
    /// Counts one use of a route that allows `max` in 15 minutes; one too many does not count.
    pub(crate) fn count(
        &self,
        account: i64,
        route: &'static str,
        max: usize,
        now: UnixMillis,
    ) -> RouteUse {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = log.entry((account, route)).or_default();
        times.retain(|time| *time > now.0 - QUARTER);
        let fits = times.len() < max;
        if fits {
            times.push(now.0);
        }
        RouteUse {
            fits,
            remaining: max.saturating_sub(times.len()),
            reset: UnixMillis(times.first().copied().unwrap_or(now.0) + QUARTER)
                .seconds_rounded_up(),
        }
    }
}
