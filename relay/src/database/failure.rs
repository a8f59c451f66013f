//! What can go wrong with the database while the relay runs.

use rusqlite::ErrorCode;

/// Why a read or write did not happen. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// No space left.
    #[error("the disk is full; free some space, the relay goes on by itself")]
    DiskFull,
    /// Another program holds the file.
    #[error("another program holds the relay's database; close it, the relay goes on by itself")]
    Busy,
    /// The writer has ended.
    #[error("the relay is stopping")]
    Stopped,
    /// Anything else.
    #[error("the database failed at «{point}»: {message}")]
    Failed {
        /// Where.
        point: &'static str,
        /// In SQLite's words.
        message: String,
    },
}

impl DatabaseError {
    pub(super) fn of(point: &'static str, error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Failed { point, message: error.to_string() },
        }
    }
}
