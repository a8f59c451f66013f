//! Staging a batch on the relay.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, XUserId};
use roost_core::status::{Actor, Status};
use roost_relay_api::{Stage, StageBatch, StageOutcome, StagePart, StageResult};
use roost_store::{Error as StoreError, Post, Read, Reason, Tx};
use tokio::time::Instant;

use super::Turn;
use crate::inner::{Inner, Services};
use crate::{Change, Error, Result, posts, results};

/// A post that the relay holds and the scheduler does not yet.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    pub(super) post: PostId,
    pub(super) revision: Revision,
    pub(super) account: XUserId,
    pub(super) due_at: UnixMillis,
}

/// Stages a batch; answers what may be published. That the posts may be on the relay is noted
/// before the request leaves.
pub(super) async fn batch(
    inner: &Inner,
    services: &Services,
    posts: &[Post],
    turn: &mut Turn,
) -> Result<Vec<Staged>> {
    let armed: Vec<_> = posts.iter().map(|post| (post.id, post.revision)).collect();
    let offered = inner.write("handover.offer", move |store| Ok(store.offer(&armed)?)).await?;
    // Whatever moved on since it was read comes again in the next round.
    let posts: Vec<Post> =
        posts.iter().filter(|post| offered.contains(&post.id)).cloned().collect();
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let (now, grace) = (inner.now(), inner.config.not_after);
    let offered = posts.clone();
    let items = inner
        .read(move |store| offered.iter().map(|post| stage(store, post, now, grace)).collect())
        .await?;
    let request = StageBatch { store_id: inner.store.id(), items };
    let asked = Instant::now();
    let answer = services.relay.stage(&request).await;
    let answer = inner.relay_answered(asked, answer)?;
    let mut staged = Vec::with_capacity(posts.len());
    let mut others = Vec::new();
    for result in answer.results {
        let Some(post) = posts.iter().find(|post| post.id == result.post_id) else { continue };
        match (result.outcome, &post.account, &post.schedule) {
            (StageOutcome::Staged, Some(account), Some(schedule)) => staged.push(Staged {
                post: post.id,
                revision: result.revision,
                account: account.clone(),
                due_at: schedule.at,
            }),
            _ => others.push(result),
        }
    }
    refused(inner, services, others, turn).await?;
    Ok(staged)
}

fn stage(
    store: &Read<'_>,
    post: &Post,
    now: UnixMillis,
    grace: std::time::Duration,
) -> std::result::Result<Stage, StoreError> {
    let due_at = post.schedule.as_ref().map_or(now, |schedule| schedule.at);
    let texts = posts::texts(store, post)?;
    Ok(Stage {
        post_id: post.id,
        revision: post.revision,
        account: post.account.clone().unwrap_or_else(|| XUserId(String::new())),
        parts: texts.into_iter().map(|text| StagePart { text }).collect(),
        due_at,
        // A late post that is to go out all the same has as long as one in time.
        not_after: due_at.max(now.minus(grace / 2)).plus(grace),
    })
}

/// Repairs, post by post, what the relay did not stage.
async fn refused(
    inner: &Inner,
    services: &Services,
    results: Vec<StageResult>,
    turn: &mut Turn,
) -> Result<()> {
    if results.is_empty() {
        return Ok(());
    }
    let of = |outcome| {
        let of = results.iter().filter(move |result| result.outcome == outcome);
        of.map(|result| result.post_id).collect::<Vec<_>>()
    };
    let too_late = of(StageOutcome::TooLate);
    turn.set_aside.extend(&too_late);
    for result in &results {
        let message = result.message.as_deref().unwrap_or_default();
        match result.outcome {
            StageOutcome::UnknownAccount => {
                turn.put_aside(result.post_id, Code::SignInNeeded, Code::SignInNeeded.text());
            }
            StageOutcome::Invalid => {
                turn.put_aside(result.post_id, Code::RequestRefused, message);
            }
            StageOutcome::Staged | StageOutcome::Conflict | StageOutcome::TooLate => {}
        }
    }
    let ids: Vec<PostId> = results.iter().map(|result| result.post_id).collect();
    inner
        .write("handover.refused", move |store| results.iter().try_for_each(|it| repair(store, it)))
        .await?;
    // What is going out, or has gone out, is told as the relay tells it.
    results::look_up(inner, services, &too_late).await?;
    inner.tell(Change::Posts(ids));
    Ok(())
}

fn repair(store: &mut Tx<'_>, result: &StageResult) -> Result<()> {
    let post = store.expect_post(result.post_id)?;
    if post.status != Status::Pending || post.revision != result.revision {
        return Ok(());
    }
    let (status, code) = match result.outcome {
        StageOutcome::Staged | StageOutcome::TooLate => return Ok(()),
        StageOutcome::Conflict => {
            store.arm_above(post.id, result.highest, Actor::Engine)?;
            return Ok(());
        }
        StageOutcome::UnknownAccount => (Status::Pending, Code::SignInNeeded),
        StageOutcome::Invalid => (Status::Failed, Code::RequestRefused),
    };
    let reason = Reason {
        code: Some(code.as_str().to_owned()),
        message: result.message.clone(),
        until: None,
    };
    store.set_status(post.id, status, Actor::Engine, &reason).map(drop).map_err(Error::Store)
}
