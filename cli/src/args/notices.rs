//! Notices, and what the shell is given.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// `roost notices`
#[derive(Debug, Args)]
pub(crate) struct Notices {
    /// Those too that were read before.
    #[arg(long)]
    pub(crate) all: bool,
    /// Note that you have read what is printed, and everything older.
    #[arg(long)]
    pub(crate) mark_read: bool,
    /// Notices at most, the newest.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) limit: u32,
}

/// `roost completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// `roost man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write a page for every command into this folder [default: the first page, to standard output].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}
