//! What an engine is told when it opens.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use roost_core::post::{LatePolicy, late_post};
use roost_relay_api::Pin;
use roost_store::{Executor, Opening};
use serde::{Deserialize, Serialize};

/// Where posts go out from. One code path serves all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Relay and scheduler run in this process: posts go out while this computer is awake.
    #[default]
    ThisComputer,
    /// A relay with its own scheduler.
    Server,
    /// A relay, and QStash as the scheduler.
    ServerQstash,
}

/// A secret that never shows itself.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself: for the header it belongs in, and nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// A service and how to enter it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address.
    pub url: String,
    /// The bearer that opens it.
    pub bearer: Secret,
}

/// The services of one way to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The relay, as this computer reaches it, with the device key.
    pub relay: Endpoint,
    /// The relay, as the scheduler names it: a fixed address even when the listener moves.
    pub relay_public_url: String,
    /// QStash, or the embedded scheduler that speaks like it. Without it, everything but handing posts
    /// over works.
    pub qstash: Option<Endpoint>,
    /// The certificate by which the relay is known, and the scheduler where it is at the same address;
    /// none: this system's roots vouch for it.
    pub pin: Option<Pin>,
}

/// What carries the requests to relay and scheduler, where it is not the network.
#[derive(Debug, Clone)]
pub struct Transports {
    /// Those to the relay.
    pub relay: Arc<dyn roost_relay_api::Transport>,
    /// Those to the scheduler.
    pub qstash: Arc<dyn roost_qstash::Transport>,
}

/// What an engine is told when it opens.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The store's file; its folder must exist.
    pub database: PathBuf,
    /// Where posts go out from.
    pub mode: Mode,
    /// The services; without them everything but delivery works.
    pub endpoints: Option<Endpoints>,
    /// The zone in which the person thinks; `None` takes the store's, at first `Asia/Kolkata`.
    pub zone: Option<String>,
    /// The zone of a person who has chosen none: the system's. `None` takes `Asia/Kolkata`.
    pub default_zone: Option<String>,
    /// Windows to hand over, counting the current one; `None` takes the store's, at first 5.
    pub horizon_windows: Option<u32>,
    /// What to do with posts that were never handed over in time; `None` takes the store's.
    pub late: Option<LatePolicy>,
    /// How long after its time a post may still go out.
    pub not_after: Duration,
    /// What carries requests instead of the network.
    pub transports: Option<Transports>,
    /// Where work that blocks runs.
    pub executor: Executor,
    /// Returns what keeps an address from being asked for an image or a video that a file of posts names.
    pub refuses_address: fn(IpAddr) -> Option<&'static str>,
    /// Hears what a person may want to know while the store is opened: that it takes longer, and why.
    pub tell: Option<fn(&Opening)>,
}

impl EngineConfig {
    /// The app's defaults, over the store at `database`, without services.
    #[must_use]
    pub fn new(database: impl Into<PathBuf>) -> Self {
        Self {
            database: database.into(),
            mode: Mode::ThisComputer,
            endpoints: None,
            zone: None,
            default_zone: None,
            horizon_windows: None,
            late: None,
            not_after: late_post::GRACE,
            transports: None,
            executor: Executor::default(),
            refuses_address: roost_media_fetch::not_public,
            tell: None,
        }
    }
}
