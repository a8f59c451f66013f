//! The ladder that a file climbs before it is trusted. Nothing here writes to it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use roost_private_files::beside;
use rusqlite::Connection;

use crate::connect;
use crate::error::Error;
use crate::migrate;
use crate::settings::{Schema, Settings};

/// What is at the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No file.
    Nothing,
    /// A file without a byte. SQLite would take it for a new database; the product knows whether it
    /// was one before.
    Empty,
    /// A sound database of the product.
    Database {
        /// Whether migrations are to be run.
        is_pending: bool,
    },
}

/// How far up the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Header and history: nothing has happened to the file since a clean end, or another process of
    /// the product has it open.
    Header,
    /// Every page and every reference as well.
    Whole,
}

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;
const APPLICATION_ID_AT: usize = 68;

/// Climbs the ladder: is there a file, does its header name SQLite and the product, is its history one
/// that this program knows; then, by `depth`, whether every page and reference is sound.
///
/// # Errors
/// What the file is instead; it was only read.
pub fn inspect(
    path: &Path,
    schema: &Schema,
    settings: &Settings,
    depth: Depth,
) -> Result<Found, Error> {
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Err(Error::NotADatabase { path: path.to_owned() }),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(source) => return Err(Error::io(path, source)),
    };
    if length == 0 {
        return Ok(Found::Empty);
    }
    // A crash in the first commit leaves half a header and a journal that takes it back.
    if !beside(path, "-journal").exists() {
        check_application(path, schema, settings)?;
    }
    let look = || {
        let connection = connect::inspector(path, settings)?;
        let is_pending = migrate::is_pending(&connection, path, schema)?;
        // What is about to be migrated is looked at first.
        if depth == Depth::Whole || is_pending {
            check_contents(&connection, path)?;
        }
        Ok(Found::Database { is_pending })
    };
    look().map_err(|error: Error| error.at(path))
}

/// Passes a file whose header names SQLite and the product. The mark may stand in the log alone: a
/// program that makes the log before the mark leaves it there until pages are written back.
fn check_application(path: &Path, schema: &Schema, settings: &Settings) -> Result<(), Error> {
    let mut application_id = application_id_of_header(path)?;
    let Some(ours) = schema.application_id else { return Ok(()) };
    if application_id != ours && has_log(path) {
        application_id = application_id_through_log(path, settings)?;
    }
    match application_id == ours {
        true => Ok(()),
        false => Err(Error::OtherApplication { path: path.to_owned(), application_id }),
    }
}

/// Returns the mark in the file's own first hundred bytes, whatever its log says.
pub(crate) fn application_id_of_header(path: &Path) -> Result<u32, Error> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(path)
        .and_then(|file| file.take(HEADER_BYTES as u64).read_to_end(&mut header))
        .map_err(|source| Error::io(path, source))?;
    if header.len() < HEADER_BYTES || !header.starts_with(MAGIC) {
        return Err(Error::NotADatabase { path: path.to_owned() });
    }
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&header[APPLICATION_ID_AT..APPLICATION_ID_AT + 4]);
    Ok(u32::from_be_bytes(bytes))
}

fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Returns the mark as SQLite reads it: from the log, where that holds a newer first page.
fn application_id_through_log(path: &Path, settings: &Settings) -> Result<u32, Error> {
    let read = || {
        let connection = connect::inspector(path, settings)?;
        // SQLite takes the mark for a signed number.
        let signed: i32 =
            connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        Ok(signed.cast_unsigned())
    };
    read().map_err(|error: Error| error.at(path))
}

/// Reads every page and every reference: about a second for each 200 MB.
///
/// # Errors
/// [`Error::Damaged`] when one is not sound.
pub(crate) fn check_contents(connection: &Connection, path: &Path) -> Result<(), Error> {
    pragma_check(connection, path, "PRAGMA quick_check(1)")?;
    let mut orphans = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = orphans.query([])?;
    if let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        let detail = format!("a row of {table} refers to a {parent} that is not there");
        return Err(Error::Damaged { path: path.to_owned(), detail });
    }
    Ok(())
}

/// Reads every page, every reference and every index, entry by entry.
///
/// # Errors
/// [`Error::Damaged`] when one is not sound.
pub fn check_pages(connection: &Connection, path: &Path) -> Result<(), Error> {
    pragma_check(connection, path, "PRAGMA integrity_check(1)")
        .and_then(|()| check_contents(connection, path))
        .map_err(|error| error.at(path))
}

fn pragma_check(connection: &Connection, path: &Path, sql: &str) -> Result<(), Error> {
    let verdict: String = connection.query_row(sql, [], |row| row.get(0))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        _ => Err(Error::Damaged { path: path.to_owned(), detail: verdict }),
    }
}
