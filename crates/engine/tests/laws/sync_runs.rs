//! The record of each run: why, in which window, and how it went.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock, ManualClock, SystemClock};
use roost_core::status::Status;
use roost_engine::api::{ChangeSettings, ListSyncRuns};
use roost_engine::view::SyncRunRow;
use roost_engine::{Engine, LatePolicy};

use crate::world::{PATIENCE, World};

async fn runs(engine: &Engine) -> Vec<SyncRunRow> {
    engine.sync_runs(ListSyncRuns { limit: 100 }).await.unwrap().runs
}

/// Waits until the runs are such, and returns them.
async fn until(engine: &Engine, holds: impl Fn(&[SyncRunRow]) -> bool) -> Vec<SyncRunRow> {
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        let found = runs(engine).await;
        if holds(&found) {
            return found;
        }
        assert!(tokio::time::Instant::now() < end, "not in time: {found:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn of_kind<'a>(runs: &'a [SyncRunRow], kind: &str) -> Vec<&'a SyncRunRow> {
    runs.iter().filter(|run| run.kind == kind && run.outcome == "done").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_says_its_kind_its_window_what_it_did_and_how_long_it_took() {
    let mut world = World::new().await;
    let id = world.post_in("counted", 3600).await;
    world.engine.sync().await.unwrap();
    let found = runs(&world.engine).await;
    // Results are asked for after it, which is a run of its own.
    let [run] = of_kind(&found, "manual")[..] else { panic!("{found:#?}") };
    assert_eq!(run.reason, "person");
    assert_eq!((run.outcome.as_str(), run.staged, run.published), ("done", 1, 1));
    let (start, end) = run.window_start.zip(run.window_end).unwrap();
    assert!(start <= run.started_at && run.started_at < end, "{run:?}");
    assert!(run.duration_ms.is_some());
    world.run();
    world.wait_for(id, Status::Queued).await;
    let found = until(&world.engine, |runs| !of_kind(runs, "catch-up").is_empty()).await;
    assert_eq!(of_kind(&found, "catch-up")[0].reason, "start");
    assert!(!of_kind(&found, "recovery").is_empty(), "results were asked for: {found:#?}");
    let shown = world.engine.overview().await.unwrap().recent_runs;
    assert!(shown.iter().any(|run| run.kind == "catch-up"), "{shown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_away_for_long_is_one_run_that_failed_with_its_reason() {
    let world = World::new().await;
    let mut unreachable = world.endpoints();
    // Nobody listens on the port of discarding.
    unreachable.relay.url = "http://127.0.0.1:9".to_owned();
    world.engine.use_endpoints(Some(unreachable)).unwrap();
    for _ in 0..3 {
        assert!(world.engine.sync().await.is_err());
    }
    let found = runs(&world.engine).await;
    let failed: Vec<_> = found.iter().filter(|run| run.outcome == "failed").collect();
    assert_eq!(failed.len(), 1, "{found:#?}");
    assert_eq!(failed[0].error_code.as_deref(), Some("relay_unreachable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computer_that_slept_over_windows_wakes_to_one_burst_not_many() {
    let mut world = World::new().await;
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    world.engine = world.beside_at(Some(LatePolicy::POST), clock.clone());
    world.engine.use_endpoints(Some(world.endpoints())).unwrap();
    world.run();
    until(&world.engine, |runs| !of_kind(runs, "recovery").is_empty()).await;
    let before = runs(&world.engine).await[0].id;
    clock.advance(Duration::from_hours(20));
    let found = until(&world.engine, |runs| {
        runs.iter().any(|run| run.reason == "wake" && run.outcome == "done")
            && runs[0].kind == "recovery"
            && runs[0].id > before
    })
    .await;
    // Another burst would stand before or after what a person asks for now.
    clock.advance(Duration::from_secs(1));
    world.engine.request_sync();
    world.engine.sync().await.unwrap();
    let after = runs(&world.engine).await;
    let since: Vec<_> =
        after.iter().filter(|run| run.id > before).map(|run| run.reason.as_str()).collect();
    assert_eq!(since, ["recovery", "person", "recovery", "wake"], "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_horizon_reaches_as_far_as_the_plan_allows_and_no_further() {
    let world = World::new().await;
    let change = |change: ChangeSettings| world.engine.change_settings(change);
    let travel = ChangeSettings { travel: Some(true), ..ChangeSettings::default() };
    assert_eq!(change(travel.clone()).await.unwrap().horizon_windows, 28, "7 days");
    let beyond = ChangeSettings { horizon_windows: Some(29), ..ChangeSettings::default() };
    let error = change(beyond).await.unwrap_err().to_string();
    assert!(error.contains("at most 7 days ahead") && error.contains("28 windows"), "{error}");
    let plan = ChangeSettings { plan_delay_days: Some(365), ..travel };
    assert_eq!(change(plan).await.unwrap().horizon_windows, 1460, "a year");
    let usual = ChangeSettings { travel: Some(false), ..ChangeSettings::default() };
    assert_eq!(change(usual).await.unwrap().horizon_windows, 5);
}
