//! How a scheduler is set up.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use roost_sqlite::Executor;
use url::Url;

use crate::dial::Transport;
use crate::limits::Limits;

/// Where "now" comes from: Unix milliseconds, UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The machine's wall clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(machine_now)
}

#[expect(clippy::disallowed_methods, reason = "the one place where the machine is asked")]
fn machine_now() -> i64 {
    let since_epoch =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Which destinations (callbacks included) may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destinations {
    /// These URLs, wherever they are, and no others; one that ends in `/` stands for everything below
    /// it.
    Only(Vec<String>),
    /// Whatever resolves to public addresses; neither loopback, nor private, nor link-local.
    Public,
    /// Everything, this machine included: for development.
    Any,
}

/// Which `Host` a request to the API may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// `localhost`, `127.0.0.1` and `[::1]`, so that no web page reaches a loopback server by a
    /// name of its own.
    Loopback,
    /// These names (without port), and the loopback ones.
    Named(Vec<String>),
    /// Any; whoever embeds the router checks.
    Any,
}

/// How a scheduler is set up. Begin with [`Config::new`].
#[derive(Clone)]
pub struct Config {
    /// The SQLite file; made when it does not exist.
    pub database: PathBuf,
    /// The bearer token of the API.
    pub token: String,
    /// A second token, which may look but change nothing; the signing keys are not shown to it.
    pub read_only_token: Option<String>,
    /// `Upstash-Region` of deliveries.
    pub region: String,
    /// What may be called.
    pub destinations: Destinations,
    /// Logical origin (`http://relay.internal`) → address that is dialled instead. The signature
    /// is still for the published URL.
    pub deliver_via: BTreeMap<String, Url>,
    /// Which `Host` the API answers to.
    pub hosts: Hosts,
    /// Whether web pages of this machine and of QStash's console may use the API. Only for
    /// development.
    pub cors: bool,
    /// Whether QStash's public tokens and signing keys are taken, which everybody knows.
    pub development: bool,
    /// A fixed pair of signing keys, which is never written down; without one the pair is made
    /// once and kept in the database.
    pub keys: Option<(String, String)>,
    /// Deliveries under way at the same time.
    pub parallelism: usize,
    /// Requests to the API that are worked on at once; more are told to come again.
    pub max_requests: usize,
    /// Bytes of their bodies that are held at once; who sends more is told to come again.
    pub max_request_bytes: usize,
    /// How long the body of a request may take to arrive.
    pub max_upload: Duration,
    /// How many things of each kind there may be.
    pub limits: Limits,
    /// The longest delay a message may ask for, seconds; absent: no limit.
    pub max_delay_seconds: Option<u64>,
    /// The largest body; also the most that is kept of an answer.
    pub max_message_bytes: usize,
    /// The longest time a delivery may take.
    pub max_response: Duration,
    /// How long finished messages, their log and dead letters are kept.
    pub retention: Duration,
    /// How long deliveries under way may still take when the scheduler stops.
    pub stop_grace: Duration,
    /// Where "now" comes from.
    pub clock: Clock,
    /// What carries deliveries instead of the network.
    pub transport: Option<Arc<dyn Transport>>,
    /// Where work on the database runs.
    pub executor: Executor,
}

impl Config {
    /// A safe set-up: public destinations only, loopback names only, the machine's clock.
    #[must_use]
    pub fn new(database: PathBuf, token: String) -> Self {
        Self {
            database,
            token,
            read_only_token: None,
            region: "EU-CENTRAL-1".into(),
            destinations: Destinations::Public,
            deliver_via: BTreeMap::new(),
            hosts: Hosts::Loopback,
            cors: false,
            development: false,
            keys: None,
            parallelism: 100,
            max_requests: 1024,
            max_request_bytes: 256 * 1024 * 1024,
            max_upload: Duration::from_secs(120),
            limits: Limits::default(),
            max_delay_seconds: None,
            max_message_bytes: 1024 * 1024,
            max_response: Duration::from_secs(15 * 60),
            retention: Duration::from_secs(7 * 86_400),
            stop_grace: Duration::from_secs(10),
            clock: system_clock(),
            transport: None,
            executor: Executor::default(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("database", &self.database)
            .field("region", &self.region)
            .field("destinations", &self.destinations)
            .field("deliver_via", &self.deliver_via)
            .field("hosts", &self.hosts)
            .field("parallelism", &self.parallelism)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
