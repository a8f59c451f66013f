//! Transactions: the only place that begins and commits any.

use roost_crash_points::{self as crash, Moment};
use rusqlite::Connection;

use crate::error::Error;

/// An open transaction; undone when it is dropped.
pub(crate) struct Open<'c>(&'c Connection);

impl<'c> Open<'c> {
    pub(crate) fn to_write(connection: &'c Connection) -> rusqlite::Result<Self> {
        run(connection, "BEGIN IMMEDIATE").map(|()| Self(connection))
    }

    fn to_read(connection: &'c Connection) -> rusqlite::Result<Self> {
        run(connection, "BEGIN DEFERRED").map(|()| Self(connection))
    }

    /// Every commit passes here. `points` are the names of the writes that it makes durable: a test
    /// may end the process at any of them, before the commit and after it.
    pub(crate) fn commit(
        self,
        points: impl Iterator<Item = &'static str> + Clone,
    ) -> rusqlite::Result<()> {
        points.clone().for_each(|point| crash::point(point, Moment::Commit));
        run(self.0, "COMMIT")?;
        points.for_each(|point| crash::point(point, Moment::Committed));
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // A failed commit may leave the transaction open, and SQLite undoes some by itself.
        if !self.0.is_autocommit()
            && let Err(error) = run(self.0, "ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be undone");
        }
    }
}

/// Runs one of the statements that every write takes; each is prepared once.
pub(crate) fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// Runs `body` in one transaction and commits it; on an error or a panic nothing of it stays. `point`
/// names the write, for logs and for tests that end the process there.
///
/// # Errors
/// What `body` returns, or why SQLite could not begin or commit.
pub fn write<T, E: From<Error>>(
    connection: &Connection,
    point: &'static str,
    body: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let open = Open::to_write(connection).map_err(Error::from)?;
    crash::point(point, Moment::Begin);
    let value = body(connection)?;
    open.commit(std::iter::once(point)).map_err(Error::from)?;
    tracing::trace!(point, "written");
    Ok(value)
}

/// Runs `body` over one snapshot of the database; writers go on meanwhile.
///
/// # Errors
/// What `body` returns, or why SQLite could not read.
pub fn snapshot<T, E: From<Error>>(
    reader: &Connection,
    body: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let _open = Open::to_read(reader).map_err(Error::from)?;
    body(reader)
}
