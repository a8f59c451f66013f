//! A key that works in every program: it brings the window to the front with an empty post. It is taken
//! only while the person wants it; under X11 the plugin looks for it twenty times a second.

use serde::{Deserialize, Serialize};
use tauri::AppHandle;
use tauri_plugin_global_shortcut::{Builder, GlobalShortcutExt as _, ShortcutState};

use crate::environment;
use crate::ipc::{Event as _, Type};
use crate::main_window;

const KEYS: &str = "CmdOrCtrl+Shift+Alt+T";
/// The same as it stands on a keyboard.
const SHOWN_KEYS: &str =
    if cfg!(target_os = "macos") { "⌘ ⇧ ⌥ T" } else { "Ctrl Shift Alt T" };
/// The plugin's name, by which it is taken away again.
const PLUGIN: &str = "global-shortcut";

/// The person pressed the key, in whichever program.
#[derive(Debug, Clone, Serialize, Deserialize, Type, crate::ipc::Event)]
pub(crate) struct CaptureAsked {}

/// Whether the key is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct CaptureKey {
    /// The keys, as they are shown.
    keys: String,
    is_on: bool,
    /// Why it can't be had, with what to do instead.
    problem: Option<String>,
}

/// Takes the key, or lets it go.
pub(crate) fn turn(app: &AppHandle, on: bool) -> CaptureKey {
    let key = |is_on, problem| CaptureKey { keys: SHOWN_KEYS.to_owned(), is_on, problem };
    // What was taken before is let go, so that a key is never taken twice.
    app.remove_plugin(PLUGIN);
    if !on {
        return key(false, None);
    }
    if environment::word("WAYLAND_DISPLAY").is_some() {
        return key(false, Some(without_keys()));
    }
    match take(app) {
        Ok(()) => key(true, None),
        Err(error) => {
            tracing::warn!(%error, "the key for a new post can't be had");
            app.remove_plugin(PLUGIN);
            key(false, Some(format!("Another program has {SHOWN_KEYS}, or the system keeps it.")))
        }
    }
}

fn take(app: &AppHandle) -> Result<(), Box<dyn std::error::Error>> {
    let plugin = Builder::<tauri::Wry>::new()
        .with_handler(|app, _shortcut, event| {
            if event.state() == ShortcutState::Pressed {
                main_window::show(app);
                let _ = CaptureAsked {}.emit(app);
            }
        })
        .build();
    app.plugin(plugin)?;
    app.global_shortcut().register(KEYS)?;
    Ok(())
}

/// What is told where the session gives no program a key of its own.
fn without_keys() -> String {
    "This session (Wayland) gives no program a key that works everywhere. In the keyboard settings \
     of your desktop, give a key of your own this command: xdg-open roost://new"
        .to_owned()
}
