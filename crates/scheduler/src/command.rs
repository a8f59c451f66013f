//! What `qstash-local` does besides serving.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::Subcommand;
use roost_scheduler::{Config, Scheduler, Summary, system_clock};
use tokio_util::sync::CancellationToken;

/// Between two looks at what is still due.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Count what the database holds, as JSON. A server may be running on it.
    Inspect,
    /// Deliver what is due without accepting anything new, then end; what a paused flow control
    /// key holds stays. No server may be running. As the server was, with or without --dev.
    Drain,
    /// Copy the database as it is at one moment. A server may be running on it. The copy holds
    /// the signing keys.
    Backup {
        /// New file.
        file: PathBuf,
    },
}

impl Command {
    pub(crate) async fn run(&self, config: Config) -> anyhow::Result<()> {
        let database = config.database.clone();
        let now = system_clock();
        match self {
            Self::Inspect => tell(&roost_scheduler::inspect(&database, now())?),
            Self::Backup { file } => Ok(roost_scheduler::backup(&database, file)?),
            Self::Drain => {
                // Otherwise each call would be refused by the policy, and count as an attempt.
                if !config.development && roost_scheduler::is_for_development(&database)? {
                    bail!("{} was used with --dev only; so drain it", database.display());
                }
                tell(&drain(Scheduler::open(config)?).await?)
            }
        }
    }
}

/// Delivers until nothing is due that may start, or until somebody ends it; tells what is left.
async fn drain(scheduler: Scheduler) -> anyhow::Result<Summary> {
    let stop = CancellationToken::new();
    tokio::spawn(crate::stop_on_signal(stop.clone()));
    let delivering = tokio::spawn({
        let (scheduler, stop) = (scheduler.clone(), stop.clone());
        async move { scheduler.run(stop).await }
    });
    while !stop.is_cancelled() {
        let left = scheduler.summary().await?;
        if left.due <= left.held {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    stop.cancel();
    delivering.await?;
    let left = scheduler.summary().await?;
    if left.held > 0 {
        tracing::warn!(held = left.held, "not delivered: their flow control keys are paused");
    }
    Ok(left)
}

fn tell(summary: &Summary) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(summary)?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
