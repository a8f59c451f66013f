//! Intentions in the store: what is due, what ended, what is tried again later.

use roost_core::failure::Code;
use roost_relay_api::{ClientError, RefusalCode};
use roost_store::{Outbox, OutboxEnding, OutboxKind};

use crate::relay::results;
use crate::state::{EngineState, Services, backoff};
use crate::{Error, Result};

/// Returns the intentions of a kind that are to be carried out now, oldest first.
pub(in crate::sync) async fn due(
    engine: &EngineState,
    kind: OutboxKind,
    limit: u32,
) -> Result<Vec<Outbox>> {
    let now = engine.now();
    engine.read(move |store| store.outbox_due(kind, now, limit)).await
}

/// Returns whether the relay refused for good: asking again changes nothing.
pub(in crate::sync) fn is_final(error: &ClientError) -> bool {
    error.refusal().is_some_and(|refusal| {
        matches!(refusal.code, RefusalCode::TooLate | RefusalCode::NotFound | RefusalCode::Invalid)
    })
}

/// Notes how intentions ended.
pub(in crate::sync) async fn end(
    engine: &EngineState,
    batch: &[Outbox],
    ending: OutboxEnding,
) -> Result<()> {
    let ended: Vec<i64> = batch.iter().map(|intention| intention.seq).collect();
    engine
        .write("outbox.end", move |store| {
            ended.iter().try_for_each(|seq| store.outbox_end(*seq, ending))?;
            Ok(())
        })
        .await
}

/// Notes that it did not work, and when it is tried again.
pub(in crate::sync) async fn put_off(
    engine: &EngineState,
    batch: &[Outbox],
    error: &Error,
) -> Result<()> {
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

/// Notes how an intention that is a request of its own ended, or when it is tried again.
pub(super) async fn finish(
    engine: &EngineState,
    services: &Services,
    intention: &Outbox,
    done: Result<()>,
) -> Result<()> {
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
