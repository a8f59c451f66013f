//! A sandbox on a loopback port, and a client that talks to it.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock, UnixMillis};
use roost_x_api::oauth::{App, Tokens};
use roost_x_api::{Client, CreatePost, Created, Failure, Secret};
use roost_x_sandbox::{Config, Grant, NewAccount, Running, Sandbox};
use tempfile::TempDir;

/// A sandbox, its clock, its folder, and one account, "ada".
pub(crate) struct World {
    pub(crate) running: Running,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ada: Grant,
    pub(crate) client: Client,
    // Last, so that the folder outlives the sandbox.
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A sandbox whose configuration is changed by `change`.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // On a whole second, so that seconds in headers are exact.
        let now = UnixMillis::from_seconds(SystemClock.now().seconds_rounded_up());
        let clock = Arc::new(ManualClock::at(now));
        let mut config = Config::new(folder.path().join("x.db"));
        config.clock = clock.clone();
        change(&mut config);
        let running = Sandbox::start(config, 0).await.unwrap();
        let ada = running.sandbox.grant(NewAccount::named("ada"), None).await.unwrap();
        let client = client(&running.base_url());
        Self { running, clock, ada, client, _folder: folder }
    }

    pub(crate) async fn post(&self, text: &str) -> Result<Created, Failure> {
        self.client.create_post(&self.ada.access_token, &text_post(text)).await
    }

    pub(crate) async fn grant(&self, username: &str) -> Grant {
        self.running.sandbox.grant(NewAccount::named(username), None).await.unwrap()
    }

    pub(crate) async fn refresh(&self, token: &str) -> Result<Tokens, Failure> {
        self.client.refresh(&app(&self.ada), &Secret::new(token)).await
    }
}

pub(crate) fn app(grant: &Grant) -> App {
    App {
        client_id: grant.client_id.clone(),
        client_secret: grant.client_secret.clone().map(Secret::new),
    }
}

pub(crate) fn client(base_url: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder(base_url.parse().unwrap()).timeout(Duration::from_secs(10)).build().unwrap()
}

pub(crate) fn text_post(text: &str) -> CreatePost {
    CreatePost { text: text.into(), ..CreatePost::default() }
}
