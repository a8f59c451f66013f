//! Registering this store with a relay's database: the manifest of all that must not be forgotten, and
//! what the relay's answer asks for.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_relay_api::{DeliveryState, Epoch, Manifest, ManifestPost};
use roost_store::{Error as StoreError, Post, Read, RelayFeed};
use tokio::time::Instant;

use crate::Result;
use crate::relay::{account_sync, results, stage_request};
use crate::state::{EngineState, Services};

/// Posts in one page of the manifest.
const PAGE: u32 = 1000;
/// The relay keeps content for so long after the decision; older posts need no mention.
const RETENTION: Duration = Duration::from_hours(90 * 24);

/// Tells the relay's database all that must not be forgotten, asks for all that it knows, accounts
/// too, and reads its feed from its end.
pub(super) async fn register(
    engine: &EngineState,
    services: &Services,
    epoch: &Epoch,
    head: i64,
) -> Result<()> {
    tracing::info!(epoch = %epoch.0, "introducing this store to the relay");
    // By a clock that runs ahead all is old, also what was cancelled an hour ago.
    let since = match engine.health().is_own_clock_right(engine.now()) {
        true => engine.now().minus(RETENTION),
        false => UnixMillis(0),
    };
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
        stage_request::recall(engine, services, sending.cloned().collect()).await?;
        let ids: Vec<PostId> = page.iter().map(|post| post.id).collect();
        results::look_up(engine, services, &ids).await?;
        if !more {
            break;
        }
    }
    account_sync::refresh(engine, services).await?;
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
    engine
        .write("contact.stage_again", move |store| {
            for id in missing {
                let post = store.expect_post(id)?;
                let live = matches!(post.status, Status::Queued | Status::Held | Status::Pending);
                if live && post.withdraw_to.is_none() && post.deleted_at.is_none() {
                    store.arm_above(id, post.revision, Actor::Engine)?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(())
}
