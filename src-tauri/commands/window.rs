//! What only a window needs.

use tauri::{AppHandle, State};

use super::Here;
use crate::graphics::Memory;
use crate::ipc::specta;
use crate::quit;

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
