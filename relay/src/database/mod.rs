//! The relay's SQLite file: one process, one writer that commits in groups, several readers.

mod failure;
mod open;
mod readers;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

pub use failure::DatabaseError;
pub use open::OpenError;
#[cfg(test)]
pub(crate) use open::migrate;
pub(crate) use open::{beside, identity, lock, refuse_emptied};

/// The database, shared by everything in the process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    writer: writer::Writer,
    readers: readers::Readers,
    /// Held while the database is open: no second relay works on the file.
    _lock: std::fs::File,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("path", &self.inner.path).finish_non_exhaustive()
    }
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
        start: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Self, OpenError> {
        let lock = open::lock(path)?;
        // Before SQLite makes its log, which gets the same permissions.
        open::keep_to_owner(path);
        let mut connection = open::connect(path)?;
        open::migrate(&mut connection, path)?;
        open::inspect(&connection, path)?;
        let transaction = connection.transaction().map_err(|e| OpenError::of(path, &e))?;
        start(&transaction).map_err(|e| OpenError::of(path, &e))?;
        transaction.commit().map_err(|e| OpenError::of(path, &e))?;
        Ok(Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                writer: writer::Writer::start(connection).map_err(|e| OpenError::io(path, &e))?,
                readers: readers::Readers::start(path).map_err(|e| OpenError::io(path, &e))?,
                _lock: lock,
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
        self.inner.writer.write(point, body).await
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
        self.inner.readers.read(point, body).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_commit_of_the_ledger_is_synced_to_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let database =
            Database::open(&folder.path().join("relay.sqlite"), |_| Ok(())).expect("opened");
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

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_reads_run_at_once_than_there_are_readers() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relay.sqlite");
        let database = Database::open(&path, |_| Ok(())).expect("opened");
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let reads = (0..50).map(|_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            database.read("many", move |c| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let count = "SELECT count(*) FROM sqlite_schema a, sqlite_schema b";
                let rows: i64 = c.query_row(count, [], |row| row.get(0))?;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(rows)
            })
        });
        for read in futures::future::join_all(reads).await {
            read.expect("read");
        }
        assert!(most.load(Ordering::SeqCst) <= readers::COUNT, "{most:?}");
    }

    #[tokio::test]
    async fn a_read_that_panics_or_fails_ends_no_reader() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relay.sqlite");
        let database = Database::open(&path, |_| Ok(())).expect("opened");
        for _ in 0..2 * readers::COUNT {
            let panicked = database.read("panics", |_| -> rusqlite::Result<()> { panic!("a bug") });
            assert_eq!(panicked.await, Err(DatabaseError::Stopped));
            let failed = database.read("fails", |c| c.execute("DELETE FROM post", []));
            assert!(failed.await.is_err(), "readers write nothing");
        }
        let one =
            database.read("reads", |c| c.query_row("SELECT 1", [], |row| row.get::<_, i64>(0)));
        assert_eq!(one.await, Ok(1));
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
        let open = |name: &str| Database::open(&at(name), |_| Ok(()));
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
        let opened = |name: &str| Database::open(&folder.path().join(name), |_| Ok(())).map(drop);
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
