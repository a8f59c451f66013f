//! A backup on disk.

use std::path::PathBuf;

use roost_core::clock::UnixMillis;

/// A backup on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// When it was made, by the clock of the store; for a file that was renamed, when it was written.
    pub made_at: UnixMillis,
    /// Its size.
    pub bytes: u64,
    /// The number of the store's format, of a backup that was made because an update was to change it.
    pub format_before_update: Option<u32>,
}
