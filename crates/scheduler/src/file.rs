//! What can be done with a database beside the scheduler that may be running on it.

use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;

use crate::error::Error;
use crate::store::{Summary, create_private, reader};

/// Pages that are copied at a time; the scheduler writes in between.
const PAGES_AT_ONCE: std::ffi::c_int = 1024;
const PAUSE: Duration = Duration::from_millis(5);

/// Counts what a database holds at `now` (Unix milliseconds). A scheduler may be running on it.
///
/// # Errors
/// When the file is not the database of a scheduler of this version.
pub fn inspect(database: &Path, now: i64) -> Result<Summary, Error> {
    Summary::read(&opened(database)?, now)
}

/// Copies a database as it is at one moment into a new file that only its owner may read. A
/// scheduler may be running on it. The copy holds the signing keys and every body.
///
/// # Errors
/// When there is such a file already, or either can't be used.
pub fn backup(database: &Path, copy: &Path) -> Result<(), Error> {
    let from = opened(database)?;
    let wrong = |reason: String| Error::Open { path: copy.to_owned(), reason };
    create_private(copy).map_err(|error| wrong(error.to_string()))?;
    let mut to = rusqlite::Connection::open(copy).map_err(|error| wrong(error.to_string()))?;
    Backup::new(&from, &mut to)?.run_to_completion(PAGES_AT_ONCE, PAUSE, None)?;
    to.pragma_update(None, "synchronous", "FULL")?;
    to.close().map_err(|(_, error)| Error::Database(error))
}

fn opened(database: &Path) -> Result<rusqlite::Connection, Error> {
    let wrong = |error: Error| Error::Open { path: database.to_owned(), reason: error.to_string() };
    reader(database).map_err(wrong)
}
