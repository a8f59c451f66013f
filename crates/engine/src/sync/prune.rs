//! Removes what is of no use any more: old ended rows of the outbox, records of old sync passes, posts
//! that lay in the trash long enough, and files that no post uses. The loop does so once a day, while relay
//! and X agree that this computer's clock is right: one that is years ahead would empty the trash. Events
//! and notices of posts are never removed: they are the history that a receipt shows.

use std::time::Duration;

use crate::state::EngineState;
use crate::{Result, media};

/// How long the loop waits between two prunings.
pub(crate) const EVERY: Duration = Duration::from_hours(24);
/// An ended row of the outbox only tells what became of a request.
const KEEP_INTENTIONS: Duration = Duration::from_hours(30 * 24);
/// How long the record of a sync pass is kept. The newest complete one always stays: it is shown.
const KEEP_RUNS: Duration = Duration::from_hours(90 * 24);

/// Removes what is old enough. The trash has ages of its own.
///
/// # Errors
/// When SQLite cannot write.
pub(crate) async fn old(engine: &EngineState) -> Result<()> {
    let (intentions, runs, trash) = engine
        .write("prune.old", |store| {
            let now = store.now();
            let intentions = store.outbox_prune(now.minus(KEEP_INTENTIONS))?;
            let runs = store.sync_prune(now.minus(KEEP_RUNS))?;
            Ok((intentions, runs, store.empty_trash()?))
        })
        .await?;
    if intentions + runs + trash > 0 {
        tracing::info!(intentions, runs, trash, "old rows were removed");
    }
    media::remove_old(engine).await
}
