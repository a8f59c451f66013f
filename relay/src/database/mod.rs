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
pub(crate) use open::{beside, lock, make_private};

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
                readers: readers::Readers::new(path.to_owned()),
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
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.readers.read(point, body))
            .await
            .map_err(|_| DatabaseError::Stopped)?
    }
}
