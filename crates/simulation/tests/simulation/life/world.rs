//! The world of one seed: X, and the desktop's engine, the relay and the scheduler as they run, each over
//! files of its own in one folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use roost_core::clock::{Clock, UnixMillis};
use roost_core::id::XUserId;
use roost_engine::{
    Endpoint, Endpoints, Engine, EngineConfig, LatePolicy, Mode, Secret, Transports,
};
use roost_relay::{Config as RelayConfig, DeviceKey, Pace, QstashKeys, Relay};
use roost_relay_api::{FAILURE_PATH, Grant, POST_TWEET_PATH};
use roost_scheduler::{Config as SchedulerConfig, Destinations, Hosts, Scheduler};
use roost_x_sandbox::{Config as XConfig, NewAccount, Sandbox};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::network::Network;
use super::process::Process;
use super::rng::Rng;
use super::time::{Time, WallClock};
use super::trace::Trace;
use super::transports::Way;

/// The relay as messages name it, and as it is dialled.
const PUBLIC_URL: &str = "http://relay.example";
const RELAY_URL: &str = "http://relay.sim";
const QSTASH_URL: &str = "http://scheduler.sim";
/// The sandbox answers to names of this computer only.
const X_URL: &str = "http://localhost:8790";
/// What opens relay and scheduler.
pub(crate) const DEVICE_KEY: &str = "rk_device_key_of_the_simulation";
pub(crate) const QSTASH_TOKEN: &str = "qstash_token_of_the_simulation";
/// How long an access token lives: it has to be refreshed again and again.
const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// The accounts that post.
pub(crate) const HANDLES: [&str; 2] = ["ada", "grace"];

/// What everything in a world shares.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) rng: Arc<Rng>,
    pub(crate) trace: Arc<Trace>,
    pub(crate) time: Arc<Time>,
    pub(crate) network: Arc<Network>,
}

/// A running program: its process, what it is asked through, and its loop.
pub(crate) struct Running<P> {
    pub(crate) program: P,
    pub(crate) process: Arc<Process>,
    work: JoinHandle<()>,
}

impl<P> Running<P> {
    /// Ends it wherever it stands, as a lost power supply would.
    async fn end(self) {
        self.process.end();
        self.work.abort();
        drop(self.work.await);
        drop(self.program);
        self.process.close_files();
    }
}

/// The world of one seed.
pub(crate) struct World {
    pub(crate) shared: Shared,
    folder: TempDir,
    pub(crate) x: Sandbox,
    /// Absent while it is down.
    pub(crate) scheduler: Option<Running<Scheduler>>,
    pub(crate) relay: Option<Running<Relay>>,
    pub(crate) desktop: Option<Running<Engine>>,
    pub(crate) desktop_clock: Arc<WallClock>,
    server_clock: Arc<WallClock>,
    /// What the relay believes to be the scheduler's signing keys.
    known_keys: (String, String),
    messages_per_day: Option<u32>,
}

impl World {
    /// Everything is up, and both accounts are connected.
    pub(crate) async fn begin(shared: Shared) -> Result<Self> {
        let folder = folder()?;
        let clock = || Arc::new(WallClock::new(Arc::clone(&shared.time)));
        let (desktop_clock, server_clock, x_clock) = (clock(), clock(), clock());
        let x_process = Process::new("x", &shared.rng, &shared.trace);
        let mut config = XConfig::new(folder.path().join("x.db"));
        config.duplicates = false;
        config.access_token_lifetime = ACCESS_TOKEN_LIFETIME;
        config.clock = x_clock;
        config.executor = x_process.executor();
        let x = Sandbox::open(config).await?;
        shared.network.serve(x.router(), &x_process);
        // Some have a plan whose day is soon used up.
        let messages_per_day = shared.rng.per_mille(250).then_some(25);
        let mut world = Self {
            shared,
            folder,
            x,
            scheduler: None,
            relay: None,
            desktop: None,
            desktop_clock,
            server_clock,
            known_keys: (String::new(), String::new()),
            messages_per_day,
        };
        world.start_scheduler()?;
        world.follow_keys();
        world.start_relay()?;
        world.start_desktop()?;
        for handle in HANDLES {
            world.sign_in(handle).await?;
        }
        Ok(world)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.shared.time.now()
    }

