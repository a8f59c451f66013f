//! Whether the plan asks for more posts than X lets out. Such posts are not lost: the relay makes
//! them wait. But the person should know before, not at night.

use std::collections::BTreeMap;

use super::accounts::Accounts;
use super::options::Options;
use super::parsed::Row;
use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Findings, Problem};
use roost_core::id::XUserId;
use roost_core::limits::{Rate, Scope};
use roost_core::status::Status;
use roost_core::zone::{Zone, wall_time_of};

/// Warns once for each account and limit that the rows would overrun.
pub(super) fn check(
    rows: &[Row],
    accounts: &Accounts<'_>,
    zone: &Zone,
    options: &Options,
    findings: &mut Findings,
) {
    let mut plans: BTreeMap<Option<XUserId>, Vec<(UnixMillis, bool)>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.status == Status::Pending) {
        let plan = plans.entry(row.account.clone()).or_default();
        plan.extend(row.scheduled_at.map(|at| (at, true)));
    }
    let mut app = Vec::new();
    for (account, plan) in &mut plans {
        plan.extend(options.known.times(account).into_iter().flatten().map(|at| (*at, false)));
        plan.sort_unstable();
        app.extend_from_slice(plan);
        let subscription = accounts.subscription(account.as_ref());
        let limits = accounts.limits(account.as_ref()).unwrap_or(&options.limits);
        let rates = limits.rates.iter().filter(|rate| rate.binds(subscription));
        for rate in rates.filter(|rate| rate.scope != Scope::App) {
            let whose = || accounts.handle(account.as_ref());
            warn_if_crowded(plan, *rate, &whose, zone, findings);
        }
    }
    app.sort_unstable();
    // One relay sends them all: what it told of one account holds for the app.
    let told = plans.keys().find_map(|account| accounts.limits(account.as_ref()));
    let limits = told.unwrap_or(&options.limits);
    for rate in limits.rates.iter().filter(|rate| rate.scope == Scope::App) {
        warn_if_crowded(&app, *rate, &|| "all accounts together".to_owned(), zone, findings);
    }
}

fn warn_if_crowded(
    plan: &[(UnixMillis, bool)],
    rate: Rate,
    whose: &dyn Fn() -> String,
    zone: &Zone,
    findings: &mut Findings,
) {
    let Some((from, count)) = most_crowded(plan, rate) else { return };
    findings.warn(|| {
        let message = format!(
            "{count} posts of {} fall within {} from {}; the limit is {}.",
            whose(),
            span(rate.per_seconds),
            wall_time_of(from, zone),
            rate.max
        );
        Problem::new(Code::RateLimited, message)
            .in_field("scheduledAt")
            .with_remedy("Spread them; what is over waits for the next free slot.")
    });
}

/// The span of the rate that holds the most posts, when more than allowed: its first post and how
/// many. Only spans that end with a new post count: the others are none of this file's doing.
fn most_crowded(plan: &[(UnixMillis, bool)], rate: Rate) -> Option<(UnixMillis, usize)> {
    let span = i64::from(rate.per_seconds) * 1000;
    let mut oldest = 0;
    let mut worst: Option<(UnixMillis, usize)> = None;
    for (at, (time, is_new)) in plan.iter().enumerate() {
        while plan[oldest].0.0 <= time.0 - span {
            oldest += 1;
        }
        let count = at + 1 - oldest;
        let known = worst.map_or(rate.max as usize, |(_, most)| most);
        if *is_new && count > known {
            worst = Some((plan[oldest].0, count));
        }
    }
    worst
}

/// Returns a span as people say it: `24 hours`.
#[must_use]
pub fn span(seconds: u32) -> String {
    if seconds.is_multiple_of(3600) {
        format!("{} hours", seconds / 3600)
    } else {
        format!("{} minutes", seconds / 60)
    }
}
