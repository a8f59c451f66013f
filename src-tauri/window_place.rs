//! The window's size and place: kept while the window is used, so that an end that nobody planned
//! loses no more of them than a second.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tauri_plugin_window_state::{AppHandleExt as _, StateFlags};

use crate::autostart;

/// So long after a change the window's place is written: a drag makes hundreds of changes.
const WRITE_AFTER: Duration = Duration::from_secs(1);

/// Whether a writing is under way that will take all changes until then along.
static IS_DUE: AtomicBool = AtomicBool::new(false);

/// Returns what is kept; that the window was shown last shows no hidden one.
fn kept() -> StateFlags {
    let mut kept = StateFlags::all();
    kept.set(StateFlags::VISIBLE, !autostart::is_hidden());
    kept
}

/// Returns the plugin that puts the window where it was, and writes its place at a planned end.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::new().with_state_flags(kept()).build()
}

/// Writes the window's place a second from now.
pub(crate) fn note_soon(app: &AppHandle) {
    if IS_DUE.swap(true, Ordering::SeqCst) {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(WRITE_AFTER).await;
        IS_DUE.store(false, Ordering::SeqCst);
        // The plugin asks the window while it holds its lock, which the main thread takes as well.
        let writer = app.clone();
        let _ = app.run_on_main_thread(move || {
            if let Err(error) = writer.save_window_state(kept()) {
                tracing::warn!(%error, "the window's place could not be written");
            }
        });
    });
}
