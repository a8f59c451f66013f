//! `roost diagnostics`

use clap::Args;

/// How diagnostics are printed. No texts, handles, addresses or keys are in them.
#[derive(Debug, Args)]
pub(crate) struct DiagnosticsArgs {
    /// Print Markdown, to be pasted into an issue.
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// `roost doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Send a test delivery the whole way: to the relay, the scheduler, back to the relay, and here; and
    /// have the relay ask X about each sign-in, which X may bill as one read each. Nothing is posted.
    #[arg(long)]
    pub(crate) live: bool,
}
