//! What happens in the engine, told to the window and, where it matters, to the person.

use roost_engine::{Change, Engine};
use serde::{Deserialize, Serialize};
use tauri::AppHandle;

use crate::ipc::{Event as _, Type};
use crate::system_notification::notify;
use crate::{autostart, messages, tray};

/// The kind of a notice that all went well.
const POSTED: &str = "posted";
/// So many of them are told one by one; what comes in a crowd is told in one sentence.
const POSTED_APART: usize = 3;

/// Something changed, as the engine tells it.
#[derive(Debug, Clone, Serialize, Deserialize, Type, crate::ipc::Event)]
pub(crate) struct Changed(Change);

/// Follows the engine until it is gone.
pub(crate) async fn follow(app: AppHandle, engine: Engine) {
    let mut changes = engine.changes();
    autostart::follow_setting(&app, &engine).await;
    // What arose while nobody looked.
    tell_notices(&app, &engine).await;
    loop {
        let Some(change) = changes.next().await else { return };
        if let Err(error) = Changed(change.clone()).emit(&app) {
            tracing::warn!(%error, "the window could not be told of a change");
        }
        if matches!(change, Change::Notices | Change::Everything) {
            tell_notices(&app, &engine).await;
        }
        if matches!(change, Change::Everything) {
            // A changed setting is told so.
            autostart::follow_setting(&app, &engine).await;
        }
        if !matches!(change, Change::Notices | Change::OpenImports) {
            tray::refresh(&app, &engine).await;
        }
    }
}

/// Shows the notices not told yet. The engine gives each out once.
async fn tell_notices(app: &AppHandle, engine: &Engine) {
    let notices = match engine.take_notices().await {
        Ok(notices) => notices,
        Err(error) => return tracing::warn!(%error, "notices could not be read"),
    };
    let (posted, others): (Vec<_>, Vec<_>) =
        notices.into_iter().partition(|notice| notice.kind == POSTED);
    if posted.len() > POSTED_APART {
        let body = "Their receipts are in Posted.".to_owned();
        notify(app, format!("{} are on X", messages::posts(posted.len() as u64)), body);
    } else {
        posted.into_iter().for_each(|notice| notify(app, notice.title, notice.body));
    }
    others.into_iter().for_each(|notice| notify(app, notice.title, notice.body));
}
