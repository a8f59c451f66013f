//! Opening a relay: files, keys, and what an earlier process left open.

mod copied_ledger;
mod recovery;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use roost_core::clock::{Clock, UnixMillis};
use roost_relay_api::{Epoch, FAILURE_PATH, POST_TWEET_PATH};
use roost_x_api::transport::Network;
use rusqlite::Connection;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::alarm_state::AlarmState;
use crate::attempts::Attempts;
use crate::audit_log;
use crate::clock_check::{ClockSkew, DateObserver};
use crate::config::{Config, ConfigError};
use crate::database::{Database, OpenError};
use crate::feed_head::FeedHead;
use crate::incidents::Incidents;
use crate::media_store::MediaStore;
use crate::media_uploads::MediaUploads;
use crate::metrics::Metrics;
use crate::rate_limiter::RateLimiter;
use crate::rows::{account, device, epoch, relay};
use crate::self_test::SelfTests;
use crate::shared::Shared;
use crate::signing_keys::SigningKeys;
use crate::tokens::{KeyError, TokenCache, Vault};
use crate::write_check::WriteCheck;
use recovery::{Recovered, recover};

/// How long a connection to X may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The ledger.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key that seals grants.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The configuration.
    #[error("the configuration can't be used: {0}")]
    Config(#[from] ConfigError),
    /// The ledger was moved away.
    #[error(
        "this relay was moved to {0}, and is not served here again: two relays would post the same. \
        Should the move have come to nothing, put a backup back with `roost-relay restore`"
    )]
    Moved(String),
    /// The folder of media.
    #[error("{} can't be used for images and videos: {error}", path.display())]
    Media {
        /// Which folder.
        path: std::path::PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The client for X.
    #[error("no connection to X can be set up: {0}")]
    X(String),
}

/// A new mark for a database.
pub(crate) fn new_epoch() -> Result<Epoch, KeyError> {
    let bytes = crate::tokens::random::<16>()?;
    Ok(Epoch(uuid::Uuid::from_bytes(bytes).simple().to_string()))
}

pub(crate) fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Shared, Error> {
    config.check()?;
    let now = clock.now();
    let epoch = new_epoch()?;
    let clock_skew = Arc::new(ClockSkew::new(Arc::clone(&clock), config.dry_run));
    crate::database::refuse_emptied(&config.database, &config.key_file)?;
    let (database, vault, recovered) = open_ledger(&config, &epoch, now)?;
    let media = MediaStore::open(&config)
        .map_err(|error| Error::Media { path: config.media_folder.clone(), error })?;
    clock_skew.remember(recovered.clock_skew);
    let incidents = Incidents::default();
    for (subject, code) in recovered.incidents {
        incidents.begin(subject, code);
    }
    let metrics = Arc::new(Metrics::default());
    audit_log::log_repeated(&recovered.unlogged_changes);
    audit_log::log_changes(&recovered.changes, &metrics.transitions);
    let rate_limiter = RateLimiter::default();
    rate_limiter.restore_calls(recovered.calls);
    let x = roost_x_api::Client::builder(config.x_api_base.clone())
        .timeout(config.pace.call_timeout)
        .transport(hearing(&config, &clock_skew, &metrics)?)
        .build()
        .map_err(|failure| Error::X(failure.to_string()))?;
    let urls = |path: &str| {
        let of = |url: &url::Url| format!("{}{path}", url.as_str().trim_end_matches('/'));
        config.public_urls.iter().map(of).collect::<Vec<_>>()
    };
    Ok(Shared {
        delivery_urls: urls(POST_TWEET_PATH),
        failure_urls: urls(FAILURE_PATH),
        signing_keys: SigningKeys::new(config.qstash_keys.clone(), recovered.sent_keys),
        devices: config
            .device_keys
            .iter()
            .map(|known| (device::hash(known.key.expose()), known.name.clone()))
            .collect::<HashMap<_, _>>(),
        clock,
        clock_skew,
        database,
        media,
        media_uploads: MediaUploads::new(recovered.has_media),
        x,
        vault,
        tokens: TokenCache::default(),
        rate_limiter,
        pauses: Arc::default(),
        metrics,
        write_check: WriteCheck::default(),
        incidents,
        certificate: OnceLock::new(),
        scheduler_token: OnceLock::new(),
        pairing_attempts: Attempts::default(),
        self_tests: SelfTests::default(),
        alarms: AlarmState::default(),
        head: FeedHead::at(recovered.head),
        work: Notify::new(),
        stopping: CancellationToken::new(),
        config,
    })
}

