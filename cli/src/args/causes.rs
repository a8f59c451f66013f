//! What failed, waits or was missed, by its reason.

use clap::{Args, Subcommand};

/// `roost causes`: without a command it lists them.
#[derive(Debug, Args)]
pub(crate) struct Causes {
    #[command(subcommand)]
    pub(crate) what: Option<CausesCommand>,
}

/// What to do with all posts of one cause.
#[derive(Debug, Subcommand)]
pub(crate) enum CausesCommand {
    /// List them.
    List,
    /// Try all of them again: at their times, else from now on, a minute apart for each account.
    Retry(OneCause),
    /// Give all of them new times, in their order.
    Reschedule(Reschedule),
    /// Cancel all of them.
    Cancel(OneCause),
}

/// Names a cause.
#[derive(Debug, Args)]
pub(crate) struct OneCause {
    /// The cause, as `roost causes` calls it.
    pub(crate) cause: String,
    /// Only when it has so many posts.
    #[arg(long, value_name = "COUNT")]
    pub(crate) posts: Option<u64>,
}

/// New times for the posts of a cause.
#[derive(Debug, Args)]
pub(crate) struct Reschedule {
    #[command(flatten)]
    pub(crate) of: OneCause,
    /// The first one's time: "2027-03-01 09:00".
    #[arg(long, value_name = "TIME")]
    pub(crate) from: String,
    /// The zone of that time [default: yours].
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// How far apart they are.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) every: Option<u32>,
}
