//! Which scheduler calls the relay.

use clap::{Args, Subcommand, ValueEnum};

/// `roost scheduler`: without a command it shows which one is in use.
#[derive(Debug, Args)]
pub(crate) struct Scheduler {
    #[command(subcommand)]
    pub(crate) what: Option<SchedulerCommand>,
}

/// Which scheduler to use.
#[derive(Debug, Subcommand)]
pub(crate) enum SchedulerCommand {
    /// Have QStash call the relay. Its signing keys are asked for and sent to the relay, and what the
    /// scheduler used so far has is moved.
    #[command(after_help = "\
The token is taken from QSTASH_TOKEN, else asked for without echo, else read from standard input. It does \
not belong among the arguments: `ps` and the shell's history show them.")]
    Qstash {
        /// QStash's address; each region has its own.
        #[arg(long, env = "QSTASH_URL", value_name = "URL", default_value = roost_pairing::QSTASH_URL)]
        qstash_url: String,
        /// What you have with QStash: it tells how far ahead posts can be handed over.
        #[arg(long)]
        plan: Option<QstashPlan>,
    },
    /// Have the scheduler inside the relay call it; no account at Upstash is needed.
    Relay,
}

/// Plans of QStash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QstashPlan {
    /// 1,000 messages a day, at most 7 days ahead.
    Free,
    /// At most a year ahead.
    PayAsYouGo,
    /// Any time ahead.
    Fixed,
}

impl QstashPlan {
    /// Returns the longest delay of a message, in days, as far as Roost uses it.
    pub(crate) const fn delay_days(self) -> u32 {
        match self {
            Self::Free => 7,
            Self::PayAsYouGo | Self::Fixed => 365,
        }
    }
}
