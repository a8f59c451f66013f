//! The sync pass: brings relay and scheduler in step with the store. The fences first, then what is
//! due inside the horizon, then housekeeping. One runs at a time, under `EngineState::pass_lock`.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_store::{NewSyncRun, SyncOutcome, SyncTally};
use tracing::Instrument as _;

use crate::relay::{account_sync, sandbox_resume, session};
use crate::state::{Activity, EngineState, Pace, Services, backoff};
use crate::sync::handover::PassState;
use crate::sync::{handover, outbox, recover, run_record, scheduler_refusal, scheduler_switch};
use crate::view::HandedOver;
use crate::{Change, Result, horizon, series};

/// Brings relay and scheduler in step with the store: fences first, then what is due inside the
/// horizon, then housekeeping.
pub(crate) async fn run_pass(
    engine: &Arc<EngineState>,
    reason: &'static str,
) -> Result<HandedOver> {
    let mut pace = engine.pass_lock.lock().await;
    let services = engine.services()?;
    engine.health().syncing = true;
    let run = run_record::of(engine, reason).await?;
    let span = tracing::info_span!("pass", reason);
    let outcome = bring_in_step(engine, &services, &mut pace, &run).instrument(span).await;
    engine.health().syncing = false;
    engine.activity.note(Activity::Waiting, engine.now());
    engine.publish(Change::Sync);
    outcome
}

/// First contact, and the fences: what the relay must know before it may post.
pub(crate) async fn flush_outbox(engine: &Arc<EngineState>) -> Result<()> {
    let _pass = engine.pass_lock.lock().await;
    let services = engine.services()?;
    session::ensure_registered_locked(engine, &services).await?;
    // Limits change with the relay's configuration, and no event tells of that.
    account_sync::refresh(engine, &services).await?;
    sandbox_resume::record_interrupted(engine, &services).await?;
    // Those too that were put off when the relay was last away: nothing may go out before them.
    engine.write("settle.hurry", |store| Ok(store.outbox_hurry()?)).await?;
    outbox::fences(engine, &services).await
}

/// The same, and what the scheduler is to forget: nothing is left to be told but what can't be told now.
pub(crate) async fn flush_whole_outbox(engine: &Arc<EngineState>) -> Result<()> {
    flush_outbox(engine).await?;
    let _pass = engine.pass_lock.lock().await;
    outbox::housekeeping(engine, &engine.services()?).await
}

async fn bring_in_step(
    engine: &Arc<EngineState>,
    services: &Services,
    pace: &mut Pace,
    record: &NewSyncRun,
) -> Result<HandedOver> {
    recover::judge_late(engine).await?;
    series::make::make_due(engine).await?;
    if let Err(error) = raise_fences(engine, services).await {
        run_record::failed(engine, record, &error).await?;
        return Err(error);
    }
    if let Err(error) = scheduler_switch::follow(engine, services).await {
        // What was handed over stays where it is, and the next pass tries again.
        tracing::warn!(%error, "the scheduler's keys could not be followed");
    }
    let end = horizon::end(engine).await?;
    let begun = record.clone();
    let run = engine.write("handover.begin", move |store| Ok(store.sync_began(&begun)?)).await?;
    let rests = record.reason != run_record::ON_REQUEST
        && scheduler_refusal::backs_off_until(engine).await?.is_some();
    let mut pass = PassState::begin(end, rests);
    if !rests {
        engine.staged().clear();
    }
    if let Err(error) = handover::hand_over(engine, services, pace, end, &mut pass).await {
        pass.failure.get_or_insert(error);
    }
    let housekeeping = outbox::housekeeping(engine, services).await;
    let told = session::report_coverage(engine, services, end).await;
    let tally = finish(engine, services, run, end, &mut pass, pace).await?;
    match pass.failure {
        Some(error) => Err(error),
        None => housekeeping.and(told).map(|()| HandedOver {
            staged: tally.staged,
            published: tally.published,
            refused: pass.refused,
            failed: tally.failed - pass.refused,
            message: tally.error_message,
        }),
    }
}

/// What must stand before anything is handed over.
async fn raise_fences(engine: &Arc<EngineState>, services: &Services) -> Result<()> {
    session::ensure_registered_locked(engine, services).await?;
    outbox::fences(engine, services).await
}

/// Notes how the pass went.
async fn finish(
    engine: &EngineState,
    services: &Services,
    run: i64,
    end: UnixMillis,
    pass: &mut PassState,
    pace: &mut Pace,
) -> Result<SyncTally> {
    if let Some(error) = &pass.failure {
        pass.tally.error_code = Some(error.code().as_str().to_owned());
        pass.tally.error_message = Some(error.to_string());
    }
    let mut tally = pass.tally.clone();
    let refusal = pass.refusal.clone();
    let failed = pass.failure.is_some() || pass.waiting > 0;
    // A pass that did not come to the scheduler says nothing of it.
    let asked = refusal.is_some() || !(pass.rests || pass.failure.is_some());
    pace.refusals = if refusal.is_some() { pace.refusals.saturating_add(1) } else { 0 };
    let rest = backoff(pace.refusals);
    let (refused_by, now) = (engine.current_refuser(), engine.now());
    let scheduler = services.scheduler().map_or_else(|_| String::new(), |it| it.base().to_owned());
    let (tally, trouble) = engine
        .write("handover.end", move |store| {
            tally.posts_beyond = store.posts_beyond(end)?;
            let trouble = match asked {
                true => scheduler_refusal::record(store, &scheduler, refusal.as_ref(), rest)?,
                false => scheduler_refusal::trouble(store, &refused_by, now)?,
            };
            let outcome = match (failed || tally.failed > 0, tally.published) {
                (false, _) => SyncOutcome::Done,
                (true, 0) => SyncOutcome::Failed,
                (true, _) => SyncOutcome::Partial,
            };
            store.sync_ended(run, outcome, &tally)?;
            Ok((tally, trouble))
        })
        .await?;
    if asked {
        engine.note_scheduler_asked();
    }
    engine.health().scheduler_next_try = trouble.map(|trouble| trouble.next_try);
    Ok(tally)
}
