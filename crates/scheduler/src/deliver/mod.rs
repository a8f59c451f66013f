//! Delivery: what is due is called, what was answered decides what comes next.

mod attempt;
mod attempt_result;
mod callback;
mod gc_flow_keys;
mod prefetch;
mod record;
mod results;
mod retry_delay;
mod schedules;
mod tasks;
mod write_down;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use tasks::Tasks;

use crate::error::Error;
use crate::shared::Shared;
use crate::store::prune;

/// The wall clock is looked at this often at least: it may have been set, or the machine slept.
const RECHECK: Duration = Duration::from_secs(1);
/// Between two looks at what is past its retention.
const PRUNE_INTERVAL_MS: i64 = 60 * 60 * 1000;
/// Between two looks at flow control keys that nothing belongs to any more.
const FORGET_INTERVAL_MS: i64 = 60 * 1000;
/// Between two looks at connections that nobody needs any more.
const CLOSE_INTERVAL_MS: i64 = 30 * 1000;

/// Delivers until `stop`, then waits for what is under way.
pub(crate) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let tasks = Tasks::new(shared.clone());
    let (mut pruned_at, mut forgot_at, mut closed_at) = (None, None, None);
    // A look of an earlier run may have been cut off.
    shared.timer.prefetch_failed();
    // What came due while nothing ran is looked at first.
    shared.timer.change().plan_schedules(Some(i64::MIN));
    while !stop.is_cancelled() {
        let now = shared.now();
        if is_time(&mut pruned_at, PRUNE_INTERVAL_MS, now) {
            tasks.spawn(prune_all(shared.clone(), now));
        }
        if is_time(&mut forgot_at, FORGET_INTERVAL_MS, now) {
            tasks.spawn(gc_flow_keys::collect(shared.clone()));
        }
        if is_time(&mut closed_at, CLOSE_INTERVAL_MS, now) {
            shared.dialer.close_old(now);
        }
        if shared.timer.take_schedules(now) {
            tasks.spawn(schedules::fire(shared.clone()));
        }
        if let Some(from) = shared.timer.prefetch_from(now) {
            tasks.spawn(prefetch::prefetch(shared.clone(), from));
        }
        let (started, next) = shared.timer.start(now);
        if !started.is_empty() {
            // What becomes possible meanwhile is read together, next time.
            attempt::make_all(&tasks, started).await;
        }
        let until = |at: i64| Duration::from_millis(at.saturating_sub(now).try_into().unwrap_or(0));
        let pause = next.map_or(RECHECK, until).min(RECHECK);
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = shared.timer.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    if !tasks.end(shared.config.stop_grace).await {
        shared.timer.change().take_back();
    }
    // They belong to the runtime that ran this.
    shared.dialer.close_old(i64::MAX);
}

/// Whether it was never done, or an interval ago; it is done now then.
fn is_time(last: &mut Option<i64>, interval: i64, now: i64) -> bool {
    let is_time = last.is_none_or(|at| now < at || now - at >= interval);
    if is_time {
        *last = Some(now);
    }
    is_time
}

async fn prune_all(shared: Arc<Shared>, now: i64) {
    let kept = i64::try_from(shared.config.retention.as_millis()).unwrap_or(i64::MAX);
    let before = now.saturating_sub(kept);
    loop {
        match shared.database.write("prune", move |write| prune::step(write, before, now)).await {
            Ok(true) => {}
            Ok(false) | Err(Error::Stopping) => return,
            Err(error) => {
                tracing::error!(%error, "what is past its retention could not be removed");
                return;
            }
        }
    }
}
