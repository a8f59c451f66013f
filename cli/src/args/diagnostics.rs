//! `roost diagnostics`

use clap::Args;

/// How diagnostics are printed. No texts, handles, addresses or keys are in them.
#[derive(Debug, Args)]
pub(crate) struct DiagnosticsArgs {
    /// Print Markdown, to be pasted into an issue.
    #[arg(long)]
    pub(crate) markdown: bool,
}
