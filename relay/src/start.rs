//! Opening a relay: files, keys, and what an earlier process left open.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use roost_core::clock::{Clock, UnixMillis};
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_crash_points as crash;
use roost_qstash::signature::Verifier;
use roost_relay_api::{AccountHealth, Epoch, FAILURE_PATH, POST_TWEET_PATH};
use roost_x_api::transport::Network;
use rusqlite::Connection;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::audit_log;
use crate::clock_check::{ClockSkew, DateObserver};
use crate::config::{Config, ConfigError};
use crate::database::{Database, OpenError};
use crate::incidents::{Incidents, Subject};
use crate::ledger_write::LedgerWrite;
use crate::log_recovery;
use crate::metrics::Metrics;
use crate::publisher::{refuse_damaged, settle_interrupted};
use crate::rate_limiter::RateLimiter;
use crate::rows::{account, device, epoch, event, intent, relay};
use crate::shared::Shared;
use crate::tokens::{KeyError, TokenCache, Vault, settle_grants};
use crate::write_check::WriteCheck;

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
    let memory = Duration::from_secs(config.limits.memory_seconds().into());
    let mut head = 0;
    let mut calls = Vec::new();
    let mut changes = Vec::new();
    let mut unlogged_changes = Vec::new();
    let mut vault = Err(KeyError::Sealed);
    let incidents = Incidents::default();
    let clock_skew = Arc::new(ClockSkew::new(Arc::clone(&clock), config.dry_run));
    crate::database::refuse_emptied(&config.database, &config.key_file)?;
    let opened = Database::open(&config.database, |c| {
        // Behind the lock: two processes must not make the key file at once. And before anything
        // else changes: without the key nothing does.
        vault = key(c, &config)?;
        let Ok(vault) = &vault else { return Err(rusqlite::Error::InvalidQuery) };
        if relay::get(c)?.is_none() {
            epoch::renew(c, &epoch, false, now)?;
        }
        if let Some(file) = crate::database::identity(&config.database)
            && epoch::note_file(c, &file)?
            && !crash::sabotaged("epoch")
        {
            tracing::warn!(
                "this ledger is a copy: it rests until each desktop has told it what it knows"
            );
            epoch::renew(c, &epoch, true, now)?;
            epoch::note_file(c, &file)?;
        }
        let gap = i64::try_from(config.pace.gap.as_millis()).unwrap_or(i64::MAX);
        unlogged_changes = log_recovery::unlogged_changes(c, relay::row(c)?.heartbeat_at)?;
        relay::beat(c, now, gap)?;
        let message = "The relay ended before X answered.";
        let mut write = LedgerWrite::new(c);
        let open = settle_interrupted(&mut write, |_| false, message, now)?;
        refuse_damaged(&mut write, now)?;
        settle_grants(&mut write, vault, now)?;
        changes = write.into_log().changes;
        if open > 0 {
            tracing::warn!(posts = open, "posts were being sent when the relay ended");
        }
        calls = earlier_calls(c, now.minus(memory))?;
        restore_incidents(c, &incidents)?;
        clock_skew.remember(relay::x_time(c)?);
        head = event::head(c)?;
        Ok(())
    });
    // Why there is no key says more than that the ledger was not opened for it.
    let (vault, database) = match (vault, opened) {
        (Ok(vault), opened) => (vault, opened?),
        (Err(KeyError::Sealed), Err(error)) => return Err(error.into()),
        (Err(error), _) => return Err(error.into()),
    };
    let metrics = Arc::new(Metrics::default());
    audit_log::log_repeated(&unlogged_changes);
    audit_log::log_changes(&changes, &metrics.transitions);
    let rate_limiter = RateLimiter::default();
    rate_limiter.restore_calls(calls);
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
        verifier: RwLock::new(
            config
                .qstash_keys
                .as_ref()
                .map(|keys| Verifier::new(keys.current.expose(), keys.next.expose())),
        ),
        devices: config
            .device_keys
            .iter()
            .map(|known| (device::hash(known.key.expose()), known.name.clone()))
            .collect::<HashMap<_, _>>(),
        clock,
        clock_skew,
        database,
        x,
        vault,
        tokens: TokenCache::default(),
        rate_limiter,
        pauses: Arc::default(),
        metrics,
        write_check: WriteCheck::default(),
        incidents,
        head: watch::Sender::new(head),
        work: Notify::new(),
        stopping: CancellationToken::new(),
        config,
    })
}

/// Says what of an earlier process's troubles still stands, so that its end is said as well.
fn restore_incidents(connection: &Connection, incidents: &Incidents) -> rusqlite::Result<()> {
    for row in account::list(connection)? {
        let code = match row.account.health {
            // Somebody took it away here: no trouble. One that does not open was told already, and
            // X never saw it.
            AccountHealth::Disconnected if row.grant_sealed.is_none() || row.unopened => continue,
            AccountHealth::Disconnected => Code::SignInNeeded,
            AccountHealth::Suspended => Code::AccountSuspended,
            AccountHealth::Connected if row.doubted_since.is_some() => Code::SignInDoubtful,
            AccountHealth::Connected => continue,
        };
        incidents.begin(Subject::Account(row.account.x_user_id), code);
    }
    Ok(())
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
    let network = Network::to(&config.x_api_base, CONNECT_TIMEOUT)
        .map_err(|broken| Error::X(broken.detail))?;
    Ok(Arc::new(DateObserver::new(network, Arc::clone(clock_skew), Arc::clone(metrics))))
}

/// Calls that X's limits still count, with their app.
fn earlier_calls(
    connection: &Connection,
    since: UnixMillis,
) -> rusqlite::Result<Vec<(XUserId, String, UnixMillis)>> {
    let apps: HashMap<XUserId, String> = account::list(connection)?
        .into_iter()
        .map(|row| (row.account.x_user_id, row.client_id))
        .collect();
    let calls = intent::recent(connection, since)?;
    Ok(calls
        .into_iter()
        .map(|(account, at)| {
            let app = apps.get(&account).cloned().unwrap_or_default();
            (account, app, at)
        })
        .collect())
}
