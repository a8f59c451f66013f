//! Whether the desktop shows tray icons. On Linux that is a service on the session bus, which many
//! desktops lack and others start late, and a library of the system, which may be missing.

/// The name of the service that shows tray icons.
#[cfg(target_os = "linux")]
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Calls `changed` with whether tray icons are shown: once at the start, then at each change. Never
/// calls with true where the library for them is missing.
#[cfg(target_os = "linux")]
pub(crate) async fn follow(changed: impl Fn(bool) + Send) {
    if !library_is_there() {
        tracing::info!("no tray icon: libayatana-appindicator3 is not installed");
        return changed(false);
    }
    if let Err(error) = follow_bus(&changed).await {
        tracing::info!(%error, "no tray icon: the session bus cannot be asked");
        changed(false);
    }
}

/// Everywhere else the system always has a place for icons.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn follow(changed: impl Fn(bool) + Send) {
    changed(true);
}

#[cfg(target_os = "linux")]
async fn follow_bus(changed: &(impl Fn(bool) + Send)) -> zbus::Result<()> {
    use futures::StreamExt as _;
    let connection = zbus::Connection::session().await?;
    let bus = zbus::fdo::DBusProxy::new(&connection).await?;
    // Before the first question, so that nothing is missed in between.
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    changed(bus.name_has_owner(WATCHER.try_into()?).await?);
    while let Some(signal) = owners.next().await {
        changed(signal.args()?.new_owner().is_some());
    }
    Ok(())
}

/// Returns whether the library can be loaded. The crate behind the tray panics where it cannot.
#[cfg(target_os = "linux")]
fn library_is_there() -> bool {
    ["libayatana-appindicator3.so.1", "libappindicator3.so.1"].iter().any(|name| {
        // SAFETY: the tray loads the same library a moment later and runs the same initialisers;
        // it is kept loaded, so nothing of it is torn down.
        #[expect(unsafe_code, reason = "loading a library runs its code")]
        unsafe { libloading::Library::new(name) }.map(std::mem::forget).is_ok()
    })
}
