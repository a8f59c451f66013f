//! What can keep the scheduler from starting or from keeping a promise.

use std::path::{Path, PathBuf};

/// Why the scheduler could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration can't work.
    #[error("the scheduler's configuration is wrong: {0}")]
    Config(String),
    /// The database file or its folder can't be used.
    #[error("the scheduler's database {path} can't be opened: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The database was written by a newer version.
    #[error("the scheduler's database {0} was written by a newer version: update this program")]
    Newer(PathBuf),
    /// SQLite refused.
    #[error("the scheduler's database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// A group of writes could not be made durable; none of them happened.
    #[error("the scheduler's database could not write: {0}")]
    Commit(String),
    /// A row is not what this program wrote.
    #[error("the scheduler's database holds an unreadable row: {0}")]
    Row(#[from] serde_json::Error),
    /// A plan's limit would be exceeded; in QStash's words.
    #[error("{0}")]
    Quota(String),
    /// The plan's messages of this day are spent.
    #[error("Exceeded daily rate limit. {limit} messages are accepted on one day (UTC)")]
    DailyLimit {
        /// Messages.
        limit: u32,
        /// When the next day begins, Unix milliseconds.
        resets_at: i64,
    },
    /// The scheduler is stopping.
    #[error("the scheduler is stopping")]
    Stopping,
}

impl Error {
    /// Returns why the file at `path` can't be used.
    pub(crate) fn opening(path: &Path, error: &roost_sqlite::Error) -> Self {
        use roost_sqlite::Error as E;
        let reason = match error {
            E::Newer { path, .. } => return Self::Newer(path.clone()),
            E::Older { .. } => {
                "an older version used it last; start qstash-local on it once".to_owned()
            }
            E::InUse { .. } => "another scheduler is using it".to_owned(),
            E::NotADatabase { .. } => "it is no SQLite database".to_owned(),
            E::Damaged { detail, .. } => format!("it is damaged: {detail}"),
            E::History { detail, .. } => {
                format!("its history of migrations is damaged or another program's: {detail}")
            }
            E::Io { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        Self::Open { path: path.to_owned(), reason }
    }

    /// Names the write in an error of its commit.
    pub(crate) fn named(self, point: &'static str) -> Self {
        match self {
            Self::Commit(reason) => Self::Commit(format!("{point}: {reason}")),
            other => other,
        }
    }
}

impl From<roost_sqlite::Error> for Error {
    fn from(error: roost_sqlite::Error) -> Self {
        match error {
            roost_sqlite::Error::Stopped => Self::Stopping,
            other => Self::Commit(other.to_string()),
        }
    }
}
