//! One world: an X sandbox, a relay with its scheduler, and an engine at work over its own store.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, SystemClock};
use roost_core::id::XUserId;
use roost_engine::{Endpoint, Endpoints, Engine, EngineConfig, Secret};
use roost_local::{Local, LocalConfig};
use roost_relay_api::Grant;
use roost_x_sandbox::{Config, NewAccount, Running, Sandbox};
use tokio::sync::Mutex;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::changes::Changes;

/// Anything that can go wrong while a world is made; a test shows it and fails.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A store, its engine, and the services that it hands posts to. All end when it is dropped.
pub(crate) struct World {
    folder: tempfile::TempDir,
    /// The sandbox's address stays the same when it is stopped and started again.
    sandbox_url: String,
    sandbox: Mutex<Option<Running>>,
    local: Mutex<Option<Local>>,
    /// The window's own engine, whose loop runs.
    pub(crate) engine: Engine,
    /// What changed, for the window.
    pub(crate) changes: Arc<Changes>,
    _stop: DropGuard,
}

impl World {
    /// Starts everything, the engine's loop where it is wanted, and signs accounts of the sandbox in.
    pub(crate) async fn start(accounts: &[String], runs: bool) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let sandbox = Sandbox::start(Config::new(folder.path().join("x.db")), 0).await?;
        let engine = open(folder.path())?;
        let stop = CancellationToken::new();
        let world = Self {
            folder,
            sandbox_url: sandbox.base_url(),
            sandbox: Mutex::new(Some(sandbox)),
            local: Mutex::default(),
            changes: Arc::default(),
            engine,
            _stop: stop.clone().drop_guard(),
        };
        world.engine.set_x_api_base(&world.sandbox_url).await?;
        world.start_services().await?;
        for username in accounts {
            world.sign_in(username).await?;
        }
        world.follow(stop.clone());
        if runs {
            let engine = world.engine.clone();
            tokio::spawn(async move { engine.run(stop).await });
        }
        Ok(world)
    }

    /// Returns the sandbox's address.
    pub(crate) fn sandbox_url(&self) -> &str {
        &self.sandbox_url
    }

    /// Starts the X sandbox again, at its address and with its ledger.
    pub(crate) async fn start_x(&self) -> Result<(), Failure> {
        let port = self.sandbox_url.rsplit(':').next().unwrap_or_default().parse()?;
        let sandbox = Sandbox::start(Config::new(self.folder.path().join("x.db")), port).await?;
        *self.sandbox.lock().await = Some(sandbox);
        Ok(())
    }

    /// Ends the X sandbox; the relay finds it unreachable.
    pub(crate) async fn stop_x(&self) {
        if let Some(sandbox) = self.sandbox.lock().await.take() {
            sandbox.stop().await;
        }
    }

    /// Returns another engine over the same store, as the command line is beside a window.
    pub(crate) fn beside(&self) -> Result<Engine, Failure> {
        open(self.folder.path())
    }

    /// Starts relay and scheduler, and points the engine at them.
    pub(crate) async fn start_services(&self) -> Result<(), Failure> {
        let mut config = LocalConfig::new(self.folder.path(), self.sandbox_url());
        config.overdue_spacing = Duration::from_millis(100);
        config.wait_for_release = true;
        let local = Local::start(config).await?;
        self.engine.use_endpoints(Some(endpoints(&local)))?;
        self.engine.flush_outbox().await?;
        local.release();
        *self.local.lock().await = Some(local);
        Ok(())
    }

    /// Ends relay and scheduler; the engine finds them unreachable.
    pub(crate) async fn stop_services(&self) {
        if let Some(local) = self.local.lock().await.take() {
            local.stop().await;
        }
    }

    /// Keeps what changes, until the world ends.
    fn follow(&self, stop: CancellationToken) {
        let (mut heard, changes) = (self.engine.changes(), self.changes.clone());
        tokio::spawn(async move {
            loop {
                let change = tokio::select! {
                    () = stop.cancelled() => return,
                    change = heard.next() => change,
                };
                let Some(change) = change else { return };
                changes.push(&change);
            }
        });
    }

    async fn sign_in(&self, username: &str) -> Result<(), Failure> {
        let running = self.sandbox.lock().await;
        let sandbox = &running.as_ref().ok_or("the sandbox is stopped")?.sandbox;
        let made = sandbox.grant(NewAccount::named(username), None).await?;
        let lifetime = Duration::from_secs(made.expires_in.unsigned_abs());
        let grant = Grant {
            username: made.username,
            name: made.name,
            subscription_type: Some(made.subscription_type),
            client_id: made.client_id,
            client_secret: made.client_secret,
            access_token: made.access_token,
            refresh_token: made.refresh_token,
            expires_at: SystemClock.now().plus(lifetime),
            scope: made.scope,
        };
        self.engine.connect(XUserId(made.id), grant).await?;
        Ok(())
    }
}

fn open(folder: &Path) -> Result<Engine, Failure> {
    Ok(Engine::open(EngineConfig::new(folder.join("roost.db")), Arc::new(SystemClock))?)
}

fn endpoints(local: &Local) -> Endpoints {
    let local = local.endpoints();
    let endpoint = |url: &str, bearer: &str| Endpoint {
        url: url.to_owned(),
        bearer: Secret::new(bearer.to_owned()),
    };
    Endpoints {
        relay: endpoint(&local.relay_url, &local.relay_key),
        relay_public_url: local.relay_public_url.clone(),
        pin: None,
        qstash: Some(endpoint(&local.qstash_url, &local.qstash_token)),
    }
}
