//! What comes after the horizon.

use std::sync::Arc;
use std::time::Duration;

use crate::shared::Shared;
use crate::store::Message;
use crate::timer::Horizon;

/// Before a failed read of the database is tried again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Reads what is due next beyond the horizon, and moves the horizon on. It takes a turn among
/// the writes: whatever is accepted is either on disk before, and read, or armed after.
pub(super) async fn prefetch(shared: Arc<Shared>, from: Horizon) {
    let now = shared.now();
    let looked = shared.database.write("look-ahead", move |write| {
        let prefetch = Message::due_from(write.connection, from, now)?;
        write.see(prefetch);
        Ok(())
    });
    if let Err(error) = looked.await {
        tracing::error!(%error, "what is due next could not be read; trying again");
        tokio::time::sleep(RETRY_DELAY).await;
        shared.timer.prefetch_failed();
    }
}
