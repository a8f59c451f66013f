//! The mark of a store that went to another computer. It stays here to be read; a write is refused in its
//! own transaction, whichever process makes it.

use std::path::{Path, PathBuf};

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::error::Error;

pub(crate) const KEY: &str = "moved_away";

/// Where a store went, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedAway {
    /// When it was put into the file.
    pub at: UnixMillis,
    /// The sealed file that it was put into.
    pub file: PathBuf,
}

pub(super) fn read(connection: &Connection) -> Result<Option<MovedAway>, Error> {
    let sql = "SELECT value FROM setting WHERE key = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let text: Option<String> = statement.query_row([KEY], |row| row.get(0)).optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Refuses a write to a store that went away.
pub(crate) fn refuse(connection: &Connection) -> Result<(), Error> {
    match read(connection)? {
        Some(moved) => Err(Error::MovedAway { file: moved.file }),
        None => Ok(()),
    }
}

/// Takes the mark out of a copy that is put into its place on another computer.
pub(super) fn forget(connection: &Connection) -> Result<(), Error> {
    connection.execute("DELETE FROM setting WHERE key = ?1", [KEY])?;
    Ok(())
}

/// Refuses to put something else in the place of a store that went away: it would go on from here, beside
/// the one that it was moved to. What can't be read went nowhere.
pub(super) fn refuse_at(
    path: &Path,
    connection: Result<Connection, roost_sqlite::Error>,
) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    match connection.map_err(Error::from).and_then(|store| read(&store)) {
        Ok(Some(moved)) => Err(Error::MovedAway { file: moved.file }),
        _ => Ok(()),
    }
}
