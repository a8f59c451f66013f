//! What would grow for ever: ended intentions, hand-overs, and the trash. The loop lets the old ones go
//! once a day.

use std::time::Duration;

use crate::Result;
use crate::state::EngineState;

/// Between two times.
pub(crate) const EVERY: Duration = Duration::from_hours(24);
/// An ended intention is looked at only by who asks what became of it.
const KEEP_INTENTIONS: Duration = Duration::from_hours(30 * 24);
/// Hand-overs tell of a longer time: when the last whole one was is shown.
const KEEP_RUNS: Duration = Duration::from_hours(90 * 24);

/// Lets go of what is old enough. The trash has ages of its own.
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
        tracing::info!(intentions, runs, trash, "old entries were let go");
    }
    Ok(())
}
