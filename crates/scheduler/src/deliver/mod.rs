//! Delivery: what is due is called, what was answered decides what comes next.

mod attempt;
mod callback;
mod dial;
mod schedules;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use dial::Dialer;

use crate::error::Error;
use crate::scheduler::Core;
use crate::store::prune;

/// The wall clock is looked at this often at least: it may have been set, or the machine slept.
const RECHECK: Duration = Duration::from_secs(1);
/// Between two looks at what is past its retention.
const PRUNE_INTERVAL_MS: i64 = 60 * 60 * 1000;

/// Delivers until `stop`, then waits for what is under way.
pub(crate) async fn run(core: Arc<Core>, stop: CancellationToken) {
    let attempts = TaskTracker::new();
    let halt = CancellationToken::new();
    let mut pruned_at = None;
    // What came due while nothing ran is looked at first.
    core.timer.plan_schedules(Some(i64::MIN));
    while !stop.is_cancelled() {
        let now = core.now();
        if pruned_at.is_none_or(|at: i64| now < at || now - at >= PRUNE_INTERVAL_MS) {
            pruned_at = Some(now);
            attempts.spawn(halt.clone().run_until_cancelled_owned(prune_all(core.clone(), now)));
        }
        if core.timer.take_schedules(now) {
            attempts.spawn(halt.clone().run_until_cancelled_owned(schedules::fire(core.clone())));
        }
        let (started, next) = core.timer.start(now);
        if !started.is_empty() {
            let (tracker, halting) = (attempts.clone(), halt.clone());
            let spawn = move |attempt| {
                tracker.spawn(halting.clone().run_until_cancelled_owned(attempt));
            };
            attempts.spawn(attempt::make_all(core.clone(), started, spawn));
        }
        let until = |at: i64| Duration::from_millis(at.saturating_sub(now).try_into().unwrap_or(0));
        let pause = next.map_or(RECHECK, until).min(RECHECK);
        tokio::select! {
            () = stop.cancelled() => {}
            () = core.timer.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    attempts.close();
    if tokio::time::timeout(core.config.stop_grace, attempts.wait()).await.is_err() {
        tracing::warn!(under_way = attempts.len(), "deliveries are cut off; they will be repeated");
        halt.cancel();
        attempts.wait().await;
        core.timer.take_back();
    }
}

async fn prune_all(core: Arc<Core>, now: i64) {
    let kept = i64::try_from(core.config.retention.as_millis()).unwrap_or(i64::MAX);
    let before = now.saturating_sub(kept);
    loop {
        match core.database.write("prune", move |write| prune::step(write, before, now)).await {
            Ok(true) => {}
            Ok(false) | Err(Error::Stopping) => return,
            Err(error) => {
                tracing::error!(%error, "what is past its retention could not be removed");
                return;
            }
        }
    }
}
