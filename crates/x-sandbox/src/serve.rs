//! Serving the sandbox: its routes, a listener, and the sandbox while it is served.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::database::Error;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// All routes. Served by other means than [`Sandbox::serve`], cut connections break inside the
    /// answer's body instead of where they were asked to.
    pub fn router(&self) -> Router {
        crate::routes::router(self.clone())
    }

    /// Serves until `stop`; what is under way then is finished.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) {
        crate::cut::serve(listener, self.router(), stop).await;
    }

    /// Opens a sandbox and serves it on 127.0.0.1; port 0 takes a free one.
    ///
    /// # Errors
    /// As [`Sandbox::open`], or when the port is taken.
    pub async fn start(config: Config, port: u16) -> Result<Running, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)
            .await
            .map_err(Error::io(format!("listening on {address}")))?;
        let address = listener.local_addr().map_err(Error::io("asking for the port"))?;
        let sandbox = Self::open(config).await?;
        let stop = CancellationToken::new();
        let serving = {
            let (sandbox, stop) = (sandbox.clone(), stop.clone());
            tokio::spawn(async move { sandbox.serve(listener, stop).await })
        };
        Ok(Running { sandbox, address, stop, serving })
    }
}

/// A sandbox that is being served.
#[derive(Debug)]
pub struct Running {
    /// The sandbox.
    pub sandbox: Sandbox,
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Running {
    /// Where it answers, such as `http://127.0.0.1:4000`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops; what is under way is finished.
    pub async fn stop(self) {
        self.stop.cancel();
        // A panic in there was logged by the runtime.
        let _ = self.serving.await;
    }

    /// Runs until `stop` or [`Running::stop`].
    pub async fn until(self, stop: impl Future<Output = ()>) {
        stop.await;
        self.stop().await;
    }
}
