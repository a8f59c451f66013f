//! The icon in the system's tray: show, pause everything or one account, undo, quit.

mod entries;

use std::sync::{Mutex, PoisonError};

use roost_engine::Engine;
use roost_engine::api::MoveInHistory;
use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager as _, WebviewWindow, Wry};

use crate::start::Shell;
use crate::system_notification::notify;
use crate::{main_window, messages, quit, tray_availability};
use entries::{Choice, Entry, Offer};

/// The tray's icon, with what its menu offers.
pub(crate) struct Tray {
    icon: TrayIcon<Wry>,
    offer: Mutex<Offer>,
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
        main_window::show(app);
    }
}

fn put(app: &AppHandle) -> tauri::Result<Tray> {
    let offer = Offer::default();
    let mut builder = TrayIconBuilder::with_id("roost").tooltip("Roost").menu(&menu(app, &offer)?);
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
    let icon = builder.on_menu_event(chosen).build(app)?;
    Ok(Tray { icon, offer: Mutex::new(offer) })
}

fn menu(app: &AppHandle, offer: &Offer) -> tauri::Result<Menu<Wry>> {
    let mut builder = MenuBuilder::new(app);
    for entry in offer.entries() {
        builder = match entry {
            Entry::Line => builder.separator(),
            Entry::Item { choice, words } => {
                builder.item(&MenuItem::with_id(app, choice.id(), words, true, None::<&str>)?)
            }
        };
    }
    builder.build()
}

/// Lets the menu say what it would do now.
pub(crate) async fn refresh(app: &AppHandle, engine: &Engine) {
    let shell = app.state::<Shell>();
    let Some(tray) = shell.tray() else { return };
    let Ok(offer) = Offer::of(engine).await else { return };
    let is_known = *tray.offer.lock().unwrap_or_else(PoisonError::into_inner) == offer;
    if is_known {
        return;
    }
    let shown = menu(app, &offer).and_then(|menu| tray.icon.set_menu(Some(menu)));
    match shown {
        Ok(()) => *tray.offer.lock().unwrap_or_else(PoisonError::into_inner) = offer,
        Err(error) => tracing::warn!(%error, "the tray's menu could not be changed"),
    }
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    let app = app.clone();
    let Some(choice) = Choice::of(event.id().as_ref()) else { return };
    tauri::async_runtime::spawn(async move {
        match choice {
            Choice::Show => main_window::show(&app),
            Choice::Quit => quit::ask(&app).await,
            Choice::Pause => turn_pause(&app, None).await,
            Choice::PauseAccount(account) => turn_pause(&app, Some(account)).await,
            Choice::Undo => undo(&app).await,
        }
    });
}

async fn turn_pause(app: &AppHandle, account: Option<String>) {
    let shell = app.state::<Shell>();
    let Ok(engine) = shell.engine() else { return };
    let Ok(offer) = Offer::of(engine).await else { return };
    let is_paused = offer.is_paused(account.as_deref());
    if let Err(error) = engine.set_paused(!is_paused, account.as_deref()).await {
        notify(app, "Pause could not be changed".to_owned(), error.to_string());
    }
}

/// Undoes the last step, and says what that was: the window may be hidden.
async fn undo(app: &AppHandle) {
    let shell = app.state::<Shell>();
    let Ok(engine) = shell.engine() else { return };
    let (title, body) = match engine.undo(MoveInHistory::default()).await {
        Ok(done) => messages::undone(&done),
        Err(error) => ("Nothing was undone".to_owned(), error.to_string()),
    };
    notify(app, title, body);
}
