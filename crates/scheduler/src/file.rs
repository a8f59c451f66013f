//! What can be done with a database beside the scheduler that may be running on it.

use std::path::Path;

use crate::error::Error;
use crate::store::{self, Summary, check_version, keys, reader};

/// Counts what a database holds at `now` (Unix milliseconds). A scheduler may be running on it.
///
/// # Errors
/// When the file is not the database of a scheduler of this version.
pub fn inspect(database: &Path, now: i64) -> Result<Summary, Error> {
    let connection = reader(database)?;
    check_version(&connection, database)?;
    Summary::read(&connection, now)
}

/// Whether a database was used for development only: whoever signed with keys of its own kept
/// them in it.
///
/// # Errors
/// When the file is not the database of a scheduler.
pub fn is_for_development(database: &Path) -> Result<bool, Error> {
    Ok(keys::kept(&reader(database)?)?.is_none())
}

/// Copies a database as it is at one moment into a new file that only its owner may read. A
/// scheduler may be running on it. The copy holds the signing keys and every body. It is there
/// whole or not at all.
///
/// # Errors
/// When there is such a file already, or either can't be used.
pub fn backup(database: &Path, copy: &Path) -> Result<(), Error> {
    if copy.exists() {
        let reason = std::io::Error::from(std::io::ErrorKind::AlreadyExists).to_string();
        return Err(Error::Open { path: copy.to_owned(), reason });
    }
    store::copy(database, copy)
}
