//! A desktop's panel, as far as the bus knows it: the service that tray icons register with.

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;

/// The service's name, taken until this is dropped.
pub(crate) struct Panel(Option<Connection>);

impl Panel {
    /// Comes up on the bus at `address`.
    pub(crate) fn start(address: &str) -> Self {
        let connection = Builder::address(address)
            .and_then(|builder| builder.name("org.kde.StatusNotifierWatcher"))
            .and_then(Builder::build)
            .expect("the name is free");
        Self(Some(connection))
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            // A bus that is gone has no names either.
            let _ = connection.close();
        }
    }
}
