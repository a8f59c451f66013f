//! Opens a database that one process has open at a time, and locks every other process out.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use roost_private_files as private_files;
use rusqlite::Connection;

use crate::check::{Depth, Found, application_id_of_header, inspect};
use crate::connect;
use crate::error::Error;
use crate::lock::{lock, lock_file};
use crate::log::write_log_back;
use crate::migrate::migrate;
use crate::settings::{Schema, Settings};

/// A file that passed, open for writing.
#[derive(Debug)]
pub struct ExclusiveDatabase {
    /// The one connection that writes.
    pub connection: Connection,
    /// To be held as long as the file is open: it keeps every other process off.
    pub lock: File,
}

/// Opens or makes a file that no other process works on: takes its lock, takes away what other users
/// may do with it, inspects it, and brings its format up to date.
///
/// # Errors
/// [`Error::InUse`] when another process has it open after `patience`; otherwise what the file is
/// instead of a sound database that this program knows.
pub fn open_exclusive(
    path: &Path,
    schema: &Schema,
    settings: &Settings,
    depth: Depth,
    patience: Duration,
) -> Result<ExclusiveDatabase, Error> {
    let lock = lock(path, patience)?;
    // Before SQLite makes its log, which gets the same permissions.
    let files = private_files::of_database(path).into_iter().chain([lock_file(path)]);
    for file in private_files::close_to_others(files) {
        tracing::warn!(file = %file.display(), "other users could read this file; no more");
    }
    let found = inspect(path, schema, settings, depth)?;
    let is_fresh = !matches!(found, Found::Database { .. });
    let mut connection = connect::writer(path, schema, settings, is_fresh)?;
    if found != (Found::Database { is_pending: false }) {
        migrate(&mut connection, path, schema)?;
    }
    write_mark_back(&connection, path, schema, settings);
    Ok(ExclusiveDatabase { connection, lock })
}

/// Writes the log back when the product's mark stands in it alone, so that the file is known by itself
/// as well. Where that fails, the log goes on telling it.
fn write_mark_back(connection: &Connection, path: &Path, schema: &Schema, settings: &Settings) {
    let Some(ours) = schema.application_id else { return };
    if application_id_of_header(path).is_ok_and(|application_id| application_id != ours) {
        write_log_back(connection, settings);
    }
}
