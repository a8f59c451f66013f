//! What can be done with a database beside the scheduler that may be running on it.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::store::{Summary, check_version, create_private, keys, reader};

/// Counts what a database holds at `now` (Unix milliseconds). A scheduler may be running on it.
///
/// # Errors
/// When the file is not the database of a scheduler of this version.
pub fn inspect(database: &Path, now: i64) -> Result<Summary, Error> {
    let connection = opened(database)?;
    check_version(&connection, database)?;
    Summary::read(&connection, now)
}

/// Whether a database was used for development only: whoever signed with keys of its own kept
/// them in it.
///
/// # Errors
/// When the file is not the database of a scheduler.
pub fn is_for_development(database: &Path) -> Result<bool, Error> {
    Ok(keys::kept(&opened(database)?)?.is_none())
}

/// Copies a database as it is at one moment into a new file that only its owner may read. A
/// scheduler may be running on it. The copy holds the signing keys and every body. It is there
/// whole or not at all.
///
/// # Errors
/// When there is such a file already, or either can't be used.
pub fn backup(database: &Path, copy: &Path) -> Result<(), Error> {
    let wrong =
        |error: std::io::Error| Error::Open { path: copy.to_owned(), reason: error.to_string() };
    if copy.exists() {
        return Err(wrong(std::io::ErrorKind::AlreadyExists.into()));
    }
    let from = opened(database)?;
    let mut part = copy.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // Of a try that was cut off.
    std::fs::remove_file(&part).ok();
    let made = fill(&from, &part).and_then(|()| std::fs::rename(&part, copy).map_err(wrong));
    if made.is_err() {
        // The reason matters more than a leftover.
        std::fs::remove_file(&part).ok();
        return made;
    }
    // The name is kept, too, where a folder can be synced.
    let folder = copy.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()).ok();
    Ok(())
}

/// One statement reads all of it, so no commit beside it makes it begin again.
fn fill(from: &rusqlite::Connection, part: &Path) -> Result<(), Error> {
    let wrong = |reason: String| Error::Open { path: part.to_owned(), reason };
    create_private(part).map_err(|error| wrong(error.to_string()))?;
    let name = part.to_str().ok_or_else(|| wrong("its name is not Unicode".into()))?;
    from.execute("VACUUM INTO ?1", [name])?;
    let synced = File::open(part).and_then(|file| file.sync_all());
    synced.map_err(|error| wrong(error.to_string()))
}

fn opened(database: &Path) -> Result<rusqlite::Connection, Error> {
    let wrong = |error: Error| Error::Open { path: database.to_owned(), reason: error.to_string() };
    reader(database).map_err(wrong)
}
