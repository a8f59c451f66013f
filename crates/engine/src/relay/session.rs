//! Being in step with the relay's database: first contact, and what follows a new epoch.
//!
//! A store introduces itself to each database that it meets with a manifest of all that must not
//! be forgotten, an empty one when it never handed anything over. Until the last page is there the
//! relay posts nothing of this store. One that it comes back to, after another relay, is introduced
//! anew: what was edited or withdrawn meanwhile it does not know.

use roost_core::clock::UnixMillis;
use roost_relay_api::{ClientError, Coverage, Epoch, RelayStatus, Takeover};
use roost_store::RelayFeed;
use tokio::time::Instant;

use crate::relay::{pauses, registration, restored};
use crate::state::{EngineState, Services};
use crate::{Change, Error, Result};

/// [`ensure_registered_locked`] between two turns: one introduction at a time, or a page of the one would
/// stand between the pages of the other.
pub(crate) async fn ensure_registered(
    engine: &EngineState,
    services: &Services,
) -> Result<RelayStatus> {
    let _pass = engine.pass_lock.lock().await;
    ensure_registered_locked(engine, services).await
}

/// Asks the relay how it is, and introduces this store when the relay's database is a new one. The
/// caller holds the turn.
pub(crate) async fn ensure_registered_locked(
    engine: &EngineState,
    services: &Services,
) -> Result<RelayStatus> {
    let status = status(engine, services).await?;
    restored::reconcile(engine, services, &status).await?;
    detect_rename(engine, services, &status.epoch).await?;
    let name = services.relay_public_url.clone();
    let feed = engine.read(move |store| store.relay_feed(&name)).await?;
    if feed.is_some_and(|feed| is_registered(&feed, &status)) {
        pauses::learn(engine, &status).await?;
    } else {
        if let Some(status) = pauses::repeat(engine, services, &status).await? {
            record_status(engine, &status, Instant::now());
        }
        registration::register(engine, services, &status.epoch, status.head).await?;
    }
    Ok(status)
}

/// Whether the relay's database is the one that this store was introduced to.
pub(crate) fn is_registered(feed: &RelayFeed, status: &RelayStatus) -> bool {
    is_same_database(feed, status) && feed.cursor <= status.head
}

/// Whether the relay's database has the mark that it had, and waits for nothing of this store.
pub(crate) fn is_same_database(feed: &RelayFeed, status: &RelayStatus) -> bool {
    feed.epoch == status.epoch.0 && !status.needs_manifest
}

/// A relay that is reached under another address than before is known by its database's mark.
async fn detect_rename(engine: &EngineState, services: &Services, epoch: &Epoch) -> Result<()> {
    let (name, epoch) = (services.relay_public_url.clone(), epoch.0.clone());
    let known = engine.read(move |store| store.relay_with_epoch(&epoch)).await?;
    let Some(other) = known.filter(|other| *other != name) else { return Ok(()) };
    tracing::info!(from = other, to = name, "the relay has another address");
    engine.write("contact.renamed", move |store| Ok(store.relay_renamed(&other, &name)?)).await
}

/// Asks the relay how it is.
pub(crate) async fn status(engine: &EngineState, services: &Services) -> Result<RelayStatus> {
    let asked = Instant::now();
    let status = engine.relay_answered(asked, services.relay.status().await)?;
    record_status(engine, &status, asked);
    Ok(status)
}

/// HTTP's "no such route": a relay of an earlier release.
const NO_SUCH_ROUTE: u16 = 404;

/// Returns whether a relay knows no such route.
pub(crate) const fn is_no_such_route(error: &ClientError) -> bool {
    match error {
        ClientError::Garbled { status, .. } | ClientError::Refused { status, .. } => {
            *status == NO_SUCH_ROUTE
        }
        ClientError::Unreachable { .. } | ClientError::Unusable(_) => false,
    }
}

/// What keeps a relay from delivering anything. Clocks, accounts and manifests are told by its
/// status, each as something of its own.
const NOT_READY: &[&str] = &["database", "publisher", "signing_keys", "public_urls"];

/// Asks the relay how it is, and whether it would deliver a due post now.
pub(crate) async fn check_readiness(
    engine: &EngineState,
    services: &Services,
) -> Result<RelayStatus> {
    let status = status(engine, services).await?;
    let asked = Instant::now();
    let readiness = engine.relay_answered(asked, services.relay.readiness().await)?;
    let findings = readiness.map(|readiness| readiness.findings).unwrap_or_default().into_iter();
    let found: Vec<String> = findings
        .filter(|finding| NOT_READY.contains(&finding.what.as_str()))
        .map(|finding| finding.message)
        .collect();
    let changed = std::mem::replace(&mut engine.health().relay_not_ready, found.clone()) != found;
    if changed {
        engine.publish(Change::Sync);
    }
    Ok(status)
}

/// Notes what a relay's status says.
pub(crate) fn record_status(engine: &EngineState, status: &RelayStatus, asked: Instant) {
    let halfway = i64::try_from(asked.elapsed().as_millis() / 2).unwrap_or(0);
    let mut health = engine.health();
    health.clock_skew_ms = Some(status.now.0 + halfway - engine.now().0);
    let paused = std::mem::replace(&mut health.paused, status.paused) != status.paused
        || health.relay_status.as_ref().map(|before| &before.paused_accounts)
            != Some(&status.paused_accounts);
    let clock = health.relay_status.as_ref().and_then(|before| before.clock_ahead_ms);
    let changed = paused || clock != status.clock_ahead_ms;
    health.relay_status = Some(status.clone());
    drop(health);
    if changed {
        engine.publish(Change::Sync);
    }
}

/// Tells the relay until when it is covered, and how many posts wait beyond.
pub(crate) async fn report_coverage(
    engine: &EngineState,
    services: &Services,
    end: UnixMillis,
) -> Result<()> {
    let coverage = engine
        .read(move |store| {
            let until = store.first_here()?.map_or(end, |first| first.min(end));
            Ok(Coverage { until, posts_beyond: store.posts_beyond(end)? })
        })
        .await?;
    let asked = Instant::now();
    let status = engine.relay_answered(asked, services.relay.coverage(coverage).await)?;
    record_status(engine, &status, asked);
    Ok(())
}

/// Makes this device the one that feeds the relay from this store, and this file the one in which
/// the store lives.
pub(crate) async fn take_over(engine: &EngineState) -> Result<()> {
    let store = engine.store.clone();
    engine.blocking(move || Ok(store.claim_location()?)).await?;
    engine.refresh_copied().await?;
    let services = match engine.services() {
        // Relay and scheduler are started with the next `roost sync`, or the window.
        Err(Error::NoServices) => return Ok(()),
        services => services?,
    };
    let asked = Instant::now();
    let takeover = Takeover { store_id: engine.store.id() };
    let status = engine.relay_answered(asked, services.relay.take_over(takeover).await)?;
    record_status(engine, &status, asked);
    Ok(())
}
