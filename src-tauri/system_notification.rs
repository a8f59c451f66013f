//! Notifications of the operating system. On Linux a click opens what a notification is about; elsewhere
//! the system only raises the window.

#[cfg(target_os = "linux")]
mod session_bus;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use roost_core::id::PostId;
use roost_core::notice::{Headline, NoticeTopic};
use roost_engine::view::Notice;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::NotificationExt as _;

use crate::ipc::{Event as _, Type};
use crate::main_window;

/// Notifications whose click is still understood.
#[cfg(target_os = "linux")]
const KEPT_MAX: usize = 100;

/// The person clicked on a notification: the window shows what it is about.
#[derive(Debug, Clone, Serialize, Deserialize, Type, crate::ipc::Event)]
pub(crate) struct NoticeOpened {
    /// The post; none where it is of several, or of none.
    post_id: Option<PostId>,
    /// What it is about.
    topic: NoticeTopic,
}

/// What the system shows of Roost now.
#[derive(Default)]
pub(crate) struct Notifier {
    #[cfg(target_os = "linux")]
    bus: session_bus::SessionBus,
    shown: Mutex<HashMap<u32, Shown>>,
}

/// A notification that is shown.
struct Shown {
    cause: Option<String>,
    posts: u64,
    opens: NoticeOpened,
}

impl Notifier {
    fn shown(&self) -> MutexGuard<'_, HashMap<u32, Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of the notification that is shown of a cause, and of how many posts it tells.
    #[cfg(target_os = "linux")]
    fn of_cause(&self, cause: Option<&String>) -> Option<(u32, u64)> {
        let shown = self.shown();
        let found = shown.iter().find(|(_, it)| cause.is_some() && it.cause.as_ref() == cause);
        found.map(|(number, it)| (*number, it.posts))
    }
}

/// Shows a notice. One of a cause that is still shown takes that one's place, and tells of all its posts.
pub(crate) async fn tell(app: &AppHandle, notice: Notice) {
    #[cfg(target_os = "linux")]
    {
        let notifier = app.state::<Notifier>();
        let before = notifier.of_cause(notice.cause.as_ref());
        let (title, posts) = match before {
            Some((_, posts)) => {
                let posts = posts + notice.posts;
                (Headline::Outcomes { kind: &notice.kind, posts }.to_string(), posts)
            }
            None => (notice.title.clone(), notice.posts),
        };
        let replaced = before.map(|(number, _)| number);
        match notifier.bus.show(app, replaced, &title, &notice.body).await {
            Ok(number) => {
                let post_id = notice.post_id.filter(|_| posts == 1);
                let opens = NoticeOpened { post_id, topic: notice.topic };
                let shown = Shown { cause: notice.cause, posts, opens };
                notifier.shown().insert(number, shown);
                return;
            }
            Err(error) => tracing::info!(%error, "the session bus shows no notification"),
        }
    }
    notify(app, notice.title, notice.body);
}

/// Shows a notification that a click on opens nothing.
pub(crate) fn notify(app: &AppHandle, title: String, body: String) {
    let shown = app.notification().builder().title(title).body(body).show();
    if let Err(error) = shown {
        // It stays on the post's row, whatever the system does with notifications.
        tracing::warn!(%error, "the system would not show a notification");
    }
}

/// Shows the window at what a notification is about.
#[cfg(target_os = "linux")]
fn open(app: &AppHandle, number: u32) {
    let opens = app.state::<Notifier>().shown().get(&number).map(|shown| shown.opens.clone());
    // Another program's.
    let Some(opens) = opens else { return };
    main_window::show(app);
    if let Err(error) = opens.emit(app) {
        tracing::warn!(%error, "the window could not be told what to open");
    }
}

/// Notes that a notification is shown no more: no other takes its place. A click that ended it may be told
/// after its end, so that what it opens is kept for a while.
#[cfg(target_os = "linux")]
fn ended(app: &AppHandle, number: u32) {
    let notifier = app.state::<Notifier>();
    let mut shown = notifier.shown();
    if let Some(ended) = shown.get_mut(&number) {
        ended.cause = None;
    }
    while shown.len() > KEPT_MAX {
        let Some(oldest) = shown.keys().min().copied() else { return };
        shown.remove(&oldest);
    }
}
