//! What a relay is told when it starts. The defaults are what a small server wants.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use roost_core::limits::Limits;
use roost_core::post::late_post;
use roost_sqlite::Executor;
pub use roost_x_api::Secret;
use roost_x_api::transport::Transport;
use url::Url;

use crate::alarm_settings::Alarms;
use crate::client_address::Network;

/// X's own API.
pub const X_API: &str = "https://api.x.com";

/// A device key that lives in memory, beside those in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceKey {
    /// The device's name; the same at every start, because stores are bound to it.
    pub name: String,
    /// Its bearer key.
    pub key: Secret,
}

/// The pair of keys that deliveries are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QstashKeys {
    /// The one in use.
    pub current: Secret,
    /// The one that follows it.
    pub next: Secret,
}

/// Everything a relay is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The ledger's file.
    pub database: PathBuf,
    /// The file with the key that seals grants; made at the first start, readable by its owner
    /// alone.
    pub key_file: PathBuf,
    /// The folder for images and videos.
    pub media_folder: PathBuf,
    /// The most bytes that images and videos take on the disk, all together.
    pub media_bytes_max: u64,
    /// No image or video is taken while the disk has fewer bytes left.
    pub media_free_bytes_min: u64,
    /// The addresses under which deliveries are published to this relay, without path. A delivery
    /// signed for any other is refused; request headers are never believed.
    pub public_urls: Vec<Url>,
    /// Proxies whose word on where a request came from counts, and through which pairing may come.
    pub trusted_proxies: Vec<Network>,
    /// Device keys in memory; more may be in the database (`roost-relay device add`).
    pub device_keys: Vec<DeviceKey>,
    /// QStash's signing keys. Without them every delivery is refused, and the backstop posts.
    pub qstash_keys: Option<QstashKeys>,
    /// X's API, or the sandbox's.
    pub x_api_base: Url,
    /// X's limits.
    pub limits: Limits,
    /// The relay's own times.
    pub pace: Pace,
    /// Whether the relay is reachable on loopback only: then `Host` must name this computer or a
    /// public address.
    pub loopback: bool,
    /// Everything but the call to X.
    pub dry_run: bool,
    /// What no look found in the timeline after an unknown outcome is sent once more, once. Off,
    /// a person decides.
    pub resend_once: bool,
    /// A key file that is lost is replaced, and the accounts that were sealed with it are signed
    /// out. Off, the relay does not start without it.
    pub replace_lost_key: bool,
    /// Whether a ledger that was moved is served here: only where something else says that no relay is at
    /// work on the other one.
    pub take_back_moved: bool,
    /// What carries requests to X instead of the network.
    pub transport: Option<Arc<dyn Transport>>,
    /// Where work on the database runs.
    pub executor: Executor,
    /// Who is told of troubles.
    pub alarms: Alarms,
}

impl Config {
    /// A relay with its ledger at `database`, posting to X.
    ///
    /// # Panics
    /// Never: X's address is a constant.
    #[must_use]
    pub fn new(database: impl AsRef<Path>) -> Self {
        let database = database.as_ref().to_owned();
        Self {
            key_file: database.with_extension("key"),
            media_folder: database.with_extension("media"),
            media_bytes_max: 20_000_000_000,
            media_free_bytes_min: 500_000_000,
            database,
            public_urls: Vec::new(),
            trusted_proxies: Vec::new(),
            device_keys: Vec::new(),
            qstash_keys: None,
            x_api_base: Url::parse(X_API).expect("a constant address"),
            limits: Limits::default(),
            pace: Pace::default(),
            loopback: false,
            dry_run: false,
            resend_once: false,
            replace_lost_key: false,
            take_back_moved: false,
            transport: None,
            executor: Executor::default(),
            alarms: Alarms::none(),
        }
    }
}

/// A setting without sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ConfigError {
    /// The setting's name in the configuration file.
    pub setting: &'static str,
    /// What it must be.
    pub reason: &'static str,
}

