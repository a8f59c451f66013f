//! Starting both services, and stopping them in order.

use std::sync::Mutex;
use std::time::Duration;

use roost_relay::{Config as RelayConfig, DeviceKey, Pace, QstashKeys, Relay, Secret};
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};
use roost_scheduler::{Config as SchedulerConfig, Destinations, Scheduler};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::data_lock::DataLock;
use crate::serve::{listen, serve};
use crate::supervise::{Stopped, supervise};
use crate::{Error, LocalConfig, secret};

/// The relay's name towards the scheduler: the same at every start, whatever the port.
pub const RELAY_LOGICAL_URL: &str = "http://relay.roost.internal";
/// The device under which this process is known to its relay; stores are bound to it.
const DEVICE: &str = "this-computer";
/// How long requests in flight may take to end.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Where both services listen, and how to enter them. The keys hold until [`Local::stop`].
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The relay, as this process reaches it.
    pub relay_url: String,
    /// The device key.
    pub relay_key: String,
    /// The relay, as messages name it.
    pub relay_public_url: String,
    /// The scheduler.
    pub qstash_url: String,
    /// Its token.
    pub qstash_token: String,
}

impl std::fmt::Debug for Endpoints {
    /// Names the addresses; the keys stay out.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Endpoints")
            .field("relay_url", &self.relay_url)
            .field("qstash_url", &self.qstash_url)
            .finish_non_exhaustive()
    }
}

/// A running relay and scheduler.
pub struct Local {
    endpoints: Endpoints,
    services: Mutex<Option<Services>>,
    relay: Relay,
    scheduler: Scheduler,
    loops: Mutex<JoinSet<()>>,
    stopped: watch::Sender<Option<Stopped>>,
    stop: CancellationToken,
}

impl Drop for Local {
    /// Who forgets to stop it leaves no listener behind.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl std::fmt::Debug for Local {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.endpoints.fmt(formatter)
    }
}

/// What lives as long as both services do.
struct Services {
    listeners: Vec<JoinHandle<()>>,
    _lock: DataLock,
}

impl Local {
    /// Starts relay and scheduler on free ports of loopback. They deliver and post at once, or
    /// after [`Local::release`] when the configuration says so.
    ///
    /// # Errors
    /// When another process has locked the data folder, or one of the services can't start.
    pub async fn start(config: LocalConfig) -> Result<Self, Error> {
        let lock = DataLock::acquire(&config.data_dir)?;
        let (relay_listener, relay_address) = listen().await?;
        let (scheduler_listener, scheduler_address) = listen().await?;
        let endpoints = Endpoints {
            relay_url: format!("http://{relay_address}"),
            relay_key: secret::random()?,
            relay_public_url: RELAY_LOGICAL_URL.to_owned(),
            qstash_url: format!("http://{scheduler_address}"),
            qstash_token: secret::random()?,
        };
        let scheduler = open_scheduler(&config, &lock, &endpoints)?;
        let relay = open_relay(&config, &lock, &endpoints, scheduler.signing_keys())?;
        let stop = CancellationToken::new();
        let listeners = vec![
            serve(relay_listener, relay.router(), stop.clone()),
            serve(scheduler_listener, scheduler.router(), stop.clone()),
        ];
        let local = Self {
            endpoints,
            services: Mutex::new(Some(Services { listeners, _lock: lock })),
            relay,
            scheduler,
            loops: Mutex::new(JoinSet::new()),
            stopped: watch::Sender::new(None),
            stop,
        };
        if !config.wait_for_release {
            local.release();
        }
        Ok(local)
    }

    /// Lets scheduler and relay act. Calling it again changes nothing.
    pub fn release(&self) {
        let mut loops = self.loops.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !loops.is_empty() || self.stop.is_cancelled() {
            return;
        }
        // Run again, the publisher first looks for what an earlier run left in the middle of a call:
        // it has no known outcome, as after a start.
        let relay = self.relay.clone();
        let publish = move |stop| {
            let relay = relay.clone();
            async move { relay.run(stop).await }
        };
        let scheduler = self.scheduler.clone();
        let deliver = move |stop| {
            let scheduler = scheduler.clone();
            async move { scheduler.run(stop).await }
        };
        loops.spawn(supervise("relay", publish, self.stop.clone(), self.stopped.clone()));
        loops.spawn(supervise("scheduler", deliver, self.stop.clone(), self.stopped.clone()));
    }

    /// Tells when relay or scheduler works no more, though nobody stopped it. What ends once is
    /// started again and only logged.
    #[must_use]
    pub fn stopped(&self) -> watch::Receiver<Option<Stopped>> {
        self.stopped.subscribe()
    }

    /// Where both services listen.
    #[must_use]
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Ends both: no new delivery, calls to X in flight come to their end, files are closed, and
    /// the data folder is free again.
    pub async fn stop(self) {
        self.stop.cancel();
        let mut loops = std::mem::take(
            &mut *self.loops.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        );
        let services =
            self.services.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let ended = async {
            while loops.join_next().await.is_some() {}
            for listener in services.into_iter().flat_map(|services| services.listeners) {
                drop(listener.await);
            }
        };
        if tokio::time::timeout(STOP_PATIENCE, ended).await.is_err() {
            tracing::warn!("relay and scheduler did not end in time; what they wrote is safe");
        }
    }
}

fn open_scheduler(
    config: &LocalConfig,
    lock: &DataLock,
    endpoints: &Endpoints,
) -> Result<Scheduler, Error> {
    let mut told = SchedulerConfig::new(lock.file("scheduler.db"), endpoints.qstash_token.clone());
    let own = |path: &str| format!("{RELAY_LOGICAL_URL}{path}");
    told.destinations = Destinations::Only(vec![own(POST_TWEET_PATH), own(FAILURE_PATH)]);
    told.deliver_via = [(RELAY_LOGICAL_URL.to_owned(), address(&endpoints.relay_url)?)].into();
    let clock = config.clock.clone();
    told.clock = std::sync::Arc::new(move || clock.now().0);
    Scheduler::open(told).map_err(|error| Error::Scheduler(error.to_string()))
}

fn open_relay(
    config: &LocalConfig,
    lock: &DataLock,
    endpoints: &Endpoints,
    (current, next): (String, String),
) -> Result<Relay, Error> {
    let mut told = RelayConfig::new(lock.file("relay.db"));
    told.public_urls = vec![address(RELAY_LOGICAL_URL)?];
    told.device_keys =
        vec![DeviceKey { name: DEVICE.to_owned(), key: Secret::new(endpoints.relay_key.clone()) }];
    told.qstash_keys = Some(QstashKeys { current: Secret::new(current), next: Secret::new(next) });
    told.x_api_base = address(&config.x_api_base)?;
    told.limits = config.limits.clone();
    told.pace = Pace {
        overdue_spacing: config.overdue_spacing,
        looks: config.looks.clone(),
        doubt_margin: config.doubt_margin,
        ..Pace::default()
    };
    told.loopback = true;
    // Nobody looks after this relay but the person at the window, who can sign in again and no more.
    told.replace_lost_key = true;
    // The store is what says whether this computer is in use: a host asks it before it starts these.
    told.take_back_moved = true;
    told.dry_run = config.dry_run;
    Relay::open(told, config.clock.clone()).map_err(|error| Error::Relay(error.to_string()))
}

fn address(text: &str) -> Result<Url, Error> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| Error::Address(text.to_owned()))
}
