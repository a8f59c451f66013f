//! The scheduler's dead-letter queue.

use clap::{Args, Subcommand};

/// `roost dlq …`
#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetterQueue {
    /// List the messages that the scheduler gave up, each with the last answer that it got.
    List,
    /// Publish messages anew. A post that has gone out meanwhile does not go out again.
    Retry(Letters),
    /// Delete messages from the queue. Nothing of their posts changes.
    Delete(Letters),
}

/// Which messages.
#[derive(Debug, Args)]
pub(crate) struct Letters {
    /// Their ids, as `roost dlq list` shows them.
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub(crate) ids: Vec<String>,
    /// Every one of them.
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
}
