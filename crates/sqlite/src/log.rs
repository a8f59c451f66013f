//! The log that commits go to first: written back and emptied, once it is large.

use std::path::Path;
use std::time::Duration;

use roost_private_files::beside;
use rusqlite::Connection;

use crate::settings::Settings;

/// Writes the log back and empties it, once it is larger than the settings allow: a large import leaves
/// one as large as itself. Waits for nothing: while a reader needs what the log holds, it stays, and
/// the next write tries again.
pub fn bound_log(writer: &Connection, path: &Path, settings: &Settings) {
    let Some(limit) = settings.log_max_bytes else { return };
    if std::fs::metadata(beside(path, "-wal")).is_ok_and(|metadata| metadata.len() > limit) {
        write_log_back(writer, settings);
    }
}

/// Writes the log back and empties it, unless a reader needs what it holds.
pub fn write_log_back(writer: &Connection, settings: &Settings) {
    let emptied = writer
        .busy_timeout(Duration::ZERO)
        .and_then(|()| writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    let patient_again = writer.busy_timeout(settings.busy_timeout);
    if let Err(error) = emptied.and(patient_again) {
        // What was committed stands in the log as safely as in the database.
        tracing::debug!(%error, "the log could not be written back");
    }
}
