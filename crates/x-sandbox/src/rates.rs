//! How many posts each account and the app have made lately, against the limits.

use std::collections::HashMap;

use roost_core::clock::UnixMillis;
use roost_core::limits::{Limits, Rate, Scope, Subscription};
use rusqlite::Connection;

const DAY_SECONDS: u32 = 24 * 60 * 60;

/// The times of the requests that count, oldest first. Read from the ledger at the start: what
/// the limits see survives a crash.
#[derive(Debug, Default)]
pub(crate) struct RateLog {
    app: Vec<UnixMillis>,
    accounts: HashMap<i64, Vec<UnixMillis>>,
}

/// A window as X's headers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The headers' common beginning.
    pub(crate) header: &'static str,
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Unix seconds.
    pub(crate) reset: i64,
}

/// What the limits say to one more post.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The windows, before this post is counted.
    pub(crate) windows: Vec<Window>,
    /// A rate window is empty: 429.
    pub(crate) limited: bool,
    /// The account's own daily number is reached: 403.
    pub(crate) over_daily: bool,
}

impl RateLog {
    pub(crate) fn load(db: &Connection, since: i64) -> Result<Self, rusqlite::Error> {
        let mut log = Self::default();
        let mut statement = db.prepare(
            "SELECT account_id, arrived_at FROM create_request
             WHERE counted = 1 AND arrived_at > ?1 ORDER BY arrived_at",
        )?;
        let rows = statement.query_map([since], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            let (account, at): (i64, i64) = row?;
            log.count(account, UnixMillis(at));
        }
        Ok(log)
    }

    /// Counts one request.
    pub(crate) fn count(&mut self, account: i64, at: UnixMillis) {
        insert(&mut self.app, at);
        insert(self.accounts.entry(account).or_default(), at);
    }

    /// Forgets what no rate looks at any more.
    pub(crate) fn forget_before(&mut self, at: UnixMillis) {
        // Only now and then: moving the whole list costs more than keeping a little too much.
        let old = self.app.partition_point(|time| *time <= at);
        if old > 1000 {
            self.app.drain(..old);
            for times in self.accounts.values_mut() {
                let old = times.partition_point(|time| *time <= at);
                times.drain(..old);
            }
        }
    }

    /// Asks every limit.
    pub(crate) fn ask(
        &self,
        limits: &Limits,
        account: i64,
        subscription: Subscription,
        now: UnixMillis,
    ) -> Verdict {
        let own = self.accounts.get(&account).map_or(&[][..], Vec::as_slice);
        let mut verdict = Verdict { windows: Vec::new(), limited: false, over_daily: false };
        for rate in limits.rates.iter().filter(|rate| rate.binds(subscription)) {
            let times = if rate.scope == Scope::App { &self.app } else { own };
            let window = window(rate, times, now);
            match rate.scope {
                // X tells this one by a refusal, not by headers.
                Scope::UnverifiedAccount => verdict.over_daily |= window.remaining == 0,
                Scope::Account | Scope::App => {
                    verdict.limited |= window.remaining == 0;
                    merge(&mut verdict.windows, window);
                }
            }
        }
        verdict
    }
}

/// Several rates may share one set of headers; the tighter one is told.
fn merge(windows: &mut Vec<Window>, new: Window) {
    match windows.iter_mut().find(|window| window.header == new.header) {
        Some(old) if (new.remaining, -new.reset) < (old.remaining, -old.reset) => *old = new,
        Some(_) => {}
        None => windows.push(new),
    }
}

fn window(rate: &Rate, times: &[UnixMillis], now: UnixMillis) -> Window {
    let span = i64::from(rate.per_seconds) * 1000;
    let counted = &times[times.partition_point(|time| time.0 <= now.0 - span)..];
    let used = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    let remaining = rate.max.saturating_sub(used);
    let reset = match (remaining, counted.first()) {
        (0, _) => rate.next_free(counted, now),
        (_, Some(oldest)) => UnixMillis(oldest.0 + span),
        (_, None) => UnixMillis(now.0 + span),
    };
    let header = match (rate.scope, rate.per_seconds >= DAY_SECONDS) {
        (Scope::App, _) => "x-app-limit-24hour",
        (_, true) => "x-user-limit-24hour",
        (_, false) => "x-rate-limit",
    };
    Window { header, limit: rate.max, remaining, reset: reset.seconds_rounded_up() }
}

fn insert(times: &mut Vec<UnixMillis>, at: UnixMillis) {
    // Nearly always the last; a clock may be set back.
    let place = times.partition_point(|time| *time <= at);
    times.insert(place, at);
}

#[cfg(test)]
mod tests {
    use roost_core::limits::Plan;

    use super::*;

    fn log(account: i64, seconds: impl IntoIterator<Item = i64>) -> RateLog {
        let mut log = RateLog::default();
        for second in seconds {
            log.count(account, UnixMillis::from_seconds(second));
        }
        log
    }

    #[test]
    fn the_hundredth_post_in_a_quarter_of_an_hour_is_the_last() {
        let limits = Limits::of(Plan::PayPerUse);
        let now = UnixMillis::from_seconds(1000);
        let almost = log(1, (0..99).map(|index| 500 + index));
        let verdict = almost.ask(&limits, 1, Subscription::Premium, now);
        assert!(!verdict.limited);
        assert_eq!(verdict.windows[0].remaining, 1);
        let full = log(1, (0..100).map(|index| 500 + index));
        let verdict = full.ask(&limits, 1, Subscription::Premium, now);
        assert!(verdict.limited);
        let short = verdict.windows.iter().find(|window| window.header == "x-rate-limit");
        assert_eq!(short.map(|window| window.reset), Some(500 + 15 * 60));
        assert!(!full.ask(&limits, 2, Subscription::Premium, now).limited);
    }

    #[test]
    fn fifty_a_day_is_a_rule_for_the_unverified() {
        let limits = Limits::of(Plan::PayPerUse);
        let full = log(1, 0..50);
        let now = UnixMillis::from_seconds(5000);
        assert!(full.ask(&limits, 1, Subscription::None, now).over_daily);
        assert!(!full.ask(&limits, 1, Subscription::Basic, now).over_daily);
    }
}
