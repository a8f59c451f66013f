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
use roost_relay_api::BATCH_MAX;
use roost_store::{Post, SyncOutcome, SyncTally};
use tokio::task::JoinSet;

use crate::inner::{Inner, Pace, Services};
use crate::{Change, Error, Result, contact, horizon, outbox, recover, rehearse};

/// Posts looked at in one round.
const ROUND: u32 = 1000;
/// Batches being published at the same time.
const UNDER_WAY: usize = 4;
/// Rounds in one turn: a post armed anew comes again, and must not come for ever.
const ROUNDS_MAX: usize = 200;

/// What one turn is to hand over, and what came of it so far.
#[derive(Debug)]
struct Turn {
    tally: SyncTally,
    /// Posts that this turn will not try again.
    set_aside: HashSet<PostId>,
    /// The first failure that ended the turn.
    failure: Option<Error>,
}

/// Brings relay and scheduler in step with the store: fences first, then what is due inside the
/// horizon, then housekeeping.
pub(crate) async fn turn(inner: &Arc<Inner>, reason: &'static str) -> Result<SyncTally> {
    let mut pace = inner.turn.lock().await;
    let services = inner.services()?;
    inner.heard().syncing = true;
    let turned = whole(inner, &services, &mut pace, reason).await;
    inner.heard().syncing = false;
    inner.tell(Change::Sync);
    turned
}

/// First contact, and the fences: what the relay must know before it may post.
pub(crate) async fn settle(inner: &Arc<Inner>) -> Result<()> {
    let _turn = inner.turn.lock().await;
    let services = inner.services()?;
    contact::ensure_in_turn(inner, &services).await?;
    rehearse::note_interrupted(inner, &services).await?;
    // Those too that were put off when the relay was last away: nothing may go out before them.
    inner.write("settle.hurry", |store| Ok(store.outbox_hurry()?)).await?;
    outbox::fences(inner, &services).await
}

/// Brings a relay the words of posts that were being sent when it lost them.
pub(crate) async fn recall(inner: &Inner, services: &Services, posts: Vec<Post>) -> Result<()> {
    stage::recall(inner, services, posts).await
}

async fn whole(
    inner: &Arc<Inner>,
    services: &Services,
    pace: &mut Pace,
    reason: &'static str,
) -> Result<SyncTally> {
    recover::judge_late(inner).await?;
    contact::ensure_in_turn(inner, services).await?;
    outbox::fences(inner, services).await?;
    let end = horizon::end(inner).await?;
    let run = inner.write("handover.begin", move |store| Ok(store.sync_began(reason)?)).await?;
    let mut turn = Turn { tally: SyncTally::default(), set_aside: HashSet::new(), failure: None };
    turn.tally.horizon_end = Some(end);
    if let Err(error) = rounds(inner, services, pace, end, &mut turn).await {
        turn.failure.get_or_insert(error);
    }
    let housekeeping = outbox::housekeeping(inner, services).await;
    let told = horizon::tell(inner, services, end).await;
    let tally = finish(inner, run, end, &mut turn).await?;
    match turn.failure {
        Some(error) => Err(error),
        None => housekeeping.and(told).map(|()| tally),
    }
}

/// Notes how the turn went.
async fn finish(inner: &Inner, run: i64, end: UnixMillis, turn: &mut Turn) -> Result<SyncTally> {
    if let Some(error) = &turn.failure {
        turn.tally.error_code = Some(error.code().as_str().to_owned());
        turn.tally.error_message = Some(error.to_string());
    }
    let mut tally = turn.tally.clone();
    let failed = turn.failure.is_some();
    let tally = inner
        .write("handover.end", move |store| {
            tally.posts_beyond = store.posts_beyond(end)?;
            let outcome = match (failed || tally.failed > 0, tally.published) {
                (false, _) => SyncOutcome::Done,
                (true, 0) => SyncOutcome::Failed,
                (true, _) => SyncOutcome::Partial,
            };
            store.sync_ended(run, outcome, &tally)?;
            Ok(tally)
        })
        .await?;
    Ok(tally)
}

async fn rounds(
    inner: &Arc<Inner>,
    services: &Services,
    pace: &mut Pace,
    end: UnixMillis,
    turn: &mut Turn,
) -> Result<()> {
    for _ in 0..ROUNDS_MAX {
        let limit = ROUND + u32::try_from(turn.set_aside.len()).unwrap_or(u32::MAX - ROUND);
        let relay = services.relay_public_url.clone();
        let due = inner.read(move |store| store.due_for_handover(&relay, end, limit)).await?;
        let due: Vec<_> =
            due.into_iter().filter(|post| !turn.set_aside.contains(&post.id)).collect();
        if due.is_empty() {
            return Ok(());
        }
        // What is staged has to be published: without a scheduler nothing is staged.
        services.scheduler()?;
        let mut publishing = JoinSet::new();
        for batch in due.chunks(BATCH_MAX) {
            let staged = stage::batch(inner, services, batch, turn).await?;
            while publishing.len() >= UNDER_WAY {
                collect(publishing.join_next().await, turn)?;
            }
            if !staged.is_empty() {
                turn.tally.staged += staged.len() as u64;
                let start = pace.next_start();
                let (inner, services) = (inner.clone(), services.clone());
                publishing.spawn(async move {
                    tokio::time::sleep_until(start).await;
                    publish::batch(&inner, &services, staged).await
                });
            }
        }
        while let Some(done) = publishing.join_next().await {
            collect(Some(done), turn)?;
        }
        if let Some(failure) = turn.failure.take() {
            return Err(failure);
        }
    }
    Err(Error::Internal("posts came back to be handed over again and again".to_owned()))
}

type Joined = std::result::Result<publish::Outcome, tokio::task::JoinError>;

/// Takes in what a batch came to. A failure of the whole batch ends the turn after this round.
fn collect(joined: Option<Joined>, turn: &mut Turn) -> Result<()> {
    let outcome = match joined {
        None => return Ok(()),
        Some(Ok(outcome)) => outcome,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Some(Err(error)) => return Err(Error::Internal(error.to_string())),
    };
    turn.tally.published += outcome.published;
    turn.tally.failed += outcome.refused.len() as u64;
    turn.set_aside.extend(outcome.refused);
    if let Some(error) = outcome.failure {
        turn.failure.get_or_insert(error);
    }
    Ok(())
}

impl Turn {
    /// A post that can't be handed over now, for a reason of its own.
    fn put_aside(&mut self, post: PostId, code: Code, message: &str) {
        self.set_aside.insert(post);
        self.tally.failed += 1;
        self.tally.error_code.get_or_insert_with(|| code.as_str().to_owned());
        self.tally.error_message.get_or_insert_with(|| message.to_owned());
    }
}
