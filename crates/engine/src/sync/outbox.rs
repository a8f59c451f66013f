//! Intentions towards relay and scheduler, carried out in order and repeated until they are done.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision};
use roost_core::status::Actor;
use roost_relay_api::{
    BATCH_MAX, Decision, DeliveryState, Lookup, OrderedPause, Pause, PauseOrder, RefusalCode,
    Removal, Seen, Withdraw, WithdrawBatch, WithdrawOutcome, WithdrawResult,
};
use roost_store::{Error as StoreError, NotWithdrawn, Outbox, OutboxEnding, OutboxKind, Read};
use tokio::time::Instant;

use crate::relay::{results, session};
use crate::state::{EngineState, Services, backoff};
use crate::{Change, Error, Result, too_late};

/// Messages deleted in one pass.
const HOUSEKEEPING: u32 = 1000;
/// When a withdrawal that came while the post was being sent is tried again, unless the relay tells
/// before that the post came back.
const AGAIN: Duration = Duration::from_secs(20);

/// Pauses, withdrawals and decisions, all of them: what must stand before anything else is handed
/// over. A pause is first, since it fences everything.
pub(crate) async fn fences(engine: &EngineState, services: &Services) -> Result<()> {
    pauses(engine, services).await?;
    let (relay, now) = (services.relay_public_url.clone(), engine.now());
    // Those of posts that another relay holds are for that one alone.
    let withdrawals = engine.read(move |store| store.withdrawals_due(&relay, now)).await?;
    for batch in withdrawals.chunks(BATCH_MAX) {
        withdraw(engine, services, batch).await?;
    }
    for intention in due(engine, OutboxKind::Resolve, u32::MAX).await? {
        single(engine, services, &intention).await?;
    }
    Ok(())
}

/// The pause flag, as the person last set it.
pub(crate) async fn pauses(engine: &EngineState, services: &Services) -> Result<()> {
    for intention in due(engine, OutboxKind::Pause, u32::MAX).await? {
        single(engine, services, &intention).await?;
    }
    Ok(())
}

