//! The status bar: relay, horizon, promise, cost.

use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, resolve, wall_time_of};
use roost_store::{Backlog, Error as StoreError, Filter, List, Read};

use crate::diagnosis::blockers::{self, Clocks, Facts, PausedAccount, Unwell};
use crate::diagnosis::holds;
use crate::diagnosis::safe_to_close::safe_to_close;
use crate::relay::{account_sync, restored, session};
use crate::state::{EngineState, ServiceHealth};
use crate::sync::scheduler_refusal;
use crate::view::{SyncState, Trouble, UploadsNow};
use crate::{Mode, Result, horizon, outgrown, paused, preferences, switch_relay, time_rules};

/// Everything that the status bar shows.
pub(crate) async fn sync_state(engine: &EngineState) -> Result<SyncState> {
    let zone = preferences::zone(engine).await?;
    let end = horizon::end(engine).await?;
    let sandbox = preferences::x_api_base(engine).await?;
    let (from, until) = month(engine.now(), &zone);
    let (health, mode, now) = (engine.health().clone(), engine.mode(), engine.now());
    let refused_by = engine.current_refuser();
    let health = ServiceHealth {
        trouble: engine
            .moved_trouble()
            .or(engine.relocation_trouble())
            .or(engine.file_health().damage.clone())
            .or(health.trouble),
        ..health
    };
    let uploads = engine.uploads().progress().map(|progress| UploadsNow {
        files: progress.files,
        bytes: progress.bytes,
        sent_bytes: progress.sent_bytes,
        message: progress.failure.map(|failure| failure.message),
    });
    let services = engine.services().ok();
    let no_scheduler = services.as_ref().and_then(|services| services.scheduler().err());
    let relay = services.map(|services| services.relay_public_url);
    engine
        .read(move |store| {
            let known = health.trouble.clone().or(restored::trouble(store)?);
            let trouble = match (&known, &relay) {
                (None, Some(relay)) => match (switch_relay::trouble(store, relay)?, no_scheduler) {
                    (None, Some(error)) if store.coverage()?.waiting_here > 0 => {
                        Some(Trouble::new(error.code(), error.to_string()))
                    }
                    (trouble, _) => trouble,
                },
                (trouble, _) => trouble.clone(),
            };
            let facts = facts(store, &health, relay.as_deref(), trouble.clone(), mode, now, end)?;
            let refusal = scheduler_refusal::trouble(store, &refused_by, now)?;
            let facts = Facts { scheduler: refusal, ..facts };
            let blockers = blockers::blockers(&facts);
            let month_cost_micros = store.charged(from, until)?.cost_micros;
            let still_due =
                Filter { list: Some(List::Upcoming), until: Some(until), ..Filter::default() };
            let due_cost_micros = store.cost_of_posts(&still_due)?;
            let paused = facts.paused;
            Ok(SyncState {
                mode,
                relay: health.relay,
                scheduler: health.scheduler,
                last_sync_at: store.last_whole_sync()?.and_then(|run| run.finished_at),
                syncing: health.syncing,
                paused,
                safe_to_close: safe_to_close(&facts, &blockers),
                next_at: store.next_planned()?,
                handed_over: facts.handed_over,
                waiting_here: facts.open - facts.handed_over,
                waiting_beyond: store.posts_beyond(end)?,
                horizon_until: end,
                intentions: store.outbox_open()?,
                month_cost_micros,
                month_forecast_micros: month_cost_micros + due_cost_micros,
                clock_skew_ms: health.clock_skew_ms,
                sandbox: sandbox.as_deref().is_some_and(preferences::is_sandbox),
                uploads,
                trouble,
                waiting: facts.waiting,
                blockers,
            })
        })
        .await
}

/// Returns all that the blockers are made from but the scheduler's refusal: what the store knows, and
/// what was heard last.
fn facts(
    store: &Read<'_>,
    health: &ServiceHealth,
    relay: Option<&str>,
    trouble: Option<Trouble>,
    mode: Mode,
    now: UnixMillis,
    end: UnixMillis,
) -> std::result::Result<Facts, StoreError> {
    let coverage = store.coverage()?;
    let feed = relay.map(|relay| store.relay_feed(relay)).transpose()?.flatten();
    let relay_knows_store = match (&health.relay_status, &feed) {
        // Not the feed's place: it moves with each event, and the status is of a minute ago.
        (Some(status), Some(feed)) => session::is_same_database(feed, status),
        // Not asked, or nothing was ever handed to it.
        _ => true,
    };
    let status = health.relay_status.as_ref();
    let clocks = status.and_then(|status| status.clocks);
    Ok(Facts {
        mode,
        now,
        trouble,
        relay: health.relay.clone(),
        relay_refusal: health.relay_refusal.clone(),
        relay_knows_store,
        relay_not_ready: health.relay_not_ready.clone(),
        clocks: Clocks {
            // A relay of an earlier release tells only what is too far.
            relay_minus_x: clocks
                .and_then(|clocks| clocks.ahead_of_x_ms)
                .or_else(|| status.and_then(|status| status.clock_ahead_ms)),
            relay_minus_scheduler: clocks.and_then(|clocks| clocks.ahead_of_scheduler_ms),
            relay_minus_ours: health.clock_skew_ms,
        },
        scheduler: None,
        paused: is_paused(store, health)?,
        paused_accounts: paused_accounts(store)?,
        open: coverage.handed_over + coverage.waiting_here,
        handed_over: coverage.handed_over,
        not_handed_over: store.not_handed_over(end)?,
        withdrawing: store.withdrawing()?,
        without_account: store.waiting_for_account()?,
        accounts: unwell(store)?,
        waiting: holds::waiting(store)?,
        outgrown: outgrown(store)?,
        moved_by_rules: time_rules::backlog(store, now)?,
        turns_too_late: store.turns_too_late()?,
        first_gap: store.first_here()?,
    })
}

/// Returns how many posts no longer fit their accounts, and when the first of them is due.
fn outgrown(store: &Read<'_>) -> std::result::Result<Backlog, StoreError> {
    let posts = outgrown::posts(store)?;
    let first = posts.first().and_then(|post| post.schedule.as_ref()).map(|schedule| schedule.at);
    Ok(Backlog { posts: posts.len() as u64, first })
}

/// Returns whether everything is paused: as the relay said last, else as the person did.
fn is_paused(store: &Read<'_>, health: &ServiceHealth) -> std::result::Result<bool, StoreError> {
    match &health.relay_status {
        Some(_) => Ok(health.paused),
        None => Ok(paused::get(store)?.everything),
    }
}

/// Returns the accounts that are paused by themselves, with what of theirs waits.
fn paused_accounts(store: &Read<'_>) -> std::result::Result<Vec<PausedAccount>, StoreError> {
    let paused = paused::get(store)?;
    let accounts = store.accounts()?.into_iter();
    let accounts = accounts.filter(|account| paused.accounts.contains(&account.x_user_id));
    let found = accounts.map(|account| {
        let backlog = store.open_of(&account.x_user_id)?;
        Ok(PausedAccount { username: account.username, backlog })
    });
    found.collect()
}

/// Returns the accounts that can't post, with what of theirs waits.
fn unwell(store: &Read<'_>) -> std::result::Result<Vec<Unwell>, StoreError> {
    let accounts = store.accounts()?.into_iter().filter_map(|account| {
        let code = account_sync::code(account.health)?;
        Some(store.open_of(&account.x_user_id).map(|backlog| Unwell {
            username: account.username,
            code,
            backlog,
        }))
    });
    accounts.collect()
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