    fn process(&self, name: &'static str) -> Arc<Process> {
        Process::new(name, &self.shared.rng, &self.shared.trace)
    }

    fn way(&self, from: &Arc<Process>, to: &'static str) -> Arc<Way> {
        Way::new(&self.shared.network, from, to)
    }

    pub(crate) fn start_scheduler(&mut self) -> Result<()> {
        let process = self.process("scheduler");
        let mut config = SchedulerConfig::new(self.path("scheduler.db"), QSTASH_TOKEN.to_owned());
        let own = |path: &str| format!("{PUBLIC_URL}{path}");
        config.destinations = Destinations::Only(vec![own(POST_TWEET_PATH), own(FAILURE_PATH)]);
        config.deliver_via = [(PUBLIC_URL.to_owned(), Url::parse(RELAY_URL)?)].into();
        config.hosts = Hosts::Any;
        config.limits.messages_per_day = self.messages_per_day;
        let clock = Arc::clone(&self.server_clock);
        config.clock = Arc::new(move || clock.now().0);
        config.transport = Some(self.way(&process, "relay"));
        config.executor = process.executor();
        let program = Scheduler::open(config)?;
        self.shared.network.serve(program.router(), &process);
        let running = program.clone();
        let work = tokio::spawn(async move { running.run(CancellationToken::new()).await });
        self.scheduler = Some(Running { program, process, work });
        Ok(())
    }

    /// Tells the relay the scheduler's keys, as whoever runs both would.
    pub(crate) fn follow_keys(&mut self) {
        if let Some(scheduler) = &self.scheduler {
            self.known_keys = scheduler.program.signing_keys();
        }
        if let Some(relay) = &self.relay {
            relay.program.set_qstash_keys(&keys(&self.known_keys));
        }
    }

    fn relay_config(&self) -> Result<RelayConfig> {
        let mut config = RelayConfig::new(self.path("relay.db"));
        config.public_urls = vec![Url::parse(PUBLIC_URL)?];
        config.device_keys = vec![DeviceKey {
            name: "desktop".to_owned(),
            key: roost_relay::Secret::new(DEVICE_KEY.to_owned()),
        }];
        config.qstash_keys = Some(keys(&self.known_keys));
        config.x_api_base = Url::parse(X_URL)?;
        config.pace = Pace { tick: Duration::from_secs(3), ..Pace::default() };
        Ok(config)
    }

    pub(crate) fn start_relay(&mut self) -> Result<()> {
        let process = self.process("relay");
        let mut config = self.relay_config()?;
        config.transport = Some(self.way(&process, "x"));
        config.executor = process.executor();
        let clock: Arc<dyn Clock> = self.server_clock.clone();
        let program = Relay::open(config, clock)?;
        self.shared.network.serve(program.router(), &process);
        let running = program.clone();
        let work = tokio::spawn(async move { running.run(CancellationToken::new()).await });
        self.relay = Some(Running { program, process, work });
        Ok(())
    }

    pub(crate) fn start_desktop(&mut self) -> Result<()> {
        let process = self.process("desktop");
        let mut config = EngineConfig::new(self.path("roost.db"));
        config.mode = Mode::Server;
        config.late = Some(LatePolicy::POST);
        config.executor = process.executor();
        config.transports = Some(Transports {
            relay: self.way(&process, "relay"),
            qstash: self.way(&process, "scheduler"),
        });
        let endpoint = |url: &str, bearer: &str| Endpoint {
            url: url.to_owned(),
            bearer: Secret::new(bearer.to_owned()),
        };
        config.endpoints = Some(Endpoints {
            relay: endpoint(RELAY_URL, DEVICE_KEY),
            relay_public_url: PUBLIC_URL.to_owned(),
            pin: None,
            qstash: Some(endpoint(QSTASH_URL, QSTASH_TOKEN)),
        });
        let clock: Arc<dyn Clock> = self.desktop_clock.clone();
        let program = Engine::open(config, clock)?;
        let (running, trace) = (program.clone(), Arc::clone(&self.shared.trace));
        let work = tokio::spawn(async move {
            if let Err(error) = running.run(CancellationToken::new()).await {
                trace.note(format_args!("the engine's loop ended: {error}"));
            }
        });
        self.desktop = Some(Running { program, process, work });
        Ok(())
    }

