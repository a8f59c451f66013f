//! Links that the system hands over, such as `roost://pair?…`: they open something in the window, which
//! reads them, and do nothing by themselves.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tauri::{App, AppHandle, Manager as _};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::ipc::{Event as _, Type};
use crate::{identity, main_window};

/// A link was opened; the window asks for it, because it may not have listened yet.
#[derive(Debug, Clone, Serialize, Deserialize, Type, crate::ipc::Event)]
pub(crate) struct LinkOpened {}

/// The link that was opened last, until the window takes it.
#[derive(Default)]
struct Opened(Mutex<Option<String>>);

/// Listens for links, beginning with the one that the program was started with.
pub(crate) fn listen(app: &App) {
    app.manage(Opened::default());
    let first = app.deep_link().get_current().ok().flatten().unwrap_or_default();
    if let Some(link) = first.first() {
        keep(app.handle(), link.to_string());
    }
    let handle = app.handle().clone();
    app.deep_link().on_open_url(move |event| {
        if let Some(link) = event.urls().first() {
            keep(&handle, link.to_string());
            main_window::show(&handle);
        }
    });
}

/// Returns the link that was opened last, once.
pub(crate) fn take(app: &AppHandle) -> Option<String> {
    let opened = app.try_state::<Opened>()?;
    opened.0.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn keep(app: &AppHandle, link: String) {
    let Some(opened) = app.try_state::<Opened>() else { return };
    *opened.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(identity::plain_link(&link));
    let _ = LinkOpened {}.emit(app);
}
