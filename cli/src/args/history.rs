//! History and the trash.

use clap::{Args, Subcommand};
use roost_core::id::PostId;

/// `roost history`
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// Steps at most, the newest.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) limit: u32,
    /// Steps before this one: the number that the page before named at its end.
    #[arg(long, value_name = "STEP")]
    pub(crate) before: Option<i64>,
}

/// `roost undo` and `roost redo`
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 all of it done, 1 failed or refused, 2 bad usage, 3 done, and some posts stay as they are.")]
pub(crate) struct MoveArgs {
    /// More than one step: back to before this one, or on to after it. `roost history` has the numbers.
    #[arg(long, value_name = "STEP")]
    pub(crate) to: Option<i64>,
    /// Tell what would happen, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Don't ask, where several steps are meant.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
}

/// `roost trash`: without a command it lists the trash.
#[derive(Debug, Args)]
pub(crate) struct TrashArgs {
    #[command(subcommand)]
    pub(crate) what: Option<TrashCommand>,
}

/// What to do with the trash.
#[derive(Debug, Subcommand)]
pub(crate) enum TrashCommand {
    /// Take posts out of the trash. One whose time has passed becomes a draft.
    Restore {
        /// The posts.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<PostId>,
    },
}
