//! The desktop shell: a window over the engine, the tray, notifications. The only place that names
//! Tauri.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod commands;
mod deep_link;
mod environment;
mod events;
mod failure;
mod graphics;
mod instance;
mod ipc;
mod messages;
mod pairing;
mod quit;
mod remote_relay;
mod sandbox;
mod sign_in;
mod start;
mod tray;
mod tray_availability;

use std::process::ExitCode;

use roost_log_writer::Format;
use start::Shell;
use tauri::async_runtime::block_on;
use tauri::{App, Manager as _, RunEvent, WindowEvent};

/// Runs until the person quits.
#[must_use]
pub fn run() -> ExitCode {
    let _log = roost_log_writer::begin("ROOST_LOG", "info", Format::Text);
    graphics::prepare();
    let contract = ipc::contract();
    let built = tauri::Builder::default()
        // First, so that a second start does nothing but show the first one's window.
        .plugin(instance::plugin())
        .plugin(graphics::plugin())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .invoke_handler(contract.invoke_handler())
        .setup(move |app| {
            contract.mount_events(app);
            set_up(app).map_err(Into::into)
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                quit::close_window(window.app_handle());
            }
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|_, _: RunEvent| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            instance::start_again_if_the_other_ended(&error);
            tracing::error!("the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the shell behind the window, and what follows the engine.
fn set_up(app: &App) -> tauri::Result<()> {
    deep_link::listen(app);
    let shell = block_on(Shell::start());
    let engine = shell.engine().ok().cloned();
    app.manage(shell);
    tauri::async_runtime::spawn(tray::keep(app.handle().clone()));
    if let Some(engine) = engine {
        tauri::async_runtime::spawn(events::follow(app.handle().clone(), engine));
        let settling = app.handle().clone();
        tauri::async_runtime::spawn(async move { settling.state::<Shell>().settle().await });
    }
    Ok(())
}
