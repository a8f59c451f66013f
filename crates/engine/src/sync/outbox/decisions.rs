//! What the person found out about a post that needs a check, carried to the relay.

use roost_core::id::PostId;
use roost_relay_api::{Decision, Lookup, Seen};
use roost_store::Outbox;
use tokio::time::Instant;

use crate::relay::results;
use crate::state::{EngineState, Services};
use crate::{Error, Result};

pub(super) async fn resolve(
    engine: &EngineState,
    services: &Services,
    intention: &Outbox,
) -> Result<()> {
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
