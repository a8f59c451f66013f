//! Closing the window and quitting, honestly: in "This computer" nothing goes out without Roost.

use roost_core::zone::Zone;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _};

use crate::ipc::{Event as _, Type};
use crate::start::Shell;
use crate::{main_window, messages};

/// The person wants to quit, and something would not go out.
#[derive(Debug, Clone, Serialize, Deserialize, Type, crate::ipc::Event)]
pub(crate) struct QuitAsked {
    /// What would not go out.
    warning: String,
}

/// The window's close button: hides the window where a tray can bring it back, else asks.
pub(crate) fn close_window(app: &AppHandle) {
    let shell = app.state::<Shell>();
    if shell.is_tray_shown() && shell.engine().is_ok() {
        if let Some(window) = app.get_webview_window("main") {
            let _ = window.hide();
        }
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move { ask(&app).await });
}

/// Quits, unless something would not go out: then the window asks first.
pub(crate) async fn ask(app: &AppHandle) {
    let Some(warning) = warning(app.state::<Shell>().inner()).await else {
        return quit(app).await;
    };
    main_window::show(app);
    let asked = QuitAsked { warning };
    if asked.emit(app).is_err() {
        quit(app).await;
    }
}

/// Stops the engine and the services, then the program.
pub(crate) async fn quit(app: &AppHandle) {
    app.state::<Shell>().stop().await;
    app.exit(0);
}

/// Quits when the system asks the program to end: at log-out, or at a shutdown.
#[cfg(unix)]
pub(crate) async fn follow_signals(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("the system asks the window to end");
    quit(&app).await;
}

/// Elsewhere the window is asked to close.
#[cfg(not(unix))]
pub(crate) async fn follow_signals(_app: AppHandle) {}

async fn warning(shell: &Shell) -> Option<String> {
    let engine = shell.engine().ok()?;
    let (sync, counts) = (engine.sync_state().await.ok()?, engine.counts().await.ok()?);
    let zone = Zone::parse(&engine.preferences().await.ok()?.zone).ok()?;
    messages::quit_warning(&sync, &counts, &zone)
}
