//! Being in step with the relay's database: first contact, and what follows a new epoch.
//!
//! A store introduces itself to each database that it meets with a manifest of all that must not
//! be forgotten, an empty one when it never handed anything over. Until the last page is there the
//! relay posts nothing of this store. One that it comes back to, after another relay, is introduced
//! anew: what was edited or withdrawn meanwhile it does not know.

use std::time::Duration;

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_relay_api::{DeliveryState, Epoch, Manifest, ManifestPost, RelayStatus, Takeover};
use roost_store::{Error as StoreError, Post, Read, RelayFeed};
use tokio::time::Instant;

use crate::relay::restored;
use crate::relay::results::look_up;
use crate::state::{EngineState, Services, blocking};
use crate::sync::handover;
use crate::{Change, Error, Result};

/// Posts in one page of the manifest.
const PAGE: u32 = 1000;
/// The relay keeps content for so long after the decision; older posts need no mention.
const RETENTION: Duration = Duration::from_hours(90 * 24);

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
    if !feed.is_some_and(|feed| is_registered(&feed, &status)) {
        register(engine, services, &status.epoch, status.head).await?;
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
    let paused = std::mem::replace(&mut health.paused, status.paused) != status.paused;
    let clock = health.relay_status.as_ref().and_then(|before| before.clock_ahead_ms);
    let changed = paused || clock != status.clock_ahead_ms;
    health.relay_status = Some(status.clone());
    drop(health);
    if changed {
        engine.publish(Change::Sync);
    }
}

/// Tells the relay's database all that must not be forgotten, asks for all that it knows, accounts
/// too, and reads its feed from its end.
async fn register(
    engine: &EngineState,
    services: &Services,
    epoch: &Epoch,
    head: i64,
) -> Result<()> {
    tracing::info!(epoch = %epoch.0, "introducing this store to the relay");
    let since = engine.now().minus(RETENTION);
    let mut after_seq = 0;
    loop {
        let relay = services.relay_public_url.clone();
        let (page, posts) = engine
            .read(move |store| {
                let page = store.ever_offered(since, after_seq, PAGE)?;
                let told: std::result::Result<Vec<_>, StoreError> =
                    page.iter().map(|post| manifest_entry(store, post, &relay)).collect();
                told.map(|told| (page, told))
            })
            .await?;
        let more = page.len() == PAGE as usize;
        after_seq = page.last().map_or(after_seq, |post| post.seq);
        let manifest = Manifest { epoch: epoch.clone(), store_id: engine.store.id(), posts, more };
        let answer = services.relay.manifest(&manifest).await;
        let answer = engine.relay_answered(Instant::now(), answer)?;
        rearm_missing(engine, answer.missing).await?;
        let sending = page.iter().filter(|post| {
            post.status == Status::Sending
                && !post.is_held_by_other_than(&services.relay_public_url)
        });
        handover::recall(engine, services, sending.cloned().collect()).await?;
        let ids: Vec<PostId> = page.iter().map(|post| post.id).collect();
        look_up(engine, services, &ids).await?;
        if !more {
            break;
        }
    }
    crate::accounts::refresh(engine, services).await?;
    let (name, feed) =
        (services.relay_public_url.clone(), RelayFeed { epoch: epoch.0.clone(), cursor: head });
    engine.write("contact.introduced", move |store| Ok(store.relay_introduced(&name, &feed)?)).await
}

/// What this store knows of a post, in the terms of `relay`.
fn manifest_entry(
    store: &Read<'_>,
    post: &Post,
    relay: &str,
) -> std::result::Result<ManifestPost, StoreError> {
    let state = match post.status {
        // Another relay sends it, or has it withdrawn: this one is fenced.
        _ if post.is_held_by_other_than(relay) => DeliveryState::Withdrawn,
        Status::Posted => DeliveryState::Posted,
        Status::Partial => DeliveryState::Partial,
        Status::Unknown => DeliveryState::Parked,
        Status::Failed => DeliveryState::Refused,
        Status::Missed => DeliveryState::Expired,
        Status::Cancelled => DeliveryState::Withdrawn,
        Status::Sending => DeliveryState::Sending,
        // A withdrawal that was asked for fences at once; one that was proven stays proven.
        _ if post.withdraw_to.is_some() || !post.may_be_on_relay() => DeliveryState::Withdrawn,
        Status::Draft | Status::Pending | Status::Queued | Status::Held => DeliveryState::Staged,
    };
    let is_held_here = post.may_be_on_relay() && !post.is_held_by_other_than(relay);
    // Asked for is not proven: whether it was sent before, this store can't know.
    let taken_back = post.withdraw_to.is_some() && state == DeliveryState::Withdrawn;
    // And under other words, or in another account, nobody finds what was.
    let changed = post.status == Status::Pending
        && state == DeliveryState::Staged
        && store.changed_since_offered(post)?;
    let unproven = is_held_here && (taken_back || changed);
    let revision = match (post.status, state) {
        // What may be out is what was handed over; what was changed since never was.
        _ if unproven => post.offered_revision,
        // An edit that is not staged yet must not be taken for one that is.
        (Status::Pending, DeliveryState::Staged) => post.offered_revision,
        // Nor an arming after a withdrawal for what was withdrawn.
        (Status::Pending, DeliveryState::Withdrawn) if !post.may_be_on_relay() => {
            post.withdrawn_revision
        }
        _ => post.revision,
    };
    Ok(ManifestPost {
        post_id: post.id,
        revision,
        state,
        tweet_id: post.tweet_id.clone(),
        due_at: store.offered_due_at(post)?,
        // Whoever held it was called gone: until when it sent, this store can't know.
        elsewhere: post.may_be_on_relay() && post.offered_to.is_none(),
        unproven,
    })
}

/// Live posts that the relay lost are armed anew, to be handed over at once.
async fn rearm_missing(engine: &EngineState, missing: Vec<PostId>) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    tracing::warn!(posts = missing.len(), "the relay lost posts; they are handed over again");
    let ids = missing.clone();
    engine
        .write("contact.stage_again", move |store| {
            for id in ids {
                let post = store.expect_post(id)?;
                let live = matches!(post.status, Status::Queued | Status::Held | Status::Pending);
                if live && post.withdraw_to.is_none() && post.deleted_at.is_none() {
                    store.arm_above(id, post.revision, Actor::Engine)?;
                }
            }
            Ok(())
        })
        .await?;
    engine.publish(Change::Posts(missing));
    Ok(())
}

/// Makes this device the one that feeds the relay from this store, and this file the one in which
/// the store lives.
pub(crate) async fn take_over(engine: &EngineState) -> Result<()> {
    let store = engine.store.clone();
    blocking(move || Ok(store.live_here()?)).await?;
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
