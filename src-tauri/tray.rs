//! The icon in the system's tray: show, pause, quit.

use roost_engine::Engine;
use tauri::menu::{Menu, MenuEvent, MenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, Wry};

use crate::leave;
use crate::start::Shell;

const SHOW: &str = "show";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";

/// The tray's icon, with the one entry whose words change.
pub(crate) struct Tray {
    pause: MenuItem<Wry>,
    _icon: TrayIcon<Wry>,
}

/// Puts the icon into the tray; `None` where the desktop has none.
pub(crate) fn put(app: &AppHandle) -> tauri::Result<Option<Tray>> {
    if !exists() {
        return Ok(None);
    }
    let show = MenuItem::with_id(app, SHOW, "Show Roost", true, None::<&str>)?;
    let pause = MenuItem::with_id(app, PAUSE, "Pause all posts", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&show, &pause, &quit])?;
    let mut builder = TrayIconBuilder::with_id("roost").tooltip("Roost").menu(&menu);
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
    let icon = builder.on_menu_event(chosen).build(app)?;
    Ok(Some(Tray { pause, _icon: icon }))
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
            SHOW => leave::show(&app),
            PAUSE => turn_pause(&app).await,
            QUIT => leave::ask(&app).await,
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

/// Whether this desktop shows tray icons at all. On Linux that is a service on the session bus,
/// which many desktops lack; an icon nobody sees must not keep a hidden window.
#[cfg(target_os = "linux")]
fn exists() -> bool {
    use zbus::names::BusName;
    let Ok(watcher) = BusName::try_from("org.kde.StatusNotifierWatcher") else { return false };
    let answer = zbus::blocking::Connection::session().and_then(|bus| {
        let proxy = zbus::blocking::fdo::DBusProxy::new(&bus)?;
        Ok(proxy.name_has_owner(watcher)?)
    });
    answer.unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
fn exists() -> bool {
    true
}
