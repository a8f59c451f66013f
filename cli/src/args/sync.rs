//! Handing over, and what the person prefers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use roost_core::cost::MicroDollars;

/// `roost sync`
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Stay and keep handing over and bringing results back, until Ctrl-C.
    #[arg(long)]
    pub(crate) watch: bool,
    /// With --watch: end when no post is open any more.
    #[arg(long, requires = "watch")]
    pub(crate) until_done: bool,
    /// With --watch: end when standard input closes, so that a parent's end ends it too.
    #[arg(long, requires = "watch")]
    pub(crate) exit_with_stdin: bool,
    /// What to do with posts whose time passed before they were handed over.
    #[arg(long, value_enum, value_name = "POLICY")]
    pub(crate) late: Option<LateArg>,
    /// Seconds between overdue posts of one account. "This computer" only.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) overdue_spacing: Option<u64>,
    /// A relay that was used before, and still holds posts, will never run again: they are handed to
    /// the one in use.
    #[arg(long)]
    pub(crate) old_relay_is_gone: bool,
    /// Hand over now, and end: what `roost sync` does without --watch.
    #[arg(long, conflicts_with = "watch")]
    pub(crate) now: bool,
    /// Try at once whatever waits for X, for an account or for the scheduler, instead of at its next
    /// turn. What is paused stays paused.
    #[arg(long, conflicts_with = "watch")]
    pub(crate) try_now: bool,
}

/// `roost pause` and `roost resume`
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    /// This account alone, by its handle.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) account: Option<String>,
}

/// What to do with late posts.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LateArg {
    /// Post them, however late.
    Post,
    /// Post when at most 30 minutes late, else ask.
    Ask,
    /// Post when at most 30 minutes late, else they are missed.
    Miss,
}

/// `roost settings`: without an option it only shows them.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// The zone in which you think, like Asia/Kolkata.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// How many windows of six hours are handed over, counting the current one.
    #[arg(long, value_name = "WINDOWS", conflicts_with_all = ["travel", "no_travel"])]
    pub(crate) horizon: Option<u32>,
    /// Travel mode: hand over as far ahead as the scheduler's plan allows.
    #[arg(long, conflicts_with = "no_travel")]
    pub(crate) travel: bool,
    /// The usual horizon again: five windows.
    #[arg(long)]
    pub(crate) no_travel: bool,
    /// The longest delay that the scheduler's plan takes, in days: 7 on QStash's free plan, 365 on the
    /// others.
    #[arg(long, value_name = "DAYS")]
    pub(crate) plan_delay_days: Option<u32>,
    /// Posts that were not handed over in time still go out when they are at most so many minutes
    /// late.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) late_minutes: Option<u32>,
    /// What becomes of an account's pending posts when X no longer accepts its sign-in.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) when_disconnected: Option<WhenDisconnectedArg>,
    /// What X charges for a post without a link, in dollars: 0.015.
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) post_price: Option<MicroDollars>,
    /// What X charges for a post with a link, in dollars: 0.20.
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) link_price: Option<MicroDollars>,
    /// What X charges for the description of a picture, in dollars: 0.005.
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) alt_text_price: Option<MicroDollars>,
    /// An import warns of posts of an account that are less than so many minutes apart; 0 for none.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=1440))]
    pub(crate) collision_minutes: Option<u32>,
    /// A folder whose files are opened as imports, which wait until you say yes in the window.
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_watched_folder")]
    pub(crate) watched_folder: Option<PathBuf>,
    /// No folder is watched any more.
    #[arg(long)]
    pub(crate) no_watched_folder: bool,
    /// Megabytes that the backups beside the store may take together. The newest stays in any case.
    #[arg(long, value_name = "MEGABYTES", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) backup_megabytes: Option<u64>,
}

/// What becomes of the posts of a disconnected account.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum WhenDisconnectedArg {
    /// They wait, and go on after the next sign-in.
    Hold,
    /// They are cancelled; each can be scheduled again.
    Cancel,
}
