//! Notifications over the session bus, as the desktops of Linux show them: with an action that a click
//! carries out.

use std::collections::HashMap;

use futures::StreamExt as _;
use tauri::AppHandle;
use tokio::sync::OnceCell;
use zbus::zvariant::Value;

/// The name of the action that a click on the notification itself is.
const DEFAULT: &str = "default";
/// How long it is shown is the desktop's to say.
const DESKTOPS_CHOICE: i32 = -1;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[expect(clippy::too_many_arguments, reason = "the interface is the desktops'")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, &Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// The desktop's notifications, once they were asked for.
#[derive(Default)]
pub(super) struct SessionBus(OnceCell<Desktop>);

struct Desktop {
    notifications: NotificationsProxy<'static>,
    /// Whether a body is read as markup.
    has_markup: bool,
}

impl SessionBus {
    /// Shows a notification, in the place of `replaced` where that is given. Returns its number.
    ///
    /// # Errors
    /// When there is no session bus, or no service for notifications on it.
    pub(super) async fn show(
        &self,
        app: &AppHandle,
        replaced: Option<u32>,
        title: &str,
        body: &str,
    ) -> zbus::Result<u32> {
        let desktop = self.0.get_or_try_init(|| connect(app)).await?;
        let body = if desktop.has_markup { escaped(body) } else { body.to_owned() };
        let entry = Value::from("roost");
        let hints = HashMap::from([("desktop-entry", &entry)]);
        desktop
            .notifications
            .notify(
                "Roost",
                replaced.unwrap_or_default(),
                "roost",
                title,
                &body,
                &[DEFAULT, "Open"],
                hints,
                DESKTOPS_CHOICE,
            )
            .await
    }
}

/// Asks the desktop what it can do, and listens for clicks from here on.
async fn connect(app: &AppHandle) -> zbus::Result<Desktop> {
    let connection = zbus::Connection::session().await?;
    let notifications = NotificationsProxy::new(&connection).await?;
    let has_markup =
        notifications.get_capabilities().await?.iter().any(|word| word == "body-markup");
    let mut clicks = notifications.receive_action_invoked().await?;
    let mut ends = notifications.receive_notification_closed().await?;
    let (clicked, closed) = (app.clone(), app.clone());
    tauri::async_runtime::spawn(async move {
        while let Some(click) = clicks.next().await {
            if let Ok(args) = click.args()
                && args.action_key == DEFAULT
            {
                super::open(&clicked, args.id);
            }
        }
    });
    tauri::async_runtime::spawn(async move {
        while let Some(end) = ends.next().await {
            if let Ok(args) = end.args() {
                super::ended(&closed, args.id);
            }
        }
    });
    Ok(Desktop { notifications, has_markup })
}

/// Returns a text that is shown as it is where markup is read.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_post_are_no_markup() {
        assert_eq!(escaped("<b>1 & 2</b>"), "&lt;b&gt;1 &amp; 2&lt;/b&gt;");
    }
}
