//! Handing over: stage on the relay, publish to the scheduler, note it. Doing any step again is
//! harmless, so a crash between two of them is repaired by doing them again.
//!
//! Posts go in batches of [`BATCH_MAX`], soonest first. While one batch is being published the next
//! is being staged; publishes start half a second apart.

mod damage;
mod message;
mod publish;
mod stage;

use std::collections::HashSet;
use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_qstash::Error as SchedulerError;
use roost_relay_api::BATCH_MAX;
use roost_store::{Post, SyncOutcome, SyncTally};
use tokio::task::JoinSet;

use crate::relay::{sandbox_resume, session};
use crate::state::{EngineState, Pace, Services, backoff};
use crate::sync::scheduler_refusal::{self, Refusal};
use crate::sync::{outbox, recover};
use crate::view::HandedOver;
use crate::{Change, Error, Result, horizon};

/// Posts looked at in one round.
const ROUND: u32 = 1000;
/// Batches being published at the same time.
const UNDER_WAY: usize = 4;
/// Rounds in one pass: a post armed anew comes again, and must not come for ever.
const ROUNDS_MAX: usize = 200;

/// What one pass is to hand over, and what came of it so far.
#[derive(Debug)]
struct PassState {
    tally: SyncTally,
    /// Posts that this pass will not try again.
    set_aside: HashSet<PostId>,
    /// The first failure that ended the pass.
    failure: Option<Error>,
    /// What the scheduler refused, the whole of a batch or some of it.
    refusal: Option<Refusal>,
    /// Messages that it refused one by one.
    refused: u64,
    /// Whether the scheduler is left alone: what is due is staged and not published.
    rests: bool,
    /// Posts that wait for it.
    waiting: u64,
}

/// The reason of a pass that a person asked for: the scheduler is asked whatever it said before.
pub(crate) const ON_REQUEST: &str = "person";

/// Brings relay and scheduler in step with the store: fences first, then what is due inside the
/// horizon, then housekeeping.
pub(crate) async fn run_pass(
    engine: &Arc<EngineState>,
    reason: &'static str,
) -> Result<HandedOver> {
    let mut pace = engine.pass_lock.lock().await;
    let services = engine.services()?;
    engine.health().syncing = true;
    let outcome = bring_in_step(engine, &services, &mut pace, reason).await;
    engine.health().syncing = false;
    engine.publish(Change::Sync);
    outcome
}

/// First contact, and the fences: what the relay must know before it may post.
pub(crate) async fn flush_outbox(engine: &Arc<EngineState>) -> Result<()> {
    let _pass = engine.pass_lock.lock().await;
    let services = engine.services()?;
    session::ensure_registered_locked(engine, &services).await?;
    // Limits change with the relay's configuration, and no event tells of that.
    crate::accounts::refresh(engine, &services).await?;
    sandbox_resume::record_interrupted(engine, &services).await?;
    // Those too that were put off when the relay was last away: nothing may go out before them.
    engine.write("settle.hurry", |store| Ok(store.outbox_hurry()?)).await?;
    outbox::fences(engine, &services).await
}

/// Brings a relay the words of posts that were being sent when it lost them.
pub(crate) async fn recall(
    engine: &EngineState,
    services: &Services,
    posts: Vec<Post>,
) -> Result<()> {
    stage::recall(engine, services, posts).await
}

