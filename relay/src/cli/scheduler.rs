//! The embedded scheduler: QStash's API on the relay's own address, for the relay's own two URLs.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use roost_relay::{Config, QstashKeys, Relay, Secret};
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};
use roost_scheduler::{Destinations, Hosts, Scheduler};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::file::write_new;

/// How often the relay asks the scheduler for its keys; they may be rolled through the API.
const KEY_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Opens it beside the ledger. `listener` is where the relay takes its deliveries: the scheduler dials
/// it there, whatever the public address is, so that neither a NAT nor a crowd stands in between.
pub(super) fn open(config: &Config, listener: SocketAddr) -> anyhow::Result<Scheduler> {
    ensure!(
        !config.public_urls.is_empty(),
        "public_urls is empty; the scheduler delivers to these addresses and to no other"
    );
    let token = token_of(config)?;
    let database = config.database.with_file_name("scheduler.sqlite");
    let mut settings = roost_scheduler::Config::new(database, token);
    let mut allowed = Vec::new();
    let mut deliver_via = BTreeMap::new();
    let live = Url::parse(&format!("http://{listener}"))?;
    for url in &config.public_urls {
        let base = url.as_str().trim_end_matches('/');
        allowed.extend([format!("{base}{POST_TWEET_PATH}"), format!("{base}{FAILURE_PATH}")]);
        deliver_via.insert(url.origin().ascii_serialization(), live.clone());
    }
    settings.destinations = Destinations::Only(allowed);
    settings.deliver_via = deliver_via;
    settings.hosts = Hosts::Named(
        config.public_urls.iter().filter_map(|url| url.host_str().map(str::to_owned)).collect(),
    );
    Ok(Scheduler::open(settings)?)
}

/// The token with which a desktop speaks to the embedded scheduler; made where it is missing.
pub(super) fn token_of(config: &Config) -> anyhow::Result<String> {
    token(&config.database.with_file_name("scheduler.token"))
}

/// `QSTASH_TOKEN`, or a random one made once and kept for its owner alone.
fn token(path: &Path) -> anyhow::Result<String> {
    if let Some(token) = std::env::var("QSTASH_TOKEN").ok().filter(|token| !token.is_empty()) {
        return Ok(token);
    }
    if !path.exists() {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        write_new(path, &token)?;
        roost_log_writer::say(format_args!("Made {}: the desktop's QStash token.", path.display()));
    }
    let token = std::fs::read_to_string(path)
        .with_context(|| format!("{} can't be read", path.display()))?;
    Ok(token.trim().to_owned())
}

/// The scheduler's pair, as the relay takes it.
fn keys(pair: (String, String)) -> QstashKeys {
    QstashKeys { current: Secret::new(pair.0), next: Secret::new(pair.1) }
}

/// Gives the relay the scheduler's keys, now and whenever they are rolled.
pub(super) async fn follow_keys(scheduler: Scheduler, relay: Relay, stop: CancellationToken) {
    let mut known = scheduler.signing_keys();
    relay.set_qstash_keys(&keys(known.clone()));
    while !stop.is_cancelled() {
        let pair = scheduler.signing_keys();
        if pair != known {
            relay.set_qstash_keys(&keys(pair.clone()));
            known = pair;
        }
        tokio::select! {
            () = tokio::time::sleep(KEY_POLL_INTERVAL) => {}
            () = stop.cancelled() => {}
        }
    }
}
