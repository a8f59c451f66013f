//! Asking X for its time.

use std::sync::Arc;
use std::time::Duration;

use crate::shared::Shared;

/// How long a delivery waits for X's time.
const X_TIME_WAIT: Duration = Duration::from_secs(5);

/// Asks X for its time, beside everything else, unless that was done a moment ago.
pub(crate) fn request_check(shared: &Arc<Shared>) {
    if shared.clock_skew.may_ask(shared.now()) {
        tokio::spawn(fetch_x_time(Arc::clone(shared)));
    }
}

/// Asks X for its time and waits a little for it, unless that was done a moment ago.
pub(crate) async fn check_now(shared: &Arc<Shared>) {
    if shared.clock_skew.may_ask(shared.now()) {
        let fetching = tokio::spawn(fetch_x_time(Arc::clone(shared)));
        // Whoever gave the delivery up has gone; the answer counts all the same.
        let _ = tokio::time::timeout(X_TIME_WAIT, fetching).await;
    }
}

async fn fetch_x_time(shared: Arc<Shared>) {
    // Whatever X answers, its time stands on it: see [`crate::clock_check::DateObserver`].
    let answered = match shared.x.knock().await {
        Ok(()) => true,
        Err(failure) => failure.status.is_some(),
    };
    shared.clock_skew.note_asked(answered);
    shared.work.notify_one();
}
