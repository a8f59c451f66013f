//! Connections and their pragmas. All are set before a migration: inside its transaction some of
//! them would be refused and others ignored.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::Options;
use super::private::open_private;
use crate::error::Error;

/// «Roos», in the header of every store.
pub(super) const APPLICATION_ID: u32 = 0x526f_6f73;

/// How large the log may stay between two writes.
const LOG_MAX_BYTES: u64 = 4 << 20;

/// Statements kept prepared per connection.
const STATEMENTS: usize = 128;

fn common(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -16_384)
}

/// The one connection that writes. `fresh`: the file is new and gets its mark first, in its very
/// first commit, so that every file of ours carries it.
pub(super) fn writer(path: &Path, options: &Options, fresh: bool) -> Result<Connection, Error> {
    // SQLite gives its log and its index the rights of the database.
    drop(open_private(path).map_err(|source| Error::io(path, source))?);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    if connection.is_readonly("main")? {
        return Err(Error::ReadOnly);
    }
    common(&connection, options)?;
    if fresh {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| {
        let mode: String = row.get(0)?;
        if !mode.eq_ignore_ascii_case("wal") {
            tracing::warn!(mode, "the file system allows no WAL; writes will block reads");
        }
        Ok(())
    })?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Where another program has the log open, it shrinks with its next turn at the latest.
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_MAX_BYTES, |_| Ok(()))?;
    Ok(connection)
}

/// Writes the log back into the database and empties it, once it is large: a large import leaves one
/// as large as itself. Waits for nobody: while somebody reads what the log holds, it stays, and the
/// next write tries again.
pub(crate) fn bound_log(writer: &Connection, path: &Path, options: &Options) {
    let log = super::side::beside(path, "-wal");
    if std::fs::metadata(log).is_ok_and(|metadata| metadata.len() > LOG_MAX_BYTES) {
        write_log_back(writer, options);
    }
}

/// Writes the log back and empties it, unless somebody reads from it.
pub(crate) fn write_log_back(writer: &Connection, options: &Options) {
    let emptied = writer
        .busy_timeout(Duration::ZERO)
        .and_then(|()| writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    let patient_again = writer.busy_timeout(options.busy_timeout);
    if let Err(error) = emptied.and(patient_again) {
        // What was committed stands in the log as safely as in the database.
        tracing::debug!(%error, "the log could not be written back");
    }
}

/// A connection that only reads.
pub(crate) fn reader(path: &Path, options: &Options) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| Error::from(error).at(path))?;
    common(&connection, options)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A connection to look at a file that is not trusted yet. A leftover rollback journal can only be
/// played back by one that writes; SQLite then restores what was before.
pub(super) fn inspector(path: &Path, options: &Options) -> Result<Connection, Error> {
    let access = if super::side::beside(path, "-journal").exists() {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(options.busy_timeout)?;
    Ok(connection)
}

/// A database without a file.
pub(super) fn in_memory(options: &Options) -> Result<Connection, Error> {
    let connection = Connection::open_in_memory()?;
    common(&connection, options)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(connection)
}
