//! What only a window needs.

use tauri::{AppHandle, Manager as _, State};

use super::Here;
use crate::graphics::Memory;
use crate::ipc::specta;
use crate::quick_capture::{self, CaptureKey};
use crate::quit;

const ZOOM_PERCENT_MIN: u16 = 50;
const ZOOM_PERCENT_MAX: u16 = 300;

/// Quits, whatever would not go out.
#[tauri::command]
#[specta]
pub(crate) async fn quit(app: AppHandle) {
    quit::quit(&app).await;
}

/// The window's first picture is on the screen.
#[tauri::command]
#[specta]
pub(crate) fn painted(memory: State<'_, Memory>) {
    memory.painted();
}

/// The file that a newcomer may import to try things.
#[tauri::command]
#[specta]
pub(crate) fn sample_file(shell: Here<'_>) -> Option<String> {
    shell.sample()
}

/// Makes everything in the window larger or smaller, in percent of its own size.
#[tauri::command]
#[specta]
pub(crate) fn set_zoom(app: AppHandle, percent: u16) {
    let factor = f64::from(percent.clamp(ZOOM_PERCENT_MIN, ZOOM_PERCENT_MAX)) / 100.0;
    if let Some(window) = app.get_webview_window("main")
        && let Err(error) = window.set_zoom(factor)
    {
        tracing::warn!(%error, "the window's content could not be zoomed");
    }
}

/// Takes the key for a new post that works in every program, or lets it go.
#[tauri::command]
#[specta]
pub(crate) fn set_quick_capture(app: AppHandle, on: bool) -> CaptureKey {
    quick_capture::turn(&app, on)
}
