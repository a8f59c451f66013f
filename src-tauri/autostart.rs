//! Starting at login, hidden: only when the person chose so. The choice is a setting of the engine, which
//! the command line shows too; here the system is kept to it.

use roost_engine::Engine;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tauri_plugin_autostart::{MacosLauncher, ManagerExt as _};

use crate::environment;

/// The argument of a start that shows no window.
const HIDDEN: &str = "--hidden";

/// Returns the plugin that writes the system's entry.
pub(crate) fn plugin() -> TauriPlugin<Wry> {
    tauri_plugin_autostart::init(MacosLauncher::LaunchAgent, Some(vec![HIDDEN]))
}

/// Returns whether this start is to show no window.
pub(crate) fn is_hidden() -> bool {
    std::env::args_os().skip(1).any(|argument| argument == HIDDEN)
}

/// Makes the system's entry what the person chose. A data folder of its own (the demo, a test) has none:
/// the entry would start Roost over another one.
pub(crate) async fn follow_setting(app: &AppHandle, engine: &Engine) {
    if environment::word("ROOST_DATA_DIR").is_some() {
        return;
    }
    let Ok(settings) = engine.preferences().await else { return };
    let entry = app.autolaunch();
    let changed = match (settings.start_at_login, entry.is_enabled().unwrap_or_default()) {
        (true, false) => entry.enable(),
        (false, true) => entry.disable(),
        _ => return,
    };
    match changed {
        Ok(()) => tracing::info!(starts = settings.start_at_login, "start at login was changed"),
        Err(error) => tracing::warn!(%error, "start at login could not be changed"),
    }
}
