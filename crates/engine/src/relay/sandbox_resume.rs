//! In a sandbox nothing is at stake, and its timeline shows at once what was made. There a killed
//! process must not leave a rehearsal with posts that wait for a person: what was being sent when
//! it was killed, and is not in the timeline after every look, never left, and is sent again.
//!
//! On the real X such a post needs a person: a missed post with a question is better than two.

use std::collections::HashSet;

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_relay_api::{BATCH_MAX, Decision, DeliveryState, Lookup, Resolve};
use roost_store::{NewOutbox, OutboxKind, Post, Tx};
use tokio::time::Instant;

use crate::state::{EngineState, Services};
use crate::{Error, Result, preferences};

/// Posts that a relay can have had in hand at once are far fewer.
const PAGE: u32 = 1000;

/// Before the relay is let go: notes what it was sending when its process ended.
pub(crate) async fn record_interrupted(engine: &EngineState, services: &Services) -> Result<()> {
    let base = preferences::x_api_base(engine).await?;
    if !base.as_deref().is_some_and(preferences::is_sandbox) {
        return Ok(());
    }
    let now = engine.now();
    let relay = services.relay_public_url.clone();
    let due: Vec<Post> = engine.read(move |store| store.awaiting_result(&relay, now, PAGE)).await?;
    let ids: Vec<PostId> = due.iter().map(|post| post.id).collect();
    for batch in ids.chunks(BATCH_MAX) {
        let asked = Instant::now();
        let lookup = Lookup { post_ids: batch.to_vec() };
        let answer = engine.relay_answered(asked, services.relay.lookup(&lookup).await)?;
        // Parked, and this store was not told: that was after the kill, too.
        let in_doubt = answer.deliveries.iter().filter(|delivery| {
            matches!(delivery.state, DeliveryState::Unknown | DeliveryState::Parked)
        });
        engine.interrupted().extend(in_doubt.map(|delivery| delivery.post_id));
    }
    Ok(())
}

/// Writes down that an interrupted post which X does not have is to be sent again. Tells whether
/// it is one.
pub(crate) fn resend_if_interrupted(
    store: &mut Tx<'_>,
    interrupted: &HashSet<PostId>,
    post: &Post,
) -> Result<bool> {
    if post.status != Status::Unknown || !interrupted.contains(&post.id) {
        return Ok(false);
    }
    let decision = Decision { by_itself: true, ..Decision::from(Resolve::SendAgain) };
    tracing::info!(post.id = %post.id, "X does not have what a kill interrupted; it is sent again");
    let payload =
        serde_json::to_value(decision).map_err(|error| Error::Internal(error.to_string()))?;
    store.intend(&NewOutbox {
        kind: OutboxKind::Resolve,
        post_id: Some(post.id),
        revision: Some(post.revision),
        payload,
        actor: Actor::Engine,
    })?;
    Ok(true)
}
