//! Group commit: one thread writes, and changes that wait together share one transaction and one
//! sync to disk. Each caller hears only after that sync, so durability is not weakened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::JoinHandle;

use roost_crash_points::{self as crash, Moment};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::DatabaseError;

/// Changes in one transaction, at the most: bounds what a failed commit undoes.
const GROUP_MAX: usize = 256;

struct Job {
    point: &'static str,
    run: Run,
}

/// Runs a change and gives back what tells its caller, once the commit's fate is known.
/// Without a connection there is no transaction to run in.
type Run = Box<dyn FnOnce(Option<&Connection>) -> Tell + Send>;
type Tell = Box<dyn FnOnce(Option<&DatabaseError>) + Send>;

pub(super) struct Writer {
    /// Both are there until the drop.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Writer {
    /// The file is closed when this returns, so that whoever comes next finds it whole.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take().filter(|thread| !is_current(thread)) {
            // Its panics were caught and told change by change.
            let _ = thread.join();
        }
    }
}

fn is_current(thread: &JoinHandle<()>) -> bool {
    thread.thread().id() == std::thread::current().id()
}

impl Writer {
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("relay-writer".to_owned())
            .spawn(move || run(&connection, &queue))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) async fn write<T, F>(&self, point: &'static str, body: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (answer, heard) = oneshot::channel();
        let run = Box::new(move |connection: Option<&Connection>| -> Tell {
            let result = connection.map_or(Err(DatabaseError::Stopped), |c| apart(c, point, body));
            Box::new(move |lost| {
                let result = lost.map_or(result, |error| Err(error.clone()));
                // Nobody listens when the caller went away; the change stands all the same.
                let _ = answer.send(result);
            })
        });
        let jobs = self.jobs.as_ref().ok_or(DatabaseError::Stopped)?;
        jobs.send(Job { point, run }).map_err(|_| DatabaseError::Stopped)?;
        heard.await.map_err(|_| DatabaseError::Stopped)?
    }
}

/// Runs one change inside the group's transaction so that its failure undoes nobody else's.
fn apart<T>(
    connection: &Connection,
    point: &'static str,
    body: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, DatabaseError> {
    let sql = |text: &str| step(connection, text).map_err(|error| DatabaseError::of(point, &error));
    sql("SAVEPOINT change")?;
    crash::point(point, Moment::Begin);
    let result = catch_unwind(AssertUnwindSafe(|| body(connection)));
    match result {
        Ok(Ok(value)) => sql("RELEASE change").map(|()| value),
        Ok(Err(error)) => {
            sql("ROLLBACK TO change").and_then(|()| sql("RELEASE change"))?;
            Err(DatabaseError::of(point, &error))
        }
        Err(_) => {
            sql("ROLLBACK TO change").and_then(|()| sql("RELEASE change"))?;
            let message = "the change ended in a panic; it was undone".to_owned();
            Err(DatabaseError::Failed { point, message })
        }
    }
}

/// One of the statements that every change takes; prepared once.
fn step(connection: &Connection, text: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(text)?.execute([]).map(drop)
}

fn run(connection: &Connection, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let group: Vec<Job> =
            std::iter::once(first).chain(queue.try_iter().take(GROUP_MAX - 1)).collect();
        commit(connection, group);
    }
}

fn commit(connection: &Connection, group: Vec<Job>) {
    let mut lost =
        step(connection, "BEGIN IMMEDIATE").err().map(|error| DatabaseError::of("begin", &error));
    let mut tells: Vec<(&str, Tell)> = Vec::with_capacity(group.len());
    for job in group {
        tells.push((job.point, (job.run)(lost.is_none().then_some(connection))));
        // SQLite undoes a whole transaction by itself when the disk is full or fails. What came
        // before is lost then, and what follows must not run outside a transaction.
        if lost.is_none() && connection.is_autocommit() {
            lost = Some(DatabaseError::DiskFull);
        }
    }
    if lost.is_none() {
        tells.iter().for_each(|(point, _)| crash::point(point, Moment::Commit));
        lost = step(connection, "COMMIT").err().map(|error| DatabaseError::of("commit", &error));
        tells.iter().for_each(|(point, _)| crash::point(point, Moment::Committed));
    }
    if !connection.is_autocommit()
        && let Err(error) = step(connection, "ROLLBACK")
    {
        tracing::error!(%error, "the ledger could not undo a failed commit");
    }
    for (_, tell) in tells {
        tell(lost.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = Connection::open(folder.path().join("scratch.sqlite")).expect("a file");
        connection
            .execute_batch(
                "PRAGMA journal_mode=WAL; CREATE TABLE t (n INTEGER PRIMARY KEY, body BLOB)",
            )
            .expect("a table");
        (folder, connection)
    }

    fn put(writer: &Writer, n: i64) -> impl Future<Output = Result<usize, DatabaseError>> {
        writer.write("put", move |c| c.execute("INSERT INTO t (n) VALUES (?1)", [n]))
    }

    #[tokio::test]
    async fn a_change_that_fails_or_panics_undoes_itself_and_nobody_else() {
        let (_folder, connection) = scratch();
        let writer = Writer::start(connection).expect("a thread");
        let changes = futures::future::join_all((0..50).map(|n| {
            writer.write("mixed", move |c| {
                c.execute("INSERT INTO t (n) VALUES (?1)", [n])?;
                assert!(n % 10 != 7, "a bug");
                if n % 10 == 3 { Err(rusqlite::Error::InvalidQuery) } else { Ok(n) }
            })
        }))
        .await;
        let kept: Vec<i64> = changes.into_iter().flatten().collect();
        let rows = writer
            .write("read", |c| {
                c.prepare("SELECT n FROM t ORDER BY n")?
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<i64>>>()
            })
            .await
            .expect("rows");
        assert_eq!(rows, kept);
        assert_eq!(rows.len(), 40);
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_the_relay_goes_on_when_space_returns() {
        let (_folder, connection) = scratch();
        let pages: i64 =
            connection.pragma_query_value(None, "page_count", |r| r.get(0)).expect("a count");
        connection.pragma_update(None, "max_page_count", pages).expect("a limit");
        let writer = Writer::start(connection).expect("a thread");
        let blob = vec![7u8; 100_000];
        let big = writer
            .write("big", move |c| c.execute("INSERT INTO t (n, body) VALUES (1, ?1)", [blob]));
        let (big, small) = tokio::join!(big, put(&writer, 2));
        assert_eq!(big, Err(DatabaseError::DiskFull));
        // Whatever the caller heard is what the file holds.
        let rows = writer
            .write("count", |c| c.query_row("SELECT count(*) FROM t", [], |r| r.get::<_, i64>(0)));
        assert_eq!(rows.await, Ok(i64::from(small.is_ok())));
        writer
            .write("space", |c| c.pragma_update(None, "max_page_count", 1_000_000))
            .await
            .expect("space again");
        assert!(put(&writer, 3).await.is_ok());
    }
}