async fn bring_in_step(
    engine: &Arc<EngineState>,
    services: &Services,
    pace: &mut Pace,
    reason: &'static str,
) -> Result<HandedOver> {
    recover::judge_late(engine).await?;
    session::ensure_registered_locked(engine, services).await?;
    outbox::fences(engine, services).await?;
    let end = horizon::end(engine).await?;
    let run = engine.write("handover.begin", move |store| Ok(store.sync_began(reason)?)).await?;
    let rests = reason != ON_REQUEST && scheduler_refusal::backs_off_until(engine).await?.is_some();
    let mut pass = PassState::begin(end, rests);
    if !rests {
        engine.staged().clear();
    }
    if let Err(error) = rounds(engine, services, pace, end, &mut pass).await {
        pass.failure.get_or_insert(error);
    }
    let housekeeping = outbox::housekeeping(engine, services).await;
    let told = horizon::tell(engine, services, end).await;
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

async fn rounds(
    engine: &Arc<EngineState>,
    services: &Services,
    pace: &mut Pace,
    end: UnixMillis,
    pass: &mut PassState,
) -> Result<()> {
    for _ in 0..ROUNDS_MAX {
        let known = engine.staged().clone();
        let aside = pass.set_aside.len() + known.len();
        let limit = ROUND + u32::try_from(aside).unwrap_or(u32::MAX - ROUND);
        let relay = services.relay_public_url.clone();
        let due = engine.read(move |store| store.due_for_handover(&relay, end, limit)).await?;
        let due: Vec<_> =
            due.into_iter().filter(|post| !pass.set_aside.contains(&post.id)).collect();
        let is_staged = |post: &Post| known.get(&post.id) == Some(&post.revision);
        pass.waiting = due.iter().filter(|post| is_staged(post)).count() as u64;
        let due: Vec<_> = due.into_iter().filter(|post| !is_staged(post)).collect();
        if due.is_empty() {
            return Ok(());
        }
        // What is staged has to be published: without a scheduler nothing is staged.
        services.scheduler()?;
        let mut publishing = JoinSet::new();
        for batch in due.chunks(BATCH_MAX) {
            let staged = stage::batch(engine, services, batch, pass).await?;
            while publishing.len() >= UNDER_WAY {
                collect(publishing.join_next().await, pass)?;
            }
            pass.tally.staged += staged.len() as u64;
            if pass.rests {
                // The relay has them, and posts them by its own clock should it come to that.
                engine.staged().extend(staged.iter().map(|it| (it.post, it.revision)));
            } else if !staged.is_empty() {
                let start = pace.next_start();
                let (engine, services) = (engine.clone(), services.clone());
                publishing.spawn(async move {
                    tokio::time::sleep_until(start).await;
                    publish::batch(&engine, &services, staged).await
                });
            }
        }
        while let Some(done) = publishing.join_next().await {
            collect(Some(done), pass)?;
        }
        if let Some(failure) = pass.failure.take() {
            return Err(failure);
        }
    }
    Err(Error::Internal("posts came back to be handed over again and again".to_owned()))
}

type Joined = std::result::Result<publish::Outcome, tokio::task::JoinError>;

/// Takes in what a batch came to. A failure of the whole batch ends the pass after this round.
fn collect(joined: Option<Joined>, pass: &mut PassState) -> Result<()> {
    let outcome = match joined {
        None => return Ok(()),
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Some(Err(error)) => return Err(Error::Internal(error.to_string())),
    };
    pass.tally.published += outcome.published;
    let refused = outcome.refused.len() as u64;
    pass.tally.failed += refused;
    pass.refused += refused;
    pass.set_aside.extend(outcome.refused);
    if let Some(error) = outcome.refusal {
        let words = Error::Scheduler(error.clone());
        pass.tally.error_code.get_or_insert_with(|| words.code().as_str().to_owned());
        pass.tally.error_message.get_or_insert_with(|| words.to_string());
        pass.refuse(error, refused);
    }
    if let Some(error) = outcome.failure {
        if let Error::Scheduler(error) = &error {
            pass.refuse(error.clone(), outcome.posts);
        }
        pass.failure.get_or_insert(error);
    }
    Ok(())
}

impl PassState {
    fn begin(end: UnixMillis, rests: bool) -> Self {
        Self {
            tally: SyncTally { horizon_end: Some(end), ..SyncTally::default() },
            set_aside: HashSet::new(),
            failure: None,
            refusal: None,
            refused: 0,
            rests,
            waiting: 0,
        }
    }

    /// The scheduler did not take these posts' messages.
    fn refuse(&mut self, error: SchedulerError, posts: u64) {
        let refusal = self.refusal.get_or_insert(Refusal { error, posts: 0 });
        refusal.posts += posts;
    }

    /// A post that can't be handed over now, for a reason of its own.
    fn put_aside(&mut self, post: PostId, code: Code, message: &str) {
        self.set_aside.insert(post);
        self.tally.failed += 1;
        self.tally.error_code.get_or_insert_with(|| code.as_str().to_owned());
        self.tally.error_message.get_or_insert_with(|| message.to_owned());
    }
}