/// Opens the ledger and settles what an earlier process left open in it.
fn open_ledger(
    config: &Config,
    new_epoch: &Epoch,
    now: UnixMillis,
) -> Result<(Database, Vault, Recovered), Error> {
    let mut vault = Err(KeyError::Sealed);
    let (mut recovered, mut moved_to) = (None, None);
    let opened = Database::open(&config.database, &config.executor, |c| {
        moved_to = relay::get(c)?.and_then(|row| row.moved_to);
        if moved_to.is_some() && !config.take_back_moved {
            return Err(rusqlite::Error::InvalidQuery);
        }
        if moved_to.take().is_some() {
            take_back(c, &config.database, new_epoch, now)?;
        }
        // Behind the lock: two processes must not make the key file at once. And before anything
        // else changes: without the key nothing does.
        vault = key(c, config)?;
        let Ok(vault) = &vault else { return Err(rusqlite::Error::InvalidQuery) };
        recovered = Some(recover(c, config, vault, new_epoch, now)?);
        Ok(())
    });
    if let Some(to) = moved_to {
        return Err(Error::Moved(to));
    }
    // Why there is no key says more than that the ledger was not opened for it.
    let (vault, database) = match (vault, opened) {
        (Ok(vault), opened) => (vault, opened?),
        (Err(KeyError::Sealed), Err(error)) => return Err(error.into()),
        (Err(error), _) => return Err(error.into()),
    };
    let recovered = recovered.expect("a ledger that opened was read");
    Ok((database, vault, recovered))
}

/// Serves a ledger that was moved. In another file than it lay in, and there until a moment ago, it came here
/// as a whole and knows all that it sent: the same ledger goes on. In the same file it stayed behind and is
/// used again, and after a long way it may be the second one that came out of the same sealed file: what was
/// due meanwhile may have been sent elsewhere.
fn take_back(
    connection: &Connection,
    database: &Path,
    new_epoch: &Epoch,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let arrived = match crate::database::identity(database) {
        Some(here) => epoch::arrive(connection, &here, now)?,
        None => false,
    };
    if arrived { Ok(()) } else { epoch::renew(connection, new_epoch, false, now) }
}

/// The key that seals grants; a new one where nothing is sealed with an older one, or where the
/// configuration allows to replace that.
pub(crate) fn key(
    connection: &Connection,
    config: &Config,
) -> rusqlite::Result<Result<Vault, KeyError>> {
    let accounts = account::sealed(connection)?;
    Ok(match Vault::existing(&config.key_file) {
        Ok(Some(vault)) => Ok(vault),
        Ok(None) if accounts.is_empty() || config.replace_lost_key => Vault::make(&config.key_file),
        Ok(None) => Err(KeyError::Lost {
            path: config.key_file.clone(),
            accounts: accounts.iter().map(|username| format!("@{username}")).collect(),
        }),
        Err(error) => Err(error),
    })
}

/// The way to X, with its time heard.
fn hearing(
    config: &Config,
    clock_skew: &Arc<ClockSkew>,
    metrics: &Arc<Metrics>,
) -> Result<Arc<DateObserver>, Error> {
    let network = match &config.transport {
        Some(other) => Arc::clone(other),
        None => Arc::new(
            Network::to(&config.x_api_base, CONNECT_TIMEOUT)
                .map_err(|broken| Error::X(broken.detail))?,
        ),
    };
    Ok(Arc::new(DateObserver::new(network, Arc::clone(clock_skew), Arc::clone(metrics))))
}
