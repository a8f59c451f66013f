//! What happens in the engine, told to the window and, where it matters, to the person.

use roost_core::notice::NoticeChannel;
use roost_engine::{Change, Engine, group_notices};
use serde::{Deserialize, Serialize};
use tauri::AppHandle;

use crate::ipc::{Event as _, Type};
use crate::system_notification::tell;
use crate::{autostart, tray};

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

/// Shows the notices not told yet, where the person wants the system to show them; many of one cause as
/// one. The engine gives each out once.
async fn tell_notices(app: &AppHandle, engine: &Engine) {
    let notices = match engine.take_notices().await {
        Ok(notices) => notices,
        Err(error) => return tracing::warn!(%error, "notices could not be read"),
    };
    let wanted = notices.into_iter().filter(|notice| notice.channel == NoticeChannel::System);
    for notice in group_notices(wanted.collect()) {
        tell(app, notice).await;
    }
}
