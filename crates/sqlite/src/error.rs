//! Why a database could not be opened, read or written, told apart by what helps.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

/// What went wrong. After any of these the file is as it was before: a write happens whole or not at
/// all.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The file is no SQLite database.
    #[error("{} is no SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A SQLite database that another program made.
    #[error("{} is a database of another program (application id {application_id:#010x})",
        path.display())]
    OtherApplication {
        /// The file.
        path: PathBuf,
        /// The mark in its header.
        application_id: u32,
    },
    /// Pages or references are not as they were written.
    #[error("{} is damaged: {detail}", path.display())]
    Damaged {
        /// The file; empty where SQLite named none.
        path: PathBuf,
        /// What was found first.
        detail: String,
    },
    /// A newer program wrote the file.
    #[error("{} was written by a newer program (format {found}; this one knows {known})",
        path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// An older program wrote the file, and it was not brought up to date yet.
    #[error("{} was written by an older program and is not up to date", path.display())]
    Older {
        /// The file.
        path: PathBuf,
    },
    /// The record of migrations is not one that this program's migrations leave.
    #[error("{} has a record of migrations that cannot be right: {detail}", path.display())]
    History {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Another process has the file open, and this one needs it alone.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds the file, and did not let go in time.
    #[error("the database is locked by another program")]
    Locked,
    /// The file or its folder cannot be written.
    #[error("the file or its folder is read-only")]
    ReadOnly,
    /// No space is left.
    #[error("the disk is full")]
    DiskFull,
    /// A row breaks a rule of the schema.
    #[error("a rule of the database was broken: {detail}")]
    Constraint {
        /// Which, in SQLite's words.
        detail: String,
    },
    /// The operating system refused something about a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The body of a write ended in a panic; what it changed was undone.
    #[error("the write `{point}` ended in a panic; it was undone")]
    Panicked {
        /// The write's name.
        point: &'static str,
    },
    /// The thread that writes or reads has ended.
    #[error("the database is closed")]
    Stopped,
    /// Anything else that SQLite says.
    #[error("{0}")]
    Sqlite(Arc<rusqlite::Error>),
}

impl Error {
    /// Returns what the system said about a file, by kind.
    #[must_use]
    pub fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Io { path: path.to_owned(), source: Arc::new(source) },
        }
    }

    /// Names the file in an error that SQLite gave without one.
    #[must_use]
    pub fn at(self, file: &Path) -> Self {
        match self {
            Self::Damaged { path, detail } if path.as_os_str().is_empty() => {
                Self::Damaged { path: file.to_owned(), detail }
            }
            other => other,
        }
    }

    /// Returns why a migration failed. The record was read before, so that what is left is what
    /// SQLite says.
    pub(crate) fn of_migration(error: &refinery::Error, file: &Path) -> Self {
        let detail = error.to_string();
        let refinery::error::Kind::Connection(_, source) = error.kind() else {
            return Self::History { path: file.to_owned(), detail };
        };
        source
            .downcast_ref::<rusqlite::Error>()
            .and_then(rusqlite::Error::sqlite_error_code)
            .and_then(|code| of_code(code, detail.clone()))
            .unwrap_or(Self::History { path: file.to_owned(), detail })
            .at(file)
    }
}

/// Returns the error that SQLite's code names; none for codes that call for nothing in particular.
fn of_code(code: ErrorCode, detail: String) -> Option<Error> {
    Some(match code {
        ErrorCode::DiskFull => Error::DiskFull,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Error::ReadOnly,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Locked,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            Error::Damaged { path: PathBuf::new(), detail }
        }
        ErrorCode::ConstraintViolation => Error::Constraint { detail },
        _ => return None,
    })
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        error
            .sqlite_error_code()
            .and_then(|code| of_code(code, error.to_string()))
            .unwrap_or_else(|| Self::Sqlite(Arc::new(error)))
    }
}
