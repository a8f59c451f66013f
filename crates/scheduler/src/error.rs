//! What can keep the scheduler from starting or from keeping a promise.

use std::path::PathBuf;

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
