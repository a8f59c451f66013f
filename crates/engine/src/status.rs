//! The status bar: relay, horizon, promise, cost.

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, resolve, wall_time_of};
use roost_store::{Filter, List};

use crate::inner::{Heard, Inner};
use crate::view::{SyncState, Trouble};
use crate::{Result, horizon, leave, preferences, restored};

/// Everything that the status bar shows.
pub(crate) async fn sync_state(inner: &Inner) -> Result<SyncState> {
    let zone = preferences::zone(inner).await?;
    let end = horizon::end(inner).await?;
    let sandbox = preferences::x_api_base(inner).await?;
    let (from, until) = month(inner.now(), &zone);
    let (heard, mode, now) = (inner.heard().clone(), inner.mode(), inner.now());
    let heard = Heard {
        trouble: inner.copy_trouble().or(inner.file_health().damage()).or(heard.trouble),
        ..heard
    };
    let services = inner.services().ok();
    let no_scheduler = services.as_ref().and_then(|services| services.scheduler().err());
    let relay = services.map(|services| services.relay_public_url);
    inner
        .read(move |store| {
            let coverage = store.coverage()?;
            let cost = |list, from| {
                let until = Some(until);
                store.cost_of_posts(&Filter { list: Some(list), from, until, ..Filter::default() })
            };
            let month_cost_micros = cost(List::Posted, Some(from))?;
            let gap = coverage.first_gap.as_ref().map(|gap| gap.at);
            Ok(SyncState {
                mode,
                relay: heard.relay,
                scheduler: heard.scheduler,
                last_sync_at: store.last_whole_sync()?.and_then(|run| run.finished_at),
                syncing: heard.syncing,
                paused: heard.paused,
                safe_to_close: horizon::safe_to_close(mode, gap, now),
                handed_over: coverage.handed_over,
                waiting_here: coverage.waiting_here,
                waiting_beyond: store.posts_beyond(end)?,
                horizon_until: end,
                intentions: store.outbox_open()?,
                month_cost_micros,
                month_forecast_micros: month_cost_micros + cost(List::Upcoming, None)?,
                clock_skew_ms: heard.clock_skew_ms,
                sandbox: sandbox.as_deref().is_some_and(preferences::is_sandbox),
                trouble: match (heard.trouble.or(restored::trouble(store)?), &relay) {
                    (None, Some(relay)) => leave::trouble(store, relay)?.or_else(|| {
                        let error = no_scheduler.filter(|_| coverage.waiting_here > 0)?;
                        Some(Trouble { code: error.code(), message: error.to_string() })
                    }),
                    (trouble, _) => trouble,
                },
            })
        })
        .await
}

/// The month in which `now` lies, on the clocks of `zone`.
fn month(now: UnixMillis, zone: &Zone) -> (UnixMillis, UnixMillis) {
    let wall = wall_time_of(now, zone);
    let first = |year, month| {
        WallTime::new(year, month, 1, 0, 0, 0).map_or(now, |wall| resolve(&wall, zone).instant)
    };
    let from = first(wall.year(), wall.month());
    let until = match wall.month() {
        12 => first(wall.year().saturating_add(1), 1),
        month => first(wall.year(), month + 1),
    };
    (from, until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_and_ends_on_the_clocks_of_its_zone() {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        // 2026-12-31 20:00 UTC is 2027 in Kolkata already.
        let (from, until) = month(UnixMillis::from_seconds(1_798_747_200), &zone);
        assert_eq!(from.to_string(), "2026-12-31T18:30:00Z");
        assert_eq!(until.to_string(), "2027-01-31T18:30:00Z");
    }
}
