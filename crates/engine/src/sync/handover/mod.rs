//! Handing over: stage on the relay, publish to the scheduler, note it. Doing any step again is
//! harmless, so a crash between two of them is repaired by doing them again.
//!
//! Posts go in batches of [`BATCH_MAX`], soonest first. While one batch is being published the next
//! is being staged; publishes start half a second apart.

mod damage;
mod media;
mod message;
mod outdated;
mod pass_state;
mod publish;
mod stage;

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_relay_api::BATCH_MAX;
use roost_store::Post;
use tokio::task::JoinSet;

pub(in crate::sync) use self::pass_state::PassState;

use crate::state::{Activity, EngineState, Pace, Services};
use crate::{Error, Result};

/// Posts looked at in one round.
const ROUND: u32 = 1000;
/// Batches being published at the same time.
const UNDER_WAY: usize = 4;
/// Rounds in one pass: a post armed anew comes again, and must not come for ever.
const ROUNDS_MAX: usize = 200;

/// Hands over what is due before `end`, round by round, until nothing is left that this pass can try.
///
/// # Errors
/// When the whole of a batch failed, or the store can't be used.
pub(super) async fn hand_over(
    engine: &Arc<EngineState>,
    services: &Services,
    pace: &mut Pace,
    end: UnixMillis,
    pass: &mut PassState,
) -> Result<()> {
    engine.uploads().begin_pass();
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
        engine.activity.note(Activity::HandingOver, engine.now());
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
