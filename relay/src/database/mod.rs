//! The relay's SQLite file: one process, one writer that commits in groups, several readers.

mod failure;
mod open;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use roost_sqlite::{Executor, GroupWriter, Grouping, ReadingThreads};
use rusqlite::Connection;

pub use failure::DatabaseError;
pub use open::OpenError;
#[cfg(test)]
pub(crate) use open::in_memory;
pub(crate) use open::{beside, copy, identity, lock, refuse_emptied};

/// Reads at the same time.
const READERS: usize = 2;
/// A change never waits for another to share its sync of the disk with.
const GROUPING: Grouping =
    Grouping { thread: "relay-writer", writes_max: 256, linger: Duration::ZERO };

/// The database, shared by everything in the process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    // Fields are dropped in this order: the readers before the writer, so that it empties the log. The
    // writer lets go of the lock last, which keeps a second relay off the file.
    readers: ReadingThreads,
    writer: GroupWriter<()>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

/// Brings the ledger of a stopped relay to the schema of this version, as its next start would.
///
/// # Errors
/// As [`Database::open`].
pub(crate) fn bring_up_to_date(path: &Path) -> Result<(), OpenError> {
    open::open(path).map(drop)
}

impl Database {
    /// Opens or creates the file, alone in the whole system, brings its schema up to date, and
    /// runs `start` in one transaction before anybody else writes.
    ///
    /// # Errors
    /// When another relay has it open, it is damaged, newer than this program, or can't be
    /// written.
    pub(crate) fn open(
        path: &Path,
        executor: &Executor,
        start: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Self, OpenError> {
        let opened = open::open(path)?;
        roost_sqlite::write::<_, roost_sqlite::Error>(&opened.connection, "start", |connection| {
            Ok(start(connection)?)
        })
        .map_err(|error| OpenError::of(path, error))?;
        let (connection, lock) = (opened.connection, Some(opened.lock));
        let writer = GroupWriter::start(connection, lock, (), GROUPING, executor);
        let readers =
            ReadingThreads::start("relay-reader", path, &open::SETTINGS, READERS, executor);
        Ok(Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                writer: writer.map_err(|error| OpenError::io(path, error))?,
                readers: readers.map_err(|error| OpenError::io(path, error))?,
            }),
        })
    }

    /// The one place where the ledger changes: runs `body` in a transaction (with others that
    /// happen to wait) and returns once it is on disk. `point` names the place for logs and tests.
    ///
    /// When `body` fails, its own changes are undone and nobody else's.
    ///
    /// # Errors
    /// [`DatabaseError`]; then nothing of `body` is kept.
    pub(crate) async fn write<T, F>(&self, point: &'static str, body: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let write = self.inner.writer.write(point, |write| Ok(body(write.connection)?));
        write.await.map_err(|error: roost_sqlite::Error| DatabaseError::of(point, &error))
    }

    /// Reads, beside the writer.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn read<T, F>(&self, point: &'static str, body: F) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let read = self.inner.readers.read(|connection| Ok(body(connection)?));
        read.await.map_err(|error: roost_sqlite::Error| DatabaseError::of(point, &error))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_commit_of_the_ledger_is_synced_to_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let database =
            Database::open(&folder.path().join("relay.sqlite"), &Executor::Threads, |_| Ok(()))
                .expect("opened");
        let pragmas = database
            .write("pragmas", |c| {
                Ok((
                    c.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))?,
                    c.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))?,
                    c.pragma_query_value(None, "foreign_keys", |row| row.get::<_, i64>(0))?,
                ))
            })
            .await;
        assert_eq!(pragmas, Ok((2, "wal".to_owned(), 1)));
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_the_relay_goes_on_when_space_returns() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relay.sqlite");
        let database = Database::open(&path, &Executor::Threads, |_| Ok(())).expect("opened");
        let limit = |pages: i64| {
            database.write("limit", move |c| {
                let used: i64 = c.pragma_query_value(None, "page_count", |row| row.get(0))?;
                c.pragma_update_and_check(None, "max_page_count", used + pages, |_| Ok(()))
            })
        };
        let quarantine = |hash: u8, letters: i64| {
            database.write("quarantine", move |c| {
                let row = "INSERT INTO quarantine (body_hash, at, reason, excerpt)
                    VALUES (?1, 0, '', hex(zeroblob(?2)))";
                c.execute(row, ([hash], letters))
            })
        };
        limit(2).await.expect("a limit");
        let (big, small) = tokio::join!(quarantine(1, 100_000), quarantine(2, 1));
        assert_eq!(big, Err(DatabaseError::DiskFull));
        // Whatever the caller was told is what the file holds.
        let count = "SELECT count(*) FROM quarantine";
        let rows =
            database.read("count", |c| c.query_row(count, [], |row| row.get::<_, i64>(0))).await;
        assert_eq!(rows, Ok(i64::from(small.is_ok())));
        limit(1_000_000).await.expect("space again");
        quarantine(3, 100_000).await.expect("it goes on");
    }

    #[cfg(unix)]
    #[test]
    fn a_second_relay_that_comes_through_a_link_finds_the_same_lock() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        // The second link is there before the file is.
        symlink(folder.path(), at("folder")).expect("a link");
        symlink("relay.sqlite", at("link.sqlite")).expect("a link");
        let open = |name: &str| Database::open(&at(name), &Executor::Threads, |_| Ok(()));
        for first in ["link.sqlite", "relay.sqlite", "folder/link.sqlite"] {
            let opened = open(first).expect("opened");
            for second in ["relay.sqlite", "link.sqlite", "folder/relay.sqlite"] {
                let error = open(second).expect_err("in use");
                assert!(matches!(error, OpenError::InUse(_)), "{first}, {second}: {error}");
            }
            drop(opened);
        }
    }

    #[test]
    fn a_foreign_a_newer_and_a_damaged_file_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let opened = |name: &str| {
            Database::open(&folder.path().join(name), &Executor::Threads, |_| Ok(())).map(drop)
        };
        let foreign = Connection::open(folder.path().join("foreign")).expect("a file");
        foreign.execute_batch("CREATE TABLE somebody_elses (n)").expect("a table");
        assert!(matches!(opened("foreign"), Err(OpenError::Damaged { .. })));

        opened("newer").expect("made");
        let newer = Connection::open(folder.path().join("newer")).expect("a file");
        let later = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
            SELECT 999, 'later', applied_on, checksum FROM refinery_schema_history LIMIT 1";
        newer.execute_batch(later).expect("a version from the future");
        assert!(matches!(opened("newer"), Err(OpenError::Newer(_))));

        std::fs::write(folder.path().join("garbage"), [0x5a; 8192]).expect("written");
        assert!(matches!(opened("garbage"), Err(OpenError::Damaged { .. })));
    }
}
