//! Weekly posting times.

use clap::{Args, Subcommand};

/// `roost slots`
#[derive(Debug, Args)]
pub(crate) struct Slots {
    /// The account, by its handle [default: all, or the only one].
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    #[command(subcommand)]
    pub(crate) change: Option<SlotsCommand>,
}

/// What to do with an account's posting times.
#[derive(Debug, Subcommand)]
pub(crate) enum SlotsCommand {
    /// Set them, in place of those that there are.
    Set {
        /// The times: `Mon-Fri 9, 13, 18; Sat 10:30`.
        #[arg(value_name = "TIMES")]
        times: String,
        /// The zone on whose clocks they stand [default: what it was, at first that of the settings].
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
    },
    /// Take them all away.
    Clear,
}
