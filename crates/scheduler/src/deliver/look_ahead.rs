//! What comes after the horizon.

use std::sync::Arc;
use std::time::Duration;

use crate::scheduler::Core;
use crate::store::Message;
use crate::timer::Horizon;

/// Before a failed read of the database is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads what is due next beyond the horizon, and moves the horizon on. It takes a turn among
/// the writes: whatever is accepted is either on disk before, and read, or armed after.
pub(super) async fn look(core: Arc<Core>, from: Horizon) {
    let now = core.now();
    let looked = core.database.write("look-ahead", move |write| {
        let sight = Message::due_from(write.connection, from, now)?;
        write.see(sight);
        Ok(())
    });
    if let Err(error) = looked.await {
        tracing::error!(%error, "what is due next could not be read; trying again");
        tokio::time::sleep(PATIENCE).await;
        core.timer.look_failed();
    }
}
