//! Withdrawals: only the relay's acknowledgement proves one.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use roost_core::status::Actor;
use roost_relay_api::{
    BATCH_MAX, DeliveryState, Withdraw, WithdrawBatch, WithdrawOutcome, WithdrawResult,
};
use roost_store::{NotWithdrawn, Outbox};
use tokio::time::Instant;

use super::queue::put_off;
use crate::Result;
use crate::relay::results;
use crate::state::{EngineState, Services};
use crate::view::{ChangeKind, ChangeSource};

/// When a withdrawal that came while the post was being sent is tried again, unless the relay tells
/// before that the post came back.
const AGAIN: Duration = Duration::from_secs(20);

/// Withdraws what is to be withdrawn from this relay.
pub(super) async fn withdraw_all(engine: &EngineState, services: &Services) -> Result<()> {
    let (relay, now) = (services.relay_public_url.clone(), engine.now());
    // Those of posts that another relay holds are for that one alone.
    let withdrawals = engine.read(move |store| store.withdrawals_due(&relay, now)).await?;
    for batch in withdrawals.chunks(BATCH_MAX) {
        withdraw(engine, services, batch).await?;
    }
    Ok(())
}

/// Asks the relay to withdraw a batch of posts, and notes what it acknowledged.
async fn withdraw(engine: &EngineState, services: &Services, batch: &[Outbox]) -> Result<()> {
    let item = |it: &Outbox| Some(Withdraw { post_id: it.post_id?, revision: it.revision? });
    let items: Vec<Withdraw> = batch.iter().filter_map(item).collect();
    let request = WithdrawBatch { store_id: engine.store.id(), items };
    let asked = Instant::now();
    let answer = services.relay.withdraw(&request).await;
    let answer = match engine.relay_answered(asked, answer) {
        Ok(answer) => answer,
        Err(error) => {
            put_off(engine, batch, &error).await?;
            return Err(error);
        }
    };
    let ids: Vec<PostId> = answer.results.iter().map(|result| result.post_id).collect();
    let too_late: Vec<PostId> = answer
        .results
        .iter()
        .filter(|result| result.outcome == WithdrawOutcome::TooLate)
        .map(|result| result.post_id)
        .collect();
    let stale = answer.results.iter().any(|result| result.outcome == WithdrawOutcome::Stale);
    let again_at = engine.now().plus(AGAIN);
    engine
        .write("outbox.withdrawn", move |store| acknowledge(store, answer.results, again_at))
        .await?;
    // What went out is told as the relay tells it.
    results::look_up(engine, services, &too_late).await?;
    engine.publish_posts(ids, ChangeKind::Status, ChangeSource::Relay);
    if stale {
        engine.wake.notify_one();
    }
    Ok(())
}

fn acknowledge(
    store: &mut roost_store::Tx<'_>,
    results: Vec<WithdrawResult>,
    again_at: UnixMillis,
) -> Result<()> {
    for WithdrawResult { post_id, revision, outcome, highest, state } in results {
        match outcome {
            WithdrawOutcome::Withdrawn => {
                store.withdrawal_proven(post_id, revision, Actor::Engine)?;
            }
            WithdrawOutcome::TooLate => {
                store.withdrawal_too_late(post_id, not_withdrawn(state), again_at)?;
            }
            WithdrawOutcome::Stale => withdraw_above(store, post_id, highest)?,
        }
    }
    Ok(())
}

/// What it means that a post in this state was not withdrawn.
const fn not_withdrawn(state: Option<DeliveryState>) -> NotWithdrawn {
    match state {
        Some(DeliveryState::Sending | DeliveryState::Unknown) => NotWithdrawn::UnderWay,
        Some(DeliveryState::Parked | DeliveryState::Partial) => NotWithdrawn::Rests,
        // Taken up or waiting, it is not withdrawn only when a part of it is on X.
        _ => NotWithdrawn::Out,
    }
}

/// The relay knows a higher revision than this store does (a copy of it, or a lost write): the
/// wish still stands, under one above that.
fn withdraw_above(store: &mut roost_store::Tx<'_>, post: PostId, highest: Revision) -> Result<()> {
    let before = store.expect_post(post)?;
    let Some(goal) = before.withdraw_to else { return Ok(()) };
    store.arm_above(post, highest, Actor::Person)?;
    store.withdraw_post(post, goal, Actor::Person)?;
    Ok(())
}
