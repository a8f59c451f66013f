//! Opening the ledger's file, and why it may not be opened.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use roost_private_files as private_files;
use roost_sqlite::{Depth, Found, Schema, Settings};
use rusqlite::Connection;

/// `RoRl` in the header tells a relay's database from any other SQLite file.
const SCHEMA: Schema =
    Schema { application_id: Some(0x526f_526c), migrations: embedded::migrations::runner };

/// Statements are prepared once and kept. The log is carried over into the file at 16 MB.
pub(super) const SETTINGS: Settings = Settings {
    statements: 128,
    reader_cache_kib: Some(512),
    checkpoint_pages: Some(4000),
    has_stable_plans: true,
    ..Settings::new()
};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another relay works on it.
    #[error("another relay already works on {}: stop that one first", .0.display())]
    InUse(PathBuf),
    /// A newer program wrote it.
    #[error("{} was written by a newer roost-relay: update this one", .0.display())]
    Newer(PathBuf),
    /// An older program wrote it, and may be at work on it.
    #[error("{} was written by an older roost-relay: stop that one and start this one first, \
        which brings it up to date", .0.display())]
    Older(PathBuf),
    /// It is no relay's database, or a damaged one.
    #[error("{} can't be used: {reason}; restore the last backup with `roost-relay restore`",
        path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It can't be read or written.
    #[error("{} can't be opened: {reason}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl OpenError {
    pub(crate) fn of(file: &Path, error: roost_sqlite::Error) -> Self {
        use roost_sqlite::Error as E;
        match error.at(file) {
            E::InUse { path } => Self::InUse(path),
            E::Newer { path, .. } => Self::Newer(path),
            E::Older { path } => Self::Older(path),
            E::OtherApplication { path, .. } => Self::damaged(&path, "it is no relay's database"),
            E::NotADatabase { path } => Self::damaged(&path, "it is no SQLite database"),
            E::History { path, detail } => {
                Self::damaged(&path, &format!("its record of migrations is garbled ({detail})"))
            }
            E::Damaged { path, detail } => Self::damaged(&path, &detail),
            // A changed letter of the schema or a value that can't be: SQLite itself minds neither.
            E::Sqlite(error) if is_no_longer_ours(&error) => {
                Self::damaged(file, &error.to_string())
            }
            E::Io { path, source } => Self::Unreadable { path, reason: source.to_string() },
            other => Self::Unreadable { path: file.to_owned(), reason: other.to_string() },
        }
    }

    pub(super) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::of(path, roost_sqlite::Error::io(path, error))
    }

    fn damaged(path: &Path, reason: &str) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.to_owned() }
    }
}

/// Whether an error says that the schema or a row is not as this program wrote it.
const fn is_no_longer_ours(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::InvalidColumnName(_)
            | E::InvalidColumnType(..)
            | E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..)
            | E::SqlInputError { .. }
    )
}

/// Opens or makes the file, alone in the whole system, and brings its format up to date. A ledger that
/// lies is worse than none: every page and reference is read before anything is sent.
pub(super) fn open(path: &Path) -> Result<roost_sqlite::ExclusiveDatabase, OpenError> {
    make_folder_of(path)?;
    roost_sqlite::open_exclusive(path, &SCHEMA, &SETTINGS, Depth::Whole, Duration::ZERO)
        .map_err(|error| OpenError::of(path, error))
}

/// Keeps every relay off the file as long as the lock is held.
pub(crate) fn lock(path: &Path) -> Result<File, OpenError> {
    make_folder_of(path)?;
    roost_sqlite::lock(path, Duration::ZERO).map_err(|error| OpenError::of(path, error))
}

fn make_folder_of(path: &Path) -> Result<(), OpenError> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => private_files::make_folder(folder).map_err(|e| OpenError::io(folder, e)),
        None => Ok(()),
    }
}

/// SQLite takes an emptied file for a new database. Beside a key file, which is made after the
/// ledger, it is no new one. A ledger that is gone as a whole may be begun anew.
pub(crate) fn refuse_emptied(path: &Path, key_file: &Path) -> Result<(), OpenError> {
    let is_empty = std::fs::metadata(path).is_ok_and(|file| file.len() == 0);
    match is_empty && key_file.exists() {
        true => Err(OpenError::damaged(path, "it is empty, though it was in use")),
        false => Ok(()),
    }
}

/// Returns what a copy of the file does not share with it: when it was made, or else its number on the
/// disk. Nothing where the system tells neither.
pub(crate) fn identity(path: &Path) -> Option<String> {
    let file = std::fs::metadata(path).ok()?;
    let made = file.created().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    if let Some(made) = made {
        return Some(format!("made {}", made.as_nanos()));
    }
    #[cfg(unix)]
    return Some(format!("inode {}", std::os::unix::fs::MetadataExt::ino(&file)));
    #[cfg(not(unix))]
    None
}

/// Opens a connection to a ledger that exists and is ours, beside the one that works on it. Its schema
/// is never changed here: the relay at work may be of another version.
pub(crate) fn beside(path: &Path) -> Result<Connection, OpenError> {
    let of = |error| OpenError::of(path, error);
    match roost_sqlite::inspect(path, &SCHEMA, &SETTINGS, Depth::Header).map_err(of)? {
        Found::Nothing | Found::Empty => Err(OpenError::damaged(path, "it is empty")),
        Found::Database { is_pending: true } => Err(OpenError::Older(path.to_owned())),
        Found::Database { is_pending: false } => {
            roost_sqlite::writer(path, &SCHEMA, &SETTINGS, false).map_err(of)
        }
    }
}

/// Copies a ledger to `to`, whole or not at all. A relay may work on it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    let source = roost_sqlite::inspector(from, &SETTINGS);
    let source = source.map_err(|error| OpenError::of(from, error))?;
    roost_sqlite::copy(&source, to).map_err(|error| OpenError::of(to, error))
}

/// Returns an empty ledger in memory.
#[cfg(test)]
pub(crate) fn in_memory() -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let of = |error| OpenError::of(path, error);
    let mut connection = roost_sqlite::in_memory(&SCHEMA, &SETTINGS).map_err(of)?;
    roost_sqlite::migrate(&mut connection, path, &SCHEMA).map_err(of)?;
    Ok(connection)
}