    pub(crate) async fn end_scheduler(&mut self) {
        self.shared.network.unserve("scheduler");
        if let Some(scheduler) = self.scheduler.take() {
            scheduler.end().await;
        }
    }

    pub(crate) async fn end_relay(&mut self) {
        self.shared.network.unserve("relay");
        if let Some(relay) = self.relay.take() {
            relay.end().await;
        }
    }

    pub(crate) async fn end_desktop(&mut self) {
        if let Some(desktop) = self.desktop.take() {
            desktop.end().await;
        }
    }

    /// Clears away what died by itself. Returns whether anything is down.
    pub(crate) async fn bury(&mut self) -> bool {
        if self.scheduler.as_ref().is_some_and(|it| it.process.is_over()) {
            self.end_scheduler().await;
        }
        if self.relay.as_ref().is_some_and(|it| it.process.is_over()) {
            self.end_relay().await;
        }
        if self.desktop.as_ref().is_some_and(|it| it.process.is_over()) {
            self.end_desktop().await;
        }
        self.scheduler.is_none() || self.relay.is_none() || self.desktop.is_none()
    }

    /// Starts whatever is down.
    pub(crate) async fn revive(&mut self) -> Result<()> {
        self.bury().await;
        if self.scheduler.is_none() {
            self.start_scheduler()?;
        }
        if self.relay.is_none() {
            self.start_relay()?;
        }
        if self.desktop.is_none() {
            self.start_desktop()?;
        }
        Ok(())
    }

    /// Copies the relay's ledger.
    pub(crate) fn back_relay_up(&self, name: &str) -> Result<()> {
        Ok(roost_relay::admin::backup(&self.path("relay.db"), &self.path(name))?)
    }

    /// Puts a copy in the place of the ledger of a relay that does not run.
    pub(crate) fn restore_relay(&self, name: &str) -> Result<()> {
        let (from, to) = (self.path(name), self.path("relay.db"));
        roost_relay::admin::restore(&from, &to, self.server_clock.now()).map(drop)?;
        Ok(())
    }

    /// What a person does who is told that an account is not connected. None: the desktop ended meanwhile,
    /// or nobody answered.
    pub(crate) async fn sign_in(&self, handle: &str) -> Result<Option<()>> {
        let made = self.x.grant(NewAccount::named(handle), None).await?;
        let grant = Grant {
            username: made.username,
            name: made.name,
            subscription_type: Some(made.subscription_type),
            client_id: made.client_id,
            client_secret: made.client_secret,
            access_token: made.access_token,
            refresh_token: made.refresh_token,
            expires_at: self.now().plus(Duration::from_secs(made.expires_in.unsigned_abs())),
            scope: made.scope,
        };
        let user = XUserId(made.id);
        let connected = self
            .ask("sign in", move |engine| async move { engine.connect(user, grant).await })
            .await;
        Ok(connected.map(drop))
    }

    /// Lets the person ask the engine something. None: it ended meanwhile, took too long, or refused.
    pub(crate) async fn ask<T, F>(&self, what: &str, work: impl FnOnce(Engine) -> F) -> Option<T>
    where
        F: Future<Output = Result<T, roost_engine::Error>>,
    {
        /// Nobody looks at a window for longer than that.
        const PATIENCE: Duration = Duration::from_secs(60);
        let desktop = self.desktop.as_ref()?;
        let process = Arc::clone(&desktop.process);
        let asked = Box::pin(work(desktop.program.clone()));
        let answer = tokio::select! {
            biased;
            () = process.ended() => None,
            answered = tokio::time::timeout(PATIENCE, asked) => answered.ok(),
        };
        let trace = &self.shared.trace;
        match answer {
            None => {
                trace.note(format_args!("{what}: no answer"));
                None
            }
            Some(Err(error)) => {
                trace.note(format_args!("{what}: {error}"));
                None
            }
            Some(Ok(value)) => {
                trace.note(format_args!("{what}: done"));
                Some(value)
            }
        }
    }
}

fn keys((current, next): &(String, String)) -> QstashKeys {
    QstashKeys {
        current: roost_relay::Secret::new(current.clone()),
        next: roost_relay::Secret::new(next.clone()),
    }
}

/// Returns a folder in memory, where the system has one: nothing here is about power.
fn folder() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.context("no folder can be made")
}
