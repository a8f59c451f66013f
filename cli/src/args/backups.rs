//! Backups of the store.

use std::path::PathBuf;

use clap::Args;

/// `roost backup`
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// Where to write it [default: the folder `backups` in the data folder, where the newest, and one
    /// for each of the days and weeks before, stay].
    pub(crate) file: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long, requires = "file")]
    pub(crate) force: bool,
}

/// `roost restore`
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup: a file, a name that `roost backups` shows, or `latest`.
    #[arg(value_name = "BACKUP", required_unless_present = "new_store")]
    pub(crate) backup: Option<String>,
    /// Put no backup in its place: begin with an empty store.
    #[arg(long, conflicts_with = "backup")]
    pub(crate) new_store: bool,
}
