//! Writing down what X said. That knowledge exists nowhere else, so it is tried until it is on
//! disk; a relay that stops before leaves the post in `sending`, and the next start looks it up.

use std::time::Duration;

use crate::database::DatabaseError;
use crate::ledger_write::LedgerWrite;
use crate::shared::Shared;

const WRITE_RETRY_DELAY: Duration = Duration::from_secs(1);

pub(super) async fn write_until_ok<T, F>(
    shared: &Shared,
    point: &'static str,
    body: F,
) -> Result<T, DatabaseError>
where
    T: Send + 'static,
    F: FnOnce(&mut LedgerWrite<'_>) -> rusqlite::Result<T> + Clone + Send + 'static,
{
    loop {
        match shared.write(point, body.clone()).await {
            Err(DatabaseError::Stopped) => return Err(DatabaseError::Stopped),
            Err(error) if shared.stopping.is_cancelled() => return Err(error),
            Err(_) => tokio::time::sleep(WRITE_RETRY_DELAY).await,
            done => return done,
        }
    }
}
