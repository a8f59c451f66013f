//! Copies of a database: made whole and checked before they count.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use roost_private_files::{self as private_files, beside};
use rusqlite::Connection;

use crate::check::check_contents;
use crate::connect;
use crate::error::Error;
use crate::settings::Settings;

/// Copies the database as it is at one moment to `target`, for its owner alone, and replaces what is
/// there: beside the target first, checked, synced, then renamed. Readers and the writer go on
/// meanwhile; one statement reads all of it, so that no commit beside it makes it begin again.
///
/// # Errors
/// When the copy cannot be written or is not sound; `target` is then as it was before.
pub fn copy(from: &Connection, target: &Path) -> Result<(), Error> {
    let part = beside(target, ".part");
    // Of a copy that was cut off.
    remove(&part)?;
    let made = fill(from, &part).map_err(|error| error.at(&part)).and_then(|()| {
        File::open(&part)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&part, target))
            .map_err(|source| Error::io(target, source))
    });
    if let Err(error) = made {
        // The reason matters more than a leftover.
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    sync_folder_of(target)
}

fn fill(from: &Connection, part: &Path) -> Result<(), Error> {
    let not_unicode = || std::io::Error::other("its name is no valid Unicode");
    let name = part.to_str().ok_or_else(|| Error::io(part, not_unicode()))?;
    // SQLite fills an empty file as well, and leaves its permissions.
    private_files::make_file(part).map_err(|source| Error::io(part, source))?;
    from.execute("VACUUM INTO ?1", [name])?;
    check_contents(&connect::inspector(part, &Settings::new())?, part)
}

/// Moves a database and what SQLite keeps beside it to another name; what is not there is not moved. A
/// process that ends in the middle leaves no database that lacks its last commits at `path`.
///
/// # Errors
/// When a file cannot be moved.
pub fn set_aside(path: &Path, aside: &Path) -> Result<(), Error> {
    if let Err(error) = empty_log(path) {
        // Of a damaged database the log is moved as it is.
        tracing::warn!(path = %path.display(), %error, "the log could not be written back");
    }
    // The database first: a database without its log would be opened as if its last commits had never
    // been, a log without its database is not.
    let files = private_files::of_database(path).into_iter().zip(private_files::of_database(aside));
    for (from, to) in files {
        match fs::rename(&from, &to) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(Error::io(&from, source));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes the log back into the database, so that the database is whole by itself.
fn empty_log(path: &Path) -> Result<(), Error> {
    let has_log = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if !has_log || !path.exists() {
        return Ok(());
    }
    let connection = connect::copier(path, &Settings::new())?;
    let is_kept: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if is_kept { Err(Error::Locked) } else { Ok(()) }
}

/// Renames `fresh`, a closed database without a log, to `path`, where none lies.
///
/// # Errors
/// When a log of another database lies there, which SQLite would take for the fresh one's, or when the
/// file cannot be moved.
pub fn put_in_place(fresh: &Path, path: &Path) -> Result<(), Error> {
    for log in ["-wal", "-journal"].map(|suffix| beside(path, suffix)) {
        if log.exists() {
            let words = "it belongs to another database; move it away";
            return Err(Error::io(&log, std::io::Error::new(ErrorKind::AlreadyExists, words)));
        }
    }
    fs::rename(fresh, path).map_err(|source| Error::io(path, source))?;
    sync_folder_of(path)
}

/// Makes a rename or a new file survive a power loss, where the system can.
///
/// # Errors
/// When the folder cannot be synced.
pub fn sync_folder_of(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| Error::io(folder, source))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::io(path, source)),
        _ => Ok(()),
    }
}
