//! The record of each run: why it ran, in which window, and how it went, for the person to see.

use roost_store::{NewSyncRun, SyncKind, SyncOutcome, SyncRun, SyncTally};

use crate::state::EngineState;
use crate::view::SyncRunRow;
use crate::{Error, Result, horizon};

/// The reason of a run that a person asked for: the scheduler is asked whatever it said before.
pub(crate) const ON_REQUEST: &str = "person";
/// The reason of a run that asks for missing results.
pub(crate) const RECOVERY: &str = "recovery";
/// Runs listed when nobody says how many.
pub(crate) const LISTED: u32 = 20;

/// Returns the record of a run that begins now.
pub(crate) async fn of(engine: &EngineState, reason: &'static str) -> Result<NewSyncRun> {
    let window = horizon::windows(engine).await?.first().map(|window| (window.start, window.end));
    Ok(NewSyncRun { reason: reason.to_owned(), kind: kind(reason), window })
}

fn kind(reason: &str) -> SyncKind {
    match reason {
        ON_REQUEST => SyncKind::Manual,
        RECOVERY => SyncKind::Recovery,
        "start" | "wake" | "network" | "scheduler" => SyncKind::CatchUp,
        _ => SyncKind::Main,
    }
}

/// Notes that a run failed before it could hand anything over.
pub(crate) async fn failed(engine: &EngineState, run: &NewSyncRun, error: &Error) -> Result<()> {
    let tally = tally_of(error);
    let run = run.clone();
    engine.write("run.failed", move |store| Ok(store.sync_failed(&run, &tally)?)).await
}

/// Notes how a recovery went.
pub(crate) async fn recovered(
    engine: &EngineState,
    run: &NewSyncRun,
    asked: u64,
    answered: &Result<u64>,
) -> Result<()> {
    let (outcome, tally) = match answered {
        Ok(answered) => {
            (SyncOutcome::Done, SyncTally { asked, answered: *answered, ..SyncTally::default() })
        }
        Err(error) => (SyncOutcome::Failed, SyncTally { asked, ..tally_of(error) }),
    };
    let run = run.clone();
    engine
        .write("run.recovered", move |store| {
            if outcome == SyncOutcome::Failed {
                return Ok(store.sync_failed(&run, &tally)?);
            }
            let seq = store.sync_began(&run)?;
            Ok(store.sync_ended(seq, outcome, &tally)?)
        })
        .await
}

fn tally_of(error: &Error) -> SyncTally {
    SyncTally {
        error_code: Some(error.code().as_str().to_owned()),
        error_message: Some(error.to_string()),
        ..SyncTally::default()
    }
}

/// Returns the newest runs, newest first.
pub(crate) async fn list(engine: &EngineState, limit: u32) -> Result<Vec<SyncRunRow>> {
    let runs = engine.read(move |store| store.sync_runs(limit)).await?;
    Ok(runs.into_iter().map(row).collect())
}

fn row(run: SyncRun) -> SyncRunRow {
    let tally = run.tally;
    SyncRunRow {
        id: run.seq,
        kind: run.kind.as_str().to_owned(),
        reason: run.reason,
        window_start: run.window.map(|(start, _)| start),
        window_end: run.window.map(|(_, end)| end),
        outcome: run.outcome.as_str().to_owned(),
        staged: tally.staged,
        published: tally.published,
        failed: tally.failed,
        posts_beyond: tally.posts_beyond,
        asked: tally.asked,
        answered: tally.answered,
        error_code: tally.error_code,
        error_message: tally.error_message,
        started_at: run.started_at,
        finished_at: run.finished_at,
        duration_ms: run.finished_at.map(|end| (end.0 - run.started_at.0).max(0).unsigned_abs()),
    }
}
