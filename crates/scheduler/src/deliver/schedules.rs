//! Schedules whose time has come.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::shared::Shared;
use crate::store::schedule;

/// Before a failed write of the database is tried again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Makes the messages of every schedule that is due; the write itself plans the next look.
pub(super) async fn fire(shared: Arc<Shared>) {
    loop {
        let now = shared.now();
        let firing =
            shared.database.write("schedules-fire", move |write| schedule::fire_due(write, now));
        match firing.await {
            Ok(()) | Err(Error::Stopping) => return,
            Err(error) => {
                tracing::error!(%error, "schedules could not be fired; trying again");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}
