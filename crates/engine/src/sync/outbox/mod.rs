//! Intentions towards relay and scheduler, carried out in order and repeated until they are done.

mod decisions;
mod pauses;
pub(super) mod queue;
mod withdrawals;

use roost_core::clock::UnixMillis;
use roost_relay_api::BATCH_MAX;
use roost_store::{Error as StoreError, Outbox, OutboxEnding, OutboxKind, Read};
use tokio::time::Instant;

use self::decisions::resolve;
pub(crate) use self::pauses::pauses;
use self::queue::{due, end, finish, put_off};
use self::withdrawals::withdraw_all;
use crate::state::{EngineState, Services};
use crate::{Error, Result};

/// Messages deleted in one pass.
const HOUSEKEEPING: u32 = 1000;

/// Pauses, withdrawals and decisions, all of them: what must stand before anything else is handed
/// over. A pause is first, since it fences everything.
pub(crate) async fn fences(engine: &EngineState, services: &Services) -> Result<()> {
    pauses(engine, services).await?;
    withdraw_all(engine, services).await?;
    for intention in due(engine, OutboxKind::Resolve, u32::MAX).await? {
        let done = resolve(engine, services, &intention).await;
        finish(engine, services, &intention, done).await?;
    }
    Ok(())
}

/// Returns whether a pass would carry out anything now, with that relay.
pub(crate) fn has_work(
    store: &Read<'_>,
    relay: &str,
    now: UnixMillis,
) -> std::result::Result<bool, StoreError> {
    let kinds = [OutboxKind::Pause, OutboxKind::Resolve, OutboxKind::DeleteMessage];
    for kind in kinds {
        if !store.outbox_due(kind, now, 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(!store.withdrawals_due(relay, now)?.is_empty())
}

/// What nothing else waits for: deleting messages that no longer count, since the relay's fence stands
/// without it.
pub(crate) async fn housekeeping(engine: &EngineState, services: &Services) -> Result<()> {
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
        if let Some(former) = services.former_scheduler()
            && let Err(error) = former.cancel_ids(&ids).await
        {
            // The relay answers what it still delivers.
            tracing::info!(%error, "the former scheduler keeps messages that no longer count");
        }
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
