//! Whether the ledger can be written at this moment. The answer is a real write, synced to disk;
//! it is kept for a second, so that however often somebody asks, the disk has one write more.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::database::{Database, DatabaseError};
use crate::rows::relay;

/// How long an answer is kept.
const ANSWER_AGE_MAX: Duration = Duration::from_secs(1);
/// The longest that a write may take. A disk that is this slow sends nothing in time either.
const WRITE_TIME_MAX: Duration = Duration::from_secs(5);

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
            && at.elapsed() < ANSWER_AGE_MAX
        {
            return answer.clone();
        }
        if state.under_way.as_ref().is_some_and(JoinHandle::is_finished) {
            // It ended when nobody waited: that says nothing of this moment.
            state.under_way = None;
        }
        // One that hangs is waited for again: another beside it would hang, too. It stays in the
        // state while it is waited for, because whoever asked may hang up.
        let write = state.under_way.get_or_insert_with(|| {
            let database = database.clone();
            tokio::spawn(async move { database.write("write-check", relay::count_check).await })
        });
        let waited = tokio::time::timeout(WRITE_TIME_MAX, write).await;
        if waited.is_ok() {
            state.under_way = None;
        }
        let answer = match waited {
            Ok(Ok(written)) => written.map_err(|error| error.to_string()),
            Ok(Err(_)) => Err(DatabaseError::Stopped.to_string()),
            Err(_) => {
                Err(format!("a write takes longer than {} seconds", WRITE_TIME_MAX.as_secs()))
            }
        };
        state.last = Some((Instant::now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use roost_sqlite::Executor;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_write_that_hangs_stays_the_only_one_when_whoever_asked_hangs_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let database =
            Database::open(&folder.path().join("relay.sqlite"), &Executor::Threads, |c| {
                let row = "INSERT INTO relay (one, epoch, epoch_born_at, heartbeat_at)
                VALUES (1, 'e', 0, 0)";
                c.execute_batch(row)
            })
            .expect("opened");
        let (release, held) = mpsc::channel::<()>();
        let (begin, begun) = mpsc::channel::<()>();
        let writer = database.clone();
        let hangs = tokio::spawn(async move {
            let hang = move |_: &rusqlite::Connection| {
                begin.send(()).expect("it is waited for");
                Ok(held.recv().is_ok())
            };
            writer.write("hangs", hang).await
        });
        begun.recv().expect("the writer hangs");
        let check = WriteCheck::default();
        for _ in 0..5 {
            let asked = check.run(&database);
            let hung_up = tokio::time::timeout(Duration::from_millis(50), asked).await;
            assert!(hung_up.is_err(), "the disk hangs");
        }
        release.send(()).expect("it waits");
        hangs.await.expect("ended").expect("written");
        // Writes go in turn: all that were begun are done after this one.
        database.write("last", |_| Ok(())).await.expect("written");
        let checks = |c: &rusqlite::Connection| {
            c.query_row("SELECT checks FROM relay", [], |row| row.get::<_, i64>(0))
        };
        assert_eq!(database.read("checks", checks).await, Ok(1));
        assert_eq!(check.run(&database).await, Ok(()));
    }
}
