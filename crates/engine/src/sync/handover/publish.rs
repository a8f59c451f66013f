//! Publishing a staged batch to the scheduler, and noting it.

use std::time::Duration;

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_qstash::{Error as SchedulerError, Publish, Published as Accepted};
use roost_store::Published;
use tokio::time::Instant;

use super::message::{Armed, message};
use super::stage::Staged;
use crate::state::{EngineState, Pace, Services};
use crate::{Error, Result};

/// Requests for one batch at the most: one message that is refused is found among a hundred by 15.
const REQUESTS_MAX: u32 = 40;
/// Between the starts of two batches.
const BATCH_INTERVAL: Duration = Duration::from_millis(500);

impl Pace {
    /// When the next batch may start; the one after it later.
    pub(crate) fn next_start(&mut self) -> Instant {
        let now = Instant::now();
        let start = self.next_batch.map_or(now, |next| next.max(now));
        self.next_batch = Some(start + BATCH_INTERVAL);
        start
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) published: u64,
    /// Posts whose message was refused for a reason of its own.
    pub(super) refused: Vec<PostId>,
    /// Why the first of them was.
    pub(super) refusal: Option<SchedulerError>,
    /// How many posts the batch held.
    pub(super) posts: u64,
    /// Why the whole batch failed, or could not be noted.
    pub(super) failure: Option<Error>,
}

/// Publishes a batch and notes what the scheduler took.
pub(super) async fn batch(
    engine: &EngineState,
    services: &Services,
    staged: Vec<Staged>,
) -> Outcome {
    let mut outcome = Outcome { posts: staged.len() as u64, ..Outcome::default() };
    if let Err(error) = publish(engine, services, &staged, &mut outcome).await {
        outcome.failure = Some(error);
    }
    outcome
}

async fn publish(
    engine: &EngineState,
    services: &Services,
    staged: &[Staged],
    outcome: &mut Outcome,
) -> Result<()> {
    let messages = staged
        .iter()
        .map(|it| {
            let armed = Armed {
                post: it.post,
                revision: it.revision,
                account: &it.account,
                due_at: it.due_at,
            };
            message(&armed, &services.relay_public_url, engine.store.id())
        })
        .collect::<Result<Vec<_>>>()?;
    let answers = send(engine, services, &messages).await?;
    let mut taken = Vec::with_capacity(staged.len());
    for (staged, answer) in staged.iter().zip(answers) {
        match answer {
            Ok(accepted) => {
                if is_held(engine, services, staged, &accepted).await? {
                    taken.push(Published {
                        post_id: staged.post,
                        revision: staged.revision,
                        message_id: accepted.message_id,
                    });
                }
            }
            Err(error) => {
                tracing::warn!(post.id = %staged.post, %error, "the scheduler refused a message");
                outcome.refused.push(staged.post);
                outcome.refusal.get_or_insert(error);
            }
        }
    }
    outcome.published = taken.len() as u64;
    engine.write("handover.queued", move |store| Ok(store.mark_queued(&taken)?)).await?;
    Ok(())
}

type Answer = std::result::Result<Accepted, SchedulerError>;

/// Publishes messages, and returns an answer for each. QStash was seen to refuse a whole batch for one of
/// its messages: such a batch is halved until that message stands alone. That a message is published
/// again is harmless, since its deduplication id is known.
async fn send(
    engine: &EngineState,
    services: &Services,
    messages: &[Publish],
) -> Result<Vec<Answer>> {
    let mut answers: Vec<Answer> = Vec::with_capacity(messages.len());
    let mut parts = vec![messages];
    let mut requests = 0;
    while let Some(part) = parts.pop() {
        if requests > 0 {
            tokio::time::sleep(BATCH_INTERVAL).await;
        }
        requests += 1;
        let asked = Instant::now();
        let answer = services.scheduler()?.batch(part).await;
        match answer {
            Err(error) if may_be_of_one(&error) && requests < REQUESTS_MAX && part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
            Err(error) if may_be_of_one(&error) && messages.len() > 1 => {
                answers.extend(part.iter().map(|_| Err(error.clone())));
            }
            answer => answers.extend(engine.scheduler_answered(asked, answer)?),
        }
    }
    // What was refused to each of them is about all of them.
    match answers.iter().find_map(|answer| answer.as_ref().err()) {
        Some(error) if requests > 1 && answers.iter().all(|answer| answer.is_err()) => {
            Err(Error::Scheduler(error.clone()))
        }
        _ => Ok(answers),
    }
}

/// Whether the scheduler may have refused a batch for one of its messages.
const fn may_be_of_one(error: &SchedulerError) -> bool {
    matches!(
        error,
        SchedulerError::Invalid(_)
            | SchedulerError::QuotaExceeded { .. }
            | SchedulerError::Refused { .. }
    )
}

/// Whether the scheduler holds a message for the arming. It may know the deduplication id of a
/// message that is gone: delivered, cancelled or lost. Then the post is armed under a fresh one.
async fn is_held(
    engine: &EngineState,
    services: &Services,
    staged: &Staged,
    accepted: &Accepted,
) -> Result<bool> {
    if !accepted.deduplicated {
        return Ok(true);
    }
    let id = staged.post;
    let known = engine.read(move |store| store.post(id)).await?;
    if known.is_some_and(|post| post.qstash_message_id.as_ref() == Some(&accepted.message_id)) {
        return Ok(true);
    }
    let asked = Instant::now();
    let found = services.scheduler()?.message(&accepted.message_id).await;
    if engine.scheduler_answered(asked, found)?.is_some() {
        return Ok(true);
    }
    let revision = staged.revision;
    engine
        .write("handover.gone", move |store| {
            let post = store.expect_post(id)?;
            if post.status == Status::Pending && post.revision == revision {
                store.arm_above(id, revision, Actor::Engine)?;
            }
            Ok(())
        })
        .await?;
    Ok(false)
}
