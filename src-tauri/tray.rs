//! The icon in the system's tray: show, pause, quit.

use roost_engine::Engine;
use tauri::menu::{Menu, MenuEvent, MenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, WebviewWindow, Wry};

use crate::start::Shell;
use crate::{quit, tray_availability};

const SHOW: &str = "show";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";

/// The tray's icon, with the one entry whose words change.
pub(crate) struct Tray {
    pause: MenuItem<Wry>,
    _icon: TrayIcon<Wry>,
}

/// Puts the icon into the tray as soon as the desktop has one, and shows a hidden window when the
/// tray goes away: nothing else could bring it back.
pub(crate) async fn keep(app: AppHandle) {
    let handle = app.clone();
    tray_availability::follow(move |is_shown| {
        let app = handle.clone();
        // Icons and menus belong to the main thread.
        let told = handle.run_on_main_thread(move || set_shown(&app, is_shown));
        if let Err(error) = told {
            tracing::warn!(%error, "the tray could not be changed");
        }
    })
    .await;
}

fn set_shown(app: &AppHandle, is_shown: bool) {
    let shell = app.state::<Shell>();
    if is_shown && shell.tray().is_none() {
        match put(app) {
            Ok(tray) => shell.keep_tray(tray),
            Err(error) => return tracing::warn!(%error, "the tray takes no icon"),
        }
    }
    shell.set_tray_shown(is_shown);
    let is_hidden = |window: &WebviewWindow| window.is_visible().is_ok_and(|visible| !visible);
    if !is_shown && app.get_webview_window("main").as_ref().is_some_and(is_hidden) {
        quit::show(app);
    }
}

fn put(app: &AppHandle) -> tauri::Result<Tray> {
    let show = MenuItem::with_id(app, SHOW, "Show Roost", true, None::<&str>)?;
    let pause = MenuItem::with_id(app, PAUSE, "Pause all posts", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&show, &pause, &quit])?;
    let mut builder = TrayIconBuilder::with_id("roost").tooltip("Roost").menu(&menu);
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
    let icon = builder.on_menu_event(chosen).build(app)?;
    Ok(Tray { pause, _icon: icon })
}

/// Lets the entry say what it would do now.
pub(crate) async fn refresh(app: &AppHandle, engine: &Engine) {
    let Ok(sync) = engine.sync_state().await else { return };
    if let Some(tray) = app.state::<Shell>().tray() {
        let words = if sync.paused { "Let posts go out again" } else { "Pause all posts" };
        let _ = tray.pause.set_text(words);
    }
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match event.id().as_ref() {
            SHOW => quit::show(&app),
            PAUSE => turn_pause(&app).await,
            QUIT => quit::ask(&app).await,
            _ => {}
        }
    });
}

async fn turn_pause(app: &AppHandle) {
    let shell = app.state::<Shell>();
    let Ok(engine) = shell.engine() else { return };
    let paused = engine.sync_state().await.is_ok_and(|sync| sync.paused);
    if let Err(error) = engine.pause(!paused).await {
        tracing::warn!(%error, "pause could not be set");
    }
}
