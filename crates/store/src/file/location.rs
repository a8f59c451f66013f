//! Which file the store lives in. A copy of the data folder holds the same posts and the same keys,
//! and two of them would post side by side; so the store notes when its file was made, which no copy
//! shares.

use std::path::Path;
use std::time::UNIX_EPOCH;

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, OptionalExtension};

use crate::error::Error;

/// When the file was made, in nanoseconds. Nothing where the system does not tell: a number on the
/// disk is no proof, since some file systems give another at each mount.
fn made(path: &Path) -> Option<String> {
    let made = std::fs::metadata(path).ok()?.created().ok()?;
    Some(made.duration_since(UNIX_EPOCH).ok()?.as_nanos().to_string())
}

/// Whether the store lived in another file before.
pub(crate) fn is_relocated_copy(connection: &Connection, path: &Path) -> Result<bool, Error> {
    Ok(known(connection)?.zip(made(path)).is_some_and(|(known, here)| known != here))
}

/// Notes where a store lives that has noted it nowhere.
pub(super) fn note_if_unknown(
    connection: &Connection,
    path: &Path,
    now: UnixMillis,
) -> Result<(), Error> {
    if known(connection)?.is_none() {
        claim(connection, path, now)?;
    }
    Ok(())
}

fn known(connection: &Connection) -> Result<Option<String>, Error> {
    let sql = "SELECT value ->> '$' FROM setting WHERE key = 'home'";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?)
}

/// Notes that the store lives in this file from here on.
pub(crate) fn claim(connection: &Connection, path: &Path, now: UnixMillis) -> Result<(), Error> {
    let Some(here) = made(path) else { return Ok(()) };
    connection.execute(
        "INSERT INTO setting (key, value, updated_at) VALUES ('home', json_quote(?1), ?2)
         ON CONFLICT (key) DO UPDATE SET value = json_quote(?1), updated_at = ?2",
        (here, now.0),
    )?;
    Ok(())
}

/// Forgets it: the file is put in another's place on purpose.
pub(super) fn forget(connection: &Connection) -> Result<(), Error> {
    connection.execute("DELETE FROM setting WHERE key = 'home'", [])?;
    Ok(())
}
