//! The desktop shell: a window over the engine, the tray, notifications. The only place that names
//! Tauri.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod autostart;
mod commands;
mod computer_move;
mod deep_link;
mod environment;
mod events;
mod failure;
mod graphics;
mod identity;
mod instance;
mod ipc;
mod main_window;
mod messages;
mod pairing;
mod quick_capture;
mod quit;
mod remote_relay;
mod sandbox;
mod sign_in;
mod start;
mod system_notification;
mod tray;
mod tray_availability;
mod updates;
mod window_place;

use std::process::ExitCode;

use roost_engine::LOG_FOLDER;
use roost_log_writer::{Format, LogFiles, ToFiles};
use start::Shell;
use tauri::async_runtime::block_on;
use tauri::{App, Context, Manager as _, RunEvent, WindowEvent};

/// Runs until the person quits.
#[must_use]
pub fn run() -> ExitCode {
    let to_files = start::chosen_data_folder().map(|data| ToFiles {
        files: LogFiles { folder: data.join(LOG_FOLDER), name: "window" },
        filter: "info",
    });
    let _log = roost_log_writer::begin_with_files("ROOST_LOG", "info", Format::Text, to_files);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the window starts");
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
        .plugin(window_place::plugin())
        .plugin(autostart::plugin())
        .plugin(updates::plugin())
        .invoke_handler(contract.invoke_handler())
        .setup(move |app| {
            contract.mount_events(app);
            set_up(app).map_err(Into::into)
        })
        .on_window_event(|window, event| match event {
            WindowEvent::CloseRequested { api, .. } => {
                api.prevent_close();
                quit::close_window(window.app_handle());
            }
            WindowEvent::Resized(_) | WindowEvent::Moved(_) => {
                window_place::note_soon(window.app_handle());
            }
            _ => {}
        })
        .build(context());
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

/// Returns the program's context. At a hidden start the window is made without being shown: the tray, or
/// a second start, brings it.
fn context() -> Context {
    let mut context = tauri::generate_context!();
    identity::apply(&mut context);
    updates::configure(&mut context);
    if autostart::is_hidden() {
        for window in &mut context.config_mut().app.windows {
            window.visible = false;
        }
    }
    context
}

/// Starts the shell behind the window, and what follows the engine.
fn set_up(app: &App) -> tauri::Result<()> {
    deep_link::listen(app);
    let shell = block_on(Shell::start());
    let engine = shell.engine().ok().cloned();
    app.manage(shell);
    tauri::async_runtime::spawn(tray::keep(app.handle().clone()));
    tauri::async_runtime::spawn(quit::follow_signals(app.handle().clone()));
    app.manage(system_notification::Notifier::default());
    if let Some(engine) = engine {
        tauri::async_runtime::spawn(events::follow(app.handle().clone(), engine));
        let settling = app.handle().clone();
        tauri::async_runtime::spawn(async move { settling.state::<Shell>().settle().await });
    }
    Ok(())
}
