//! Schedules whose time has come.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::scheduler::Core;
use crate::store::schedule;

/// Before a failed write of the database is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Makes the messages of every schedule that is due; the write itself plans the next look.
pub(super) async fn fire(core: Arc<Core>) {
    loop {
        let now = core.now();
        let firing =
            core.database.write("schedules-fire", move |write| schedule::fire_due(write, now));
        match firing.await {
            Ok(()) | Err(Error::Stopping) => return,
            Err(error) => {
                tracing::error!(%error, "schedules could not be fired; trying again");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}
