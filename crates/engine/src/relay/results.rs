//! What the relay says of posts, taken into the store.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_relay_api::{BATCH_MAX, Delivery, DeliveryState, Lookup};
use roost_store::{Outcome, Post, Recorded, Tx};
use tokio::time::Instant;

use crate::diagnosis::holds;
use crate::relay::account_sync;
use crate::relay::effects::Effects;
use crate::relay::sandbox_resume;
use crate::state::{EngineState, Services};
use crate::{Result, compose, notify};

/// Asks the relay for posts by id and applies what it knows. Returns those that it does not know.
pub(crate) async fn look_up(
    engine: &EngineState,
    services: &Services,
    ids: &[PostId],
) -> Result<Vec<PostId>> {
    let mut unheard = Vec::new();
    for batch in ids.chunks(BATCH_MAX) {
        let asked = Instant::now();
        let lookup = Lookup { post_ids: batch.to_vec() };
        let answer = engine.relay_answered(asked, services.relay.lookup(&lookup).await)?;
        let known: Vec<PostId> =
            answer.deliveries.iter().map(|delivery| delivery.post_id).collect();
        unheard.extend(batch.iter().filter(|id| !known.contains(id)));
        apply(engine, services, answer.deliveries).await?;
    }
    Ok(unheard)
}

/// Applies deliveries in one transaction.
pub(crate) async fn apply(
    engine: &EngineState,
    services: &Services,
    deliveries: Vec<Delivery>,
) -> Result<()> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let relay = services.relay_public_url.clone();
    let effects = Effects::begin(engine).await?;
    let effects = engine
        .write("results.deliveries", move |store| {
            let mut effects = effects;
            for delivery in &deliveries {
                apply_delivery(store, &relay, delivery, &mut effects)?;
            }
            effects.notices |= holds::follow(store, effects.got_through)?;
            Ok(effects)
        })
        .await?;
    effects.publish(engine);
    Ok(())
}

/// Takes in one delivery.
///
/// # Errors
/// When the store can't be used.
pub(super) fn apply_delivery(
    store: &mut Tx<'_>,
    relay: &str,
    delivery: &Delivery,
    effects: &mut Effects,
) -> Result<()> {
    let goes_out = matches!(
        delivery.state,
        DeliveryState::Sending
            | DeliveryState::Unknown
            | DeliveryState::Posted
            | DeliveryState::Partial
    );
    // What this relay says of a post that another one holds is what it was told of it, and proves
    // nothing; unless it is on X.
    if !goes_out && store.is_held_elsewhere(delivery.post_id, relay)? {
        return Ok(());
    }
    let outcome = outcome_of(delivery);
    match store.record_outcome(delivery.post_id, &outcome)? {
        Recorded::Changed { before, after, late } => {
            if before == after && late.is_none() {
                effects.parts.push(after.id);
            }
            effects.got_through |= after.status == Status::Posted;
            if sandbox_resume::resend_if_interrupted(store, &effects.interrupted, &after)? {
                effects.sent_again.push(after.id);
            }
            effects.withdrawn |= account_sync::follow_sign_out(store, &before, &after)?;
            effects.notices |= notify::outcome(store, &before, &after)?;
            if edit_counts_after_all(store, (&before, &after), effects.horizon_end)? {
                effects.withdrawn = true;
            }
        }
        Recorded::Refused { from, to } => {
            tracing::warn!(
                post.id = %delivery.post_id, %from, %to, "the relay's word fits no longer"
            );
        }
        Recorded::Unchanged | Recorded::NotOurs => {}
    }
    Ok(())
}

/// The call for which an edit came too late came to nothing: the post goes out with the new words.
/// Returns whether that was so.
fn edit_counts_after_all(
    store: &mut Tx<'_>,
    (before, after): (&Post, &Post),
    horizon_end: UnixMillis,
) -> Result<bool> {
    let came_back = before.status == Status::Sending
        && matches!(after.status, Status::Queued | Status::Held)
        // What is on X in part goes on as it began.
        && after.tweet_id.is_none()
        && store.expect_post(after.id)?.withdraw_to.is_none();
    if !came_back {
        return Ok(false);
    }
    let Some(post) = store.edit_after_all(after.id)? else { return Ok(false) };
    compose::fence_if_needed(store, post, Status::Pending, horizon_end)?;
    Ok(true)
}

/// A delivery in the store's terms.
pub(crate) fn outcome_of(delivery: &Delivery) -> Outcome {
    Outcome {
        revision: delivery.revision,
        status: delivery.state.status(),
        state: delivery.state.as_str().to_owned(),
        live: delivery.live.clone(),
        tweet_id: delivery.tweet_id.clone(),
        code: delivery.code.clone(),
        message: delivery.message.clone(),
        until: delivery.until,
        attempts: delivery.attempts,
        posted_at: delivery.posted_at,
        at: delivery.updated_at,
    }
}
