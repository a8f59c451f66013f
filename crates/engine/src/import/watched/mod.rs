//! The watched folder: a file that is put into it, and is no longer written, is opened as an import that
//! waits for the person's yes. Nothing of it is imported before.
//!
//! The folder is looked at again and again, and no notice of the system is waited for: those stand still
//! on network drives and while a computer sleeps, and a file has to be seen twice anyway before it counts
//! as written.

mod folder;
mod look;
mod notices;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::look::FolderWatch;
use super::session::desk;
use crate::state::EngineState;
use crate::{Change, Result};

/// Between two looks; a file that is the same at two of them is no longer written.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Watches the folder until `stop`.
pub(crate) async fn run(engine: Arc<EngineState>, stop: CancellationToken) {
    let mut watch = FolderWatch::default();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        match look(&engine, std::mem::take(&mut watch)).await {
            Ok(looked) => watch = looked,
            // What it knew is read anew at the next look.
            Err(error) => tracing::warn!(%error, "the watched folder could not be looked at"),
        }
    }
}

/// Looks once, and tells what came of it.
async fn look(engine: &EngineState, mut watch: FolderWatch) -> Result<FolderWatch> {
    let desk = desk(engine);
    let (watch, looked) = engine
        .blocking(move || {
            let looked = watch.look(&desk);
            Ok((watch, looked))
        })
        .await?;
    let news = looked?;
    if news.imports {
        engine.publish(Change::OpenImports);
    }
    if news.notices {
        engine.publish(Change::Notices);
    }
    Ok(watch)
}