/// Whether anything is to be carried out now, with that relay.
pub(crate) fn has_work(
    store: &Read<'_>,
    relay: &str,
    now: UnixMillis,
) -> std::result::Result<bool, StoreError> {
    let kinds =
        [OutboxKind::Pause, OutboxKind::Resolve, OutboxKind::Replace, OutboxKind::DeleteMessage];
    for kind in kinds {
        if !store.outbox_due(kind, now, 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(!store.withdrawals_due(relay, now)?.is_empty())
}

/// What nothing else waits for: deleting on X what is to be replaced, and deleting messages that no
/// longer count, since the relay's fence stands without it.
pub(crate) async fn housekeeping(engine: &EngineState, services: &Services) -> Result<()> {
    if let Err(error) = replacements(engine, services).await {
        // It is noted beside the intention, and tried again.
        tracing::warn!(%error, "a post on X could not be replaced yet");
    }
    let due = due(engine, OutboxKind::DeleteMessage, HOUSEKEEPING).await?;
    if due.is_empty() {
        return Ok(());
    }
    let scheduler = match services.scheduler() {
        Ok(scheduler) => scheduler,
        Err(error) => {
            put_off(engine, &due, &error).await?;
            return Err(error);
        }
    };
    for batch in due.chunks(BATCH_MAX) {
        let message = |it: &Outbox| it.payload.as_str().map(str::to_owned);
        let ids: Vec<String> = batch.iter().filter_map(message).collect();
        let asked = Instant::now();
        let answer = scheduler.cancel_ids(&ids).await;
        match engine.scheduler_answered(asked, answer) {
            Ok(_) => end(engine, batch, OutboxEnding::Done).await?,
            // An id that the scheduler can't read will never be one of its messages.
            Err(Error::Scheduler(roost_qstash::Error::Invalid(_))) => {
                end(engine, batch, OutboxEnding::Refused).await?;
            }
            Err(error) => {
                put_off(engine, batch, &error).await?;
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Has the relay delete on X what late changes replace. Once that is proven, each change goes out.
///
/// # Errors
/// When the relay does not answer, or the store can't be used. What is refused of one post keeps no
/// other one waiting: it is noted beside its intention.
async fn replacements(engine: &EngineState, services: &Services) -> Result<()> {
    for intention in due(engine, OutboxKind::Replace, HOUSEKEEPING).await? {
        match replace(engine, services, &intention).await {
            Err(Error::Relay(error)) if error.is_unreachable() => return Err(Error::Relay(error)),
            Err(error @ Error::Store(_)) => return Err(error),
            Err(error) => tracing::warn!(%error, "a post on X was not replaced"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Carries out one replacement.
///
/// # Errors
/// When it is not done: it was put off, or ended because nothing could be posted in its place.
pub(crate) async fn replace(
    engine: &EngineState,
    services: &Services,
    intention: &Outbox,
) -> Result<()> {
    let one = std::slice::from_ref(intention);
    let draft = intention.payload["draft"].as_str().and_then(|draft| draft.parse().ok());
    let (Some(post), Some(draft)) = (intention.post_id, draft) else {
        return end(engine, one, OutboxEnding::Refused).await;
    };
    // What is deleted on X is lost when the draft can't go out in its place.
    too_late::still_wished(engine, intention, post, draft).await?;
    let asked = Instant::now();
    let removal = Removal { store_id: engine.store.id() };
    let answer = services.relay.remove(post, &removal).await;
    let seq = intention.seq;
    match engine.relay_answered_of_one(asked, answer) {
        Ok(_) => too_late::replaced(engine, post, draft, seq).await,
        Err(Error::Relay(refused)) if is_final(&refused) || knows_no_such_route(&refused) => {
            too_late::not_replaced(engine, post, seq, &refused).await?;
            Err(Error::Relay(refused))
        }
        Err(error) => {
            put_off(engine, one, &error).await?;
            Err(error)
        }
    }
}

/// Whether the relay is of a version that deletes nothing.
fn knows_no_such_route(error: &roost_relay_api::ClientError) -> bool {
    matches!(error, roost_relay_api::ClientError::Garbled { status: 404 | 405, .. })
}

async fn due(engine: &EngineState, kind: OutboxKind, limit: u32) -> Result<Vec<Outbox>> {
    let now = engine.now();
    engine.read(move |store| store.outbox_due(kind, now, limit)).await
}

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
    engine.publish(Change::Posts(ids));
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

/// An intention that is a request of its own.
async fn single(engine: &EngineState, services: &Services, intention: &Outbox) -> Result<()> {
    let done = match intention.kind {
        OutboxKind::Pause => pause(engine, services, intention).await,
        OutboxKind::Resolve => resolve(engine, services, intention).await,
        OutboxKind::Withdraw
        | OutboxKind::DeleteMessage
        | OutboxKind::Replace
        | OutboxKind::Task => return Ok(()),
    };
    let one = std::slice::from_ref(intention);
    match done {
        Ok(()) => end(engine, one, OutboxEnding::Done).await,
        Err(Error::Relay(refused)) if is_final(&refused) => {
            end(engine, one, OutboxEnding::Refused).await?;
            // What was decided is about old news: the row learns what is.
            results::look_up(engine, services, intention.post_id.as_slice()).await?;
            Err(Error::Relay(refused))
        }
        Err(error) => {
            put_off(engine, one, &error).await?;
            Err(error)
        }
    }
}

fn is_final(error: &roost_relay_api::ClientError) -> bool {
    error.refusal().is_some_and(|refusal| {
        matches!(refusal.code, RefusalCode::TooLate | RefusalCode::NotFound | RefusalCode::Invalid)
    })
}

async fn pause(engine: &EngineState, services: &Services, intention: &Outbox) -> Result<()> {
    let paused = intention.payload.as_bool().unwrap_or(true);
    // Another process of this store may speak at the same time: what was pressed last stands.
    let order = Some(PauseOrder { store_id: engine.store.id(), number: intention.seq });
    let pause = OrderedPause { pause: Pause { paused }, order };
    let asked = Instant::now();
    let answer = services.relay.pause_in_order(pause).await;
    let status = engine.relay_answered(asked, answer)?;
    session::record_status(engine, &status, asked);
    Ok(())
}

async fn resolve(engine: &EngineState, services: &Services, intention: &Outbox) -> Result<()> {
    let mut decision: Decision = serde_json::from_value(intention.payload.clone())
        .map_err(|error| Error::Internal(error.to_string()))?;
    let Some(post) = intention.post_id else { return Ok(()) };
    let seq = intention.seq;
    // Cancelled since it was read: the withdrawal took its place.
    if !engine.read(move |store| store.outbox_is_open(seq)).await? {
        return Ok(());
    }
    if decision.seen.is_none() {
        decision.seen = seen(engine, services, post).await?;
        let payload =
            serde_json::to_value(&decision).map_err(|error| Error::Internal(error.to_string()))?;
        engine.write("outbox.seen", move |store| Ok(store.outbox_refine(seq, &payload)?)).await?;
    }
    let asked = Instant::now();
    let answer = services.relay.decide(post, &decision).await;
    let delivery = engine.relay_answered(asked, answer)?;
    results::apply(engine, services, vec![delivery]).await
}

/// What a decision is about. It is noted before the decision leaves: when the answer is lost, the
/// repetition is about the same, and is not carried out a second time on what came after.
async fn seen(engine: &EngineState, services: &Services, post: PostId) -> Result<Option<Seen>> {
    let asked = Instant::now();
    let answer = services.relay.lookup(&Lookup { post_ids: vec![post] }).await;
    let answer = engine.relay_answered(asked, answer)?;
    let known = answer.deliveries.into_iter().find(|delivery| delivery.post_id == post);
    Ok(known.map(|it| Seen { revision: it.revision, attempts: it.attempts }))
}

async fn end(engine: &EngineState, batch: &[Outbox], ending: OutboxEnding) -> Result<()> {
    let ended: Vec<i64> = batch.iter().map(|intention| intention.seq).collect();
    engine
        .write("outbox.end", move |store| {
            ended.iter().try_for_each(|seq| store.outbox_end(*seq, ending))?;
            Ok(())
        })
        .await
}

/// Notes that it did not work, and when it is tried again.
async fn put_off(engine: &EngineState, batch: &[Outbox], error: &Error) -> Result<()> {
    let message = match error.code() {
        Code::RelayUnreachable => Code::RelayUnreachable.text().to_owned(),
        _ => error.to_string(),
    };
    let now = engine.now();
    let again: Vec<_> = batch
        .iter()
        .map(|intention| (intention.seq, now.plus(backoff(intention.attempts))))
        .collect();
    engine
        .write("outbox.put_off", move |store| {
            again.iter().try_for_each(|(seq, at)| store.outbox_retry(*seq, *at, &message))?;
            Ok(())
        })
        .await
}
