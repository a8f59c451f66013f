//! What can go wrong with the store, in words that say what to do.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use roost_core::id::{ImportId, PostId};
use roost_core::status::{Actor, Status};

/// How a backup is put back.
const WAY_BACK: &str = "close Roost, then put one back.";

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
    /// The store went to another computer, and takes no writes here.
    #[error(
        "The posts of this data folder were moved to another computer, in the file \"{}\". They can \
         be read here and not changed, and nothing goes out from here.", file.display()
    )]
    MovedAway {
        /// The sealed file that the store was put into.
        file: PathBuf,
    },
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
    /// An older Roost has the file open, and this one is to bring it up to date.
    #[error(
        "The store \"{}\" is open in an older version of Roost, and this version is to update it. \
         Nothing was changed. Quit the Roost that is open (its window, or a sync that runs on in a \
         terminal), then try again.", path.display()
    )]
    InUseByOlder {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused something about a file.
    #[error("\"{}\" could not be used: {source}. Nothing was changed.", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<std::io::Error>,
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
    Sqlite(#[source] roost_sqlite::Error),
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

    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        roost_sqlite::Error::io(path, source).into()
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

impl From<roost_sqlite::Error> for Error {
    fn from(error: roost_sqlite::Error) -> Self {
        use roost_sqlite::Error as E;
        match error {
            E::NotADatabase { path } => Self::NotADatabase { path },
            E::OtherApplication { path, application_id } => {
                Self::OtherApplication { path, application_id }
            }
            E::Damaged { path, detail } => Self::Damaged { path, detail },
            E::Newer { path, found, known } => Self::Newer { path, found, known },
            E::History { path, detail } => Self::History { path, detail },
            E::InUse { path } => Self::InUse { path },
            E::Locked => Self::Locked,
            E::ReadOnly => Self::ReadOnly,
            E::DiskFull => Self::DiskFull,
            E::Constraint { detail } => Self::Constraint { detail },
            E::Io { path, source } => Self::Io { path, source },
            other => Self::Sqlite(other),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        roost_sqlite::Error::from(error).into()
    }
}
