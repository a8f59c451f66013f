//! What can go wrong with the store, in words that say what to do.

use std::path::{Path, PathBuf};

use roost_core::id::{ImportId, PostId};
use roost_core::status::{Actor, Status};
use rusqlite::ErrorCode;

/// How a backup is put back.
const WAY_BACK: &str =
    "close Roost; `roost backups` lists them, and `roost restore BACKUP` puts one back.";

/// Why the store could not be opened, read or written. After any of these the file is as it was
/// before: a write happens whole or not at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not there, though a store was.
    #[error(
        "The store \"{}\" is gone, though Roost has used it before. Nothing was written. Put the file \
         back, or restore a backup: {WAY_BACK}", path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file is empty, though a store was in it. SQLite would take it for a new database.
    #[error(
        "The store \"{}\" is empty, though Roost has kept posts in it. The file was left as it was. \
         Restore a backup: {WAY_BACK}", path.display()
    )]
    Emptied {
        /// The empty file.
        path: PathBuf,
    },
    /// The file is no SQLite database.
    #[error(
        "\"{}\" is not a Roost store: it is no SQLite database. The file was left as it was. Choose \
         another data folder, or move the file away.", path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A SQLite database that some other program made.
    #[error(
        "\"{}\" is a database of another program (application id {application_id:#010x}). The file \
         was left as it was. Choose another data folder, or move the file away.", path.display()
    )]
    OtherApplication {
        /// The file.
        path: PathBuf,
        /// The mark in its header.
        application_id: u32,
    },
    /// The file is damaged.
    #[error(
        "The store \"{}\" is damaged ({detail}). The file was left as it was. Restore a backup: \
         {WAY_BACK} The damaged file is kept aside, since posts may still be read from it.",
        path.display()
    )]
    Damaged {
        /// The file; empty for a store in memory.
        path: PathBuf,
        /// What the check found first.
        detail: String,
    },
    /// A newer Roost wrote the file.
    #[error(
        "The store \"{}\" was written by a newer Roost (format {found}; this one knows {known}). The \
         file was left as it was. Update Roost and open it again.", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this Roost knows.
        known: i64,
    },
    /// The record of migrations makes no sense.
    #[error(
        "The store \"{}\" has a record of migrations that cannot be right ({detail}). The file was \
         left as it was. Restore a backup: {WAY_BACK}", path.display()
    )]
    History {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Somebody else holds the file, and did not let go in time.
    #[error(
        "The store is locked by another program. Nothing was changed. Close the other program (a \
         backup tool, a database browser, another Roost) and try again."
    )]
    Locked,
    /// The file or its folder cannot be written.
    #[error(
        "The store cannot be written: the file or its folder is read-only. Nothing was changed. \
         Allow Roost to write there, or choose another data folder."
    )]
    ReadOnly,
    /// No space is left.
    #[error(
        "The disk is full. Nothing was changed, and what was saved before is safe. Free some space \
         and try again."
    )]
    DiskFull,
    /// The file is open elsewhere, and this needs it alone.
    #[error(
        "The store \"{}\" is open in another Roost. Nothing was changed. Close it and try again.",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused something about a file.
    #[error("\"{}\" could not be used: {source}. Nothing was changed.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No such row.
    #[error("There is no {what} {id}.")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Under which id.
        id: String,
    },
    /// The table of statuses does not allow the change.
    #[error("Post {post} is {from}; {actor:?} cannot make it {to}. Nothing was changed.")]
    Refused {
        /// The post.
        post: PostId,
        /// What it is.
        from: Status,
        /// What it was to become.
        to: Status,
        /// Who asked.
        actor: Actor,
    },
    /// The post is being sent, was sent, or may have been sent.
    #[error("Post {post} is {status} and cannot be edited any more. Nothing was changed.")]
    NotEditable {
        /// The post.
        post: PostId,
        /// What it is.
        status: Status,
    },
    /// The relay may still send the post: withdraw it first.
    #[error(
        "Post {post} was handed over and is not withdrawn yet. Cancel it first; it can be deleted \
         when the relay has confirmed."
    )]
    StillHandedOver {
        /// The post.
        post: PostId,
    },
    /// The post is in the trash.
    #[error("Post {post} was deleted. Restore it first. Nothing was changed.")]
    Deleted {
        /// The post.
        post: PostId,
    },
    /// The import was undone before.
    #[error("Import {import} was undone already.")]
    AlreadyUndone {
        /// The import.
        import: ImportId,
    },
    /// A row breaks a rule of the database.
    #[error("A rule of the store was broken ({detail}). Nothing was changed.")]
    Constraint {
        /// Which, in SQLite's words.
        detail: String,
    },
    /// A value could not be turned into JSON or back.
    #[error("A value of the store could not be read as JSON: {0}.")]
    Json(#[from] serde_json::Error),
    /// Anything else that SQLite says.
    #[error("The store could not be used: {0}.")]
    Sqlite(#[source] rusqlite::Error),
}

impl Error {
    /// Whether a backup is what helps.
    #[must_use]
    pub const fn wants_backup(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. }
                | Self::Emptied { .. }
                | Self::Damaged { .. }
                | Self::History { .. }
        )
    }

    /// Whether the same may work later without anybody doing something here.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Locked | Self::DiskFull | Self::InUse { .. })
    }

    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                Self::ReadOnly
            }
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    /// Names the file in errors that SQLite gave without one.
    pub(crate) fn at(self, file: &Path) -> Self {
        match self {
            Self::Damaged { path, detail } if path.as_os_str().is_empty() => {
                Self::Damaged { path: file.to_owned(), detail }
            }
            other => other,
        }
    }
}

/// What SQLite's code says in our words; none for those that say nothing to a person.
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
            .unwrap_or(Self::Sqlite(error))
    }
}

impl Error {
    /// Why a migration failed. Our own check has read the history before refinery does, so that
    /// what is left is what SQLite says.
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
