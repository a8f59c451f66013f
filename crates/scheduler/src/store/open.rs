//! The file: what it is, and what can be done with it beside the scheduler that may be running on it.

use std::path::Path;
use std::time::Duration;

use roost_sqlite::{Depth, ExclusiveDatabase, Schema, Settings};
use rusqlite::Connection;

use crate::error::Error;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Files of the scheduler carry no mark; their record of migrations tells them from others.
const SCHEMA: Schema = Schema { application_id: None, migrations: embedded::migrations::runner };

/// The log is carried over into the database at 16 MiB: most pages are written again and again until
/// then, and copied once.
pub(super) const SETTINGS: Settings =
    Settings { writer_cache_kib: Some(16 << 10), checkpoint_pages: Some(4096), ..Settings::new() };

/// How long a process that is just ending may still hold the file.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Opens an up-to-date file for its writer. Its lock keeps every other scheduler off: two would deliver
/// everything twice.
pub(super) fn open(path: &Path) -> Result<ExclusiveDatabase, Error> {
    roost_sqlite::open_exclusive(path, &SCHEMA, &SETTINGS, Depth::Header, LOCK_PATIENCE)
        .map_err(|error| Error::opening(path, &error))
}

/// Opens a connection that reads.
pub(crate) fn reader(path: &Path) -> Result<Connection, Error> {
    roost_sqlite::reader(path, &SETTINGS).map_err(|error| Error::opening(path, &error))
}

/// Passes a file that has this program's schema.
pub(crate) fn check_version(connection: &Connection, path: &Path) -> Result<(), Error> {
    roost_sqlite::expect_current(connection, path, &SCHEMA)
        .map_err(|error| Error::opening(path, &error))
}

/// Copies a file to `to`, whole or not at all.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let source = roost_sqlite::inspector(from, &SETTINGS);
    let source = source.map_err(|error| Error::opening(from, &error))?;
    roost_sqlite::copy(&source, to).map_err(|error| Error::opening(to, &error))
}
