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

use roost_store::Watch;
use tokio_util::sync::CancellationToken;

use self::look::FolderWatch;
use super::session::desk;
use crate::state::EngineState;
use crate::{Change, Result};

/// Seconds between two looks; a file that is the same at two of them is no longer written.
const LOOK_EVERY_BEATS: u32 = 2;

/// Watches the folder until `stop`.
pub(crate) async fn run(engine: Arc<EngineState>, stop: CancellationToken) {
    let mut watch = FolderWatch::default();
    let mut settings = None;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = engine.beat.nth(LOOK_EVERY_BEATS) => {}
        }
        // Where no folder is watched there is nothing to look at until something is written.
        if watch.is_idle() && !has_changed(&engine, &mut settings).await {
            continue;
        }
        match look(&engine, std::mem::take(&mut watch)).await {
            Ok(looked) => watch = looked,
            // What it knew is read anew at the next look.
            Err(error) => {
                settings = None;
                tracing::warn!(%error, "the watched folder could not be looked at");
            }
        }
    }
}

/// Returns whether the store was written since the last call, settings perhaps; true at first.
async fn has_changed(engine: &EngineState, watch: &mut Option<Watch>) -> bool {
    if let Some(watch) = watch {
        return watch.changed().unwrap_or(true);
    }
    let store = engine.store.clone();
    *watch = engine.blocking(move || Ok(store.watch()?)).await.ok();
    true
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
