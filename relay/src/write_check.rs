//! Whether the ledger can be written at this moment. The answer is a real write, synced to disk;
//! it is kept for a second, so that however often somebody asks, the disk has one write more.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::database::{Database, DatabaseError};
use crate::rows::relay;

/// How long an answer is kept.
const KEEP: Duration = Duration::from_secs(1);
/// The longest that a write may take. A disk that is this slow sends nothing in time either.
const LIMIT: Duration = Duration::from_secs(5);

/// The last answer, and the write that is under way.
#[derive(Debug, Default)]
pub(crate) struct WriteCheck(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<(Instant, Result<(), String>)>,
    under_way: Option<JoinHandle<Result<(), DatabaseError>>>,
}

impl WriteCheck {
    /// Returns why the ledger can't be written, if it can't.
    pub(crate) async fn run(&self, database: &Database) -> Result<(), String> {
        let mut state = self.0.lock().await;
        if let Some((at, answer)) = &state.last
            && at.elapsed() < KEEP
        {
            return answer.clone();
        }
        // One that hangs is waited for again: another beside it would hang, too.
        let mut write = state.under_way.take().unwrap_or_else(|| {
            let database = database.clone();
            tokio::spawn(async move { database.write("write-check", relay::count_check).await })
        });
        let answer = match tokio::time::timeout(LIMIT, &mut write).await {
            Ok(Ok(written)) => written.map_err(|error| error.to_string()),
            Ok(Err(_)) => Err(DatabaseError::Stopped.to_string()),
            Err(_) => {
                state.under_way = Some(write);
                Err(format!("a write takes longer than {} seconds", LIMIT.as_secs()))
            }
        };
        state.last = Some((Instant::now(), answer.clone()));
        answer
    }
}
