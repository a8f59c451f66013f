//! Connections and their pragmas: the only place that opens any. All pragmas are set before a
//! migration: inside its transaction SQLite refuses some of them and ignores others.
#![expect(clippy::disallowed_methods, reason = "connections are opened here and nowhere else")]

use std::path::Path;

use roost_private_files as private_files;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::Error;
use crate::settings::{Schema, Settings};

fn open(path: &Path, access: OpenFlags, settings: &Settings) -> Result<Connection, Error> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(settings.busy_timeout)?;
    Ok(connection)
}

fn common(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(settings.statements);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What a write may have to undo is never needed after a crash.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if settings.has_stable_plans {
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    }
    Ok(())
}

fn cache(connection: &Connection, kib: Option<u32>) -> rusqlite::Result<()> {
    // SQLite takes a negative size as KiB, a positive one as pages.
    kib.map_or(Ok(()), |kib| connection.pragma_update(None, "cache_size", -i64::from(kib)))
}

/// Opens the one connection that writes; makes the file, for its owner alone, when it is not there.
/// `is_fresh`: the file is new and gets its mark in its very first commit, so that every file of the
/// product carries it.
///
/// # Errors
/// [`Error::ReadOnly`] and the like; a file that is there is not changed then.
pub fn writer(
    path: &Path,
    schema: &Schema,
    settings: &Settings,
    is_fresh: bool,
) -> Result<Connection, Error> {
    // SQLite gives its log and its index the permissions of the database.
    drop(private_files::open(path).map_err(|source| Error::io(path, source))?);
    let open_to_write = || {
        let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, settings)?;
        if connection.is_readonly("main")? {
            return Err(Error::ReadOnly);
        }
        common(&connection, settings)?;
        mark(&connection, schema, is_fresh)?;
        log_ahead(&connection, settings)?;
        cache(&connection, settings.writer_cache_kib)?;
        Ok(connection)
    };
    open_to_write().map_err(|error| error.at(path))
}

fn mark(connection: &Connection, schema: &Schema, is_fresh: bool) -> rusqlite::Result<()> {
    match schema.application_id.filter(|_| is_fresh) {
        Some(id) => connection.pragma_update(None, "application_id", id),
        None => Ok(()),
    }
}

/// Commits go to a log first, and each is synced before it counts.
fn log_ahead(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| {
        let mode: String = row.get(0)?;
        if !mode.eq_ignore_ascii_case("wal") {
            tracing::warn!(mode, "the file system allows no WAL; writes will block reads");
        }
        Ok(())
    })?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if let Some(pages) = settings.checkpoint_pages {
        connection.pragma_update(None, "wal_autocheckpoint", pages)?;
    }
    if let Some(bytes) = settings.log_max_bytes.and_then(|bytes| i64::try_from(bytes).ok()) {
        // Where another program has the log open, it shrinks with its next turn at the latest.
        connection.pragma_update_and_check(None, "journal_size_limit", bytes, |_| Ok(()))?;
    }
    Ok(())
}

/// Opens a connection that only reads.
///
/// # Errors
/// When there is no file or SQLite refuses it.
pub fn reader(path: &Path, settings: &Settings) -> Result<Connection, Error> {
    let open_to_read = || {
        let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, settings)?;
        common(&connection, settings)?;
        cache(&connection, settings.reader_cache_kib)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok::<_, Error>(connection)
    };
    open_to_read().map_err(|error| error.at(path))
}

/// Opens a connection to look at a file that is not trusted yet. Only one that writes can play a
/// leftover rollback journal back; SQLite then restores what was before.
///
/// # Errors
/// When there is no file or SQLite refuses it.
pub fn inspector(path: &Path, settings: &Settings) -> Result<Connection, Error> {
    let access = if private_files::beside(path, "-journal").exists() {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    open(path, access, settings).map_err(|error| error.at(path))
}

/// Opens a connection to copy from. It may write, because SQLite asks that of one that empties a log;
/// it does not.
///
/// # Errors
/// When there is no file or SQLite refuses it.
pub fn copier(path: &Path, settings: &Settings) -> Result<Connection, Error> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, settings).map_err(|error| error.at(path))
}

/// Opens a database without a file.
///
/// # Errors
/// When SQLite refuses.
pub fn in_memory(schema: &Schema, settings: &Settings) -> Result<Connection, Error> {
    let connection = Connection::open_in_memory()?;
    common(&connection, settings)?;
    mark(&connection, schema, true)?;
    cache(&connection, settings.writer_cache_kib)?;
    Ok(connection)
}
