//! Notifications of the operating system.

use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt as _;

/// Shows a notification of the system.
pub(crate) fn notify(app: &AppHandle, title: String, body: String) {
    let shown = app.notification().builder().title(title).body(body).show();
    if let Err(error) = shown {
        // It stays on the post's row, whatever the system does with notifications.
        tracing::warn!(%error, "the system would not show a notification");
    }
}