impl Config {
    /// Checks what no type says.
    ///
    /// # Errors
    /// When a setting makes no sense; the first one is named.
    pub fn check(&self) -> Result<(), ConfigError> {
        let invalid = |setting, reason| Err(ConfigError { setting, reason });
        if self.public_urls.iter().any(|url| {
            !matches!(url.scheme(), "http" | "https") || url.query().is_some() || !url.has_host()
        }) {
            let reason = "a public URL is https://host, with or without a path, and nothing more";
            return invalid("public_urls", reason);
        }
        let pace = &self.pace;
        if pace.slots == 0 {
            return invalid("slots", "at least one call must be allowed at a time");
        }
        if pace.slots_per_account == 0 {
            return invalid("slots_per_account", "at least one call must be allowed at a time");
        }
        if pace.looks.is_empty() || !pace.looks.is_sorted() {
            return invalid(
                "looks_seconds",
                "the times of the looks must rise, and there must be one",
            );
        }
        if pace.tick.is_zero() || pace.tick > Duration::from_secs(30) {
            return invalid("tick_seconds", "the tick is between a moment and 30 seconds");
        }
        Ok(())
    }
}

/// How long the relay waits for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// The longest the publisher sleeps before it compares wall clocks again.
    pub tick: Duration,
    /// A staged post this long past due without a delivery is claimed by the relay's own clock.
    pub backstop_after: Duration,
    /// A post later than this is overdue, unless one of X's limits held it.
    pub overdue_after: Duration,
    /// Overdue posts of one account go out at least this far apart.
    pub overdue_spacing: Duration,
    /// How often the relay notes that it is awake.
    pub heartbeat: Duration,
    /// A silence longer than this is a gap: posts due in it are looked for before their call.
    pub gap: Duration,
    /// After an unknown outcome the timeline is read at these times; then a person decides.
    pub looks: Vec<Duration>,
    /// How far X's clock may be behind ours when a post is looked for.
    pub look_skew: Duration,
    /// A post due this shortly after a database began may have been sent from the one before it:
    /// their clocks may have differed by as much.
    pub doubt_margin: Duration,
    /// Looks that could not be made are tried again for this long; then a person decides.
    pub look_patience: Duration,
    /// After a failure to reach X the first wait; it doubles up to `retry_max`.
    pub retry_first: Duration,
    /// The longest wait after a failure to reach X.
    pub retry_max: Duration,
    /// How long an app without credits rests before it is tried again.
    pub credits_probe: Duration,
    /// How long an account that X calls too busy or automated rests.
    pub account_rest: Duration,
    /// An access token this close to its end is refreshed first.
    pub token_margin: Duration,
    /// A refused grant is believed after this long when X accepts no other account either.
    pub doubt: Duration,
    /// A grant is proven again after this long.
    pub prove_every: Duration,
    /// A grant is proven this long before a post is due, too.
    pub prove_before_due: Duration,
    /// How long a request to X may take.
    pub call_timeout: Duration,
    /// Creates in flight for one account.
    pub slots_per_account: usize,
    /// Creates in flight in all.
    pub slots: usize,
    /// The longest a reader of the feed is kept waiting.
    pub long_poll: Duration,
    /// How long a person's "send again" may take from the decision.
    pub send_again_within: Duration,
    /// Files of a post go to X this long before it is due.
    pub media_ahead: Duration,
    /// Texts are removed this long after the decision; the outcome never.
    pub keep_content: Duration,
    /// Events are kept this long.
    pub keep_events: Duration,
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            tick: Duration::from_secs(5),
            backstop_after: minutes(2),
            overdue_after: late_post::OVERDUE_AFTER,
            overdue_spacing: late_post::SPACING,
            heartbeat: Duration::from_secs(30),
            gap: minutes(5),
            looks: vec![Duration::from_secs(10), minutes(1), minutes(5), minutes(30)],
            look_skew: minutes(2),
            doubt_margin: minutes(2),
            look_patience: minutes(24 * 60),
            retry_first: Duration::from_secs(5),
            retry_max: minutes(10),
            credits_probe: minutes(10),
            account_rest: minutes(4 * 60),
            token_margin: minutes(5),
            doubt: minutes(3 * 60),
            prove_every: minutes(24 * 60),
            prove_before_due: minutes(6 * 60),
            call_timeout: Duration::from_secs(30),
            slots_per_account: 4,
            slots: 64,
            long_poll: minutes(1),
            send_again_within: minutes(6 * 60),
            media_ahead: minutes(15),
            keep_content: minutes(90 * 24 * 60),
            keep_events: minutes(30 * 24 * 60),
        }
    }
}
