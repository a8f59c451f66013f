//! The ladder that a file climbs before it is trusted. Nothing here writes to it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use rusqlite::Connection;

use super::{Options, connection, migrate, side};
use crate::error::Error;

/// What is at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No store, and there never was one.
    Nothing,
    /// A sound store.
    Store {
        /// Whether migrations are to be run.
        pending: bool,
    },
}

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const APPLICATION_ID_AT: usize = 68;

/// How far up the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Header and history: nothing has happened to the file since it was last let go of, or another
    /// program of ours has it open.
    Header,
    /// Every page and every reference as well.
    Whole,
}

/// Climbs the ladder.
pub(super) fn inspect(path: &Path, options: &Options, depth: Depth) -> Result<Found, Error> {
    let was_here = side::mark(path).exists();
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Err(Error::NotADatabase { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return if was_here {
                Err(Error::Missing { path: path.to_owned() })
            } else {
                Ok(Found::Nothing)
            };
        }
        Err(source) => return Err(Error::io(path, source)),
    };
    if length == 0 {
        return if was_here {
            Err(Error::Emptied { path: path.to_owned() })
        } else {
            Ok(Found::Nothing)
        };
    }
    // A crash in the first commit leaves half a header and a journal that takes it back.
    if !side::beside(path, "-journal").exists() {
        header(path, was_here)?;
    }
    let connection = connection::inspector(path, options).map_err(|error| error.at(path))?;
    let pending = migrate::history(&connection, path).map_err(|error| error.at(path))?;
    // What is about to be migrated is looked at first.
    if depth == Depth::Whole || pending {
        contents(&connection, path).map_err(|error| error.at(path))?;
    }
    Ok(Found::Store { pending })
}

/// The first hundred bytes name SQLite and Roost.
fn header(path: &Path, was_here: bool) -> Result<(), Error> {
    let mut header = Vec::with_capacity(100);
    File::open(path)
        .and_then(|file| file.take(100).read_to_end(&mut header))
        .map_err(|source| Error::io(path, source))?;
    if header.len() < 100 || !header.starts_with(MAGIC) {
        let path = path.to_owned();
        return Err(if was_here {
            Error::Damaged { path, detail: "its header is overwritten".into() }
        } else {
            Error::NotADatabase { path }
        });
    }
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&header[APPLICATION_ID_AT..APPLICATION_ID_AT + 4]);
    let application_id = u32::from_be_bytes(bytes);
    if application_id != connection::APPLICATION_ID {
        return Err(Error::OtherApplication { path: path.to_owned(), application_id });
    }
    Ok(())
}

/// Pages and references: reads the whole file.
pub(super) fn contents(connection: &Connection, path: &Path) -> Result<(), Error> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let damaged = |detail: String| Error::Damaged { path: path.to_owned(), detail };
    if verdict != "ok" {
        return Err(damaged(verdict));
    }
    let mut orphans = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = orphans.query([])?;
    if let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        return Err(damaged(format!("a row of {table} refers to a {parent} that is not there")));
    }
    Ok(())
}
