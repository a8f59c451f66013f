//! What can go wrong with the database while the relay runs.

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
    #[error("the database failed at \"{point}\": {message}")]
    Failed {
        /// Where.
        point: &'static str,
        /// In SQLite's words.
        message: String,
    },
}

impl DatabaseError {
    pub(super) fn of(point: &'static str, error: &roost_sqlite::Error) -> Self {
        use roost_sqlite::Error as E;
        match error {
            E::DiskFull => Self::DiskFull,
            E::Locked => Self::Busy,
            E::Stopped => Self::Stopped,
            E::Panicked { .. } => {
                let message = "the change ended in a panic; it was undone".to_owned();
                Self::Failed { point, message }
            }
            other => Self::Failed { point, message: other.to_string() },
        }
    }
}
