//! One running instance per data folder: a second start shows the first one's window.

use std::time::Duration;

use tauri::plugin::TauriPlugin;

use crate::{environment, main_window, updates};

/// Counts the starts that met an instance which was ending.
const ATTEMPTS_VARIABLE: &str = "ROOST_START_ATTEMPTS";
const MAX_ATTEMPTS: u32 = 50;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);

/// Returns the plugin that finds the running instance. The demo runs beside a person's own Roost.
pub(crate) fn plugin() -> TauriPlugin<tauri::Wry> {
    let builder = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _arguments, _folder| main_window::show(app));
    match environment::word("ROOST_DATA_DIR") {
        Some(folder) => builder.dbus_id(format!("app.roost.at-{}", mark_of(&folder))).build(),
        None => builder.build(),
    }
}

/// Starts the program again if this start met an instance that was ending: it still had its name
/// on the bus, and left before it answered. A person who quits and opens Roost at once sees a
/// window, not nothing. Returns where there is nothing to wait for, or after five seconds.
pub(crate) fn start_again_if_the_other_ended(error: &tauri::Error) {
    let attempt = environment::word(ATTEMPTS_VARIABLE).and_then(|word| word.parse().ok());
    let attempt: u32 = attempt.unwrap_or(0);
    let met_another = matches!(error,
        tauri::Error::PluginInitialization(name, _) if name == "single-instance");
    if met_another && attempt < MAX_ATTEMPTS {
        tracing::info!(attempt, "the instance that was running is ending: starting again");
        std::thread::sleep(BETWEEN_ATTEMPTS);
        replace_this_process(attempt + 1);
    }
}

/// Starts the program again in the place of this one, which has stopped its work.
pub(crate) fn start_again(app: &tauri::AppHandle) {
    tracing::info!("starting again");
    app.cleanup_before_exit();
    #[cfg(unix)]
    replace_this_process(0);
    app.restart();
}

/// Runs the program anew in this process: a toolkit that has begun can't begin twice.
#[cfg(unix)]
fn replace_this_process(attempt: u32) {
    use std::os::unix::process::CommandExt as _;

    let Some(program) = updates::program_to_start() else { return };
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(ATTEMPTS_VARIABLE, attempt.to_string())
        .exec();
    tracing::warn!("the program could not be started again: {error}");
}

/// Elsewhere the plugin asks no bus, and never fails for this reason.
#[cfg(not(unix))]
fn replace_this_process(_attempt: u32) {}

/// A short mark of a text (FNV-1a), for a name on the bus.
fn mark_of(text: &str) -> String {
    let mark = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |mark, byte| {
        (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{mark:016x}")
}
