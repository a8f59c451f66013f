//! Staging a batch on the relay.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, XUserId};
use roost_core::status::{Actor, Status};
use roost_relay_api::{DeliveryState, StageBatch, StageOutcome, StageResult};
use roost_store::{Post, Reason, Tx, WithdrawTo};
use tokio::time::Instant;

use super::pass_state::PassState;
use super::{damage, media, outdated};
use crate::relay::results;
use crate::relay::stage_request::{LastMoment, stage};
use crate::state::{EngineState, Services};
use crate::view::{ChangeKind, ChangeSource};
use crate::{Error, Result};

/// A post that the relay holds and the scheduler does not yet.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    pub(super) post: PostId,
    pub(super) revision: Revision,
    pub(super) account: XUserId,
    pub(super) due_at: UnixMillis,
}

/// Stages a batch. Returns what may be published. That the posts may be on the relay is noted
/// before the request leaves.
pub(super) async fn batch(
    engine: &EngineState,
    services: &Services,
    posts: &[Post],
    pass: &mut PassState,
) -> Result<Vec<Staged>> {
    let posts = damage::intact(engine, posts, pass).await?;
    let posts = outdated::known_to_relay(engine, posts, pass).await?;
    let posts = media::whole_on_relay(engine, services, posts, pass).await?;
    let armed: Vec<_> = posts.iter().map(|post| (post.id, post.revision)).collect();
    let relay = services.relay_public_url.clone();
    let last = LastMoment::now(engine).await?;
    let deadlines: Vec<_> = posts.iter().map(|post| (post.id, last.of_post(post))).collect();
    let offered = engine
        .write("handover.offer", move |store| {
            let offered = store.offer(&relay, &armed)?;
            let deadlines: Vec<_> =
                deadlines.into_iter().filter(|(post, _)| offered.contains(post)).collect();
            store.set_deadlines(&deadlines)?;
            Ok(offered)
        })
        .await?;
    // Whatever moved on since it was read comes again in the next round.
    let posts: Vec<Post> =
        posts.iter().filter(|post| offered.contains(&post.id)).cloned().collect();
    if posts.is_empty() {
        return Ok(Vec::new());
    }
    let offered = posts.clone();
    let items = engine
        .read(move |store| offered.iter().map(|post| stage(store, post, &last)).collect())
        .await?;
    let request = StageBatch { store_id: engine.store.id(), items };
    let asked = Instant::now();
    let answer = services.relay.stage(&request).await;
    let answer = engine.relay_answered(asked, answer)?;
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
    refused(engine, services, others, pass).await?;
    Ok(staged)
}

/// Repairs, post by post, what the relay did not stage.
async fn refused(
    engine: &EngineState,
    services: &Services,
    results: Vec<StageResult>,
    pass: &mut PassState,
) -> Result<()> {
    if results.is_empty() {
        return Ok(());
    }
    let of = |outcome| {
        let of = results.iter().filter(move |result| result.outcome == outcome);
        of.map(|result| result.post_id).collect::<Vec<_>>()
    };
    let too_late = of(StageOutcome::TooLate);
    pass.set_aside.extend(&too_late);
    media::note_missing(engine, services, &results);
    for result in &results {
        let message = result.message.as_deref().unwrap_or_default();
        match result.outcome {
            StageOutcome::UnknownAccount => {
                pass.put_aside(result.post_id, Code::SignInNeeded, Code::SignInNeeded.text());
            }
            StageOutcome::Invalid => {
                pass.put_aside(result.post_id, Code::RequestRefused, message);
            }
            StageOutcome::Outdated => {
                pass.put_aside(result.post_id, Code::RelayOutdated, Code::RelayOutdated.text());
            }
            StageOutcome::MediaMissing => {
                pass.put_aside(result.post_id, Code::MediaMissing, Code::MediaMissing.text());
            }
            StageOutcome::Staged | StageOutcome::Conflict | StageOutcome::TooLate => {}
        }
    }
    let ids: Vec<PostId> = results.iter().map(|result| result.post_id).collect();
    let withdraws = results.iter().any(is_older_live);
    engine
        .write("handover.refused", move |store| results.iter().try_for_each(|it| repair(store, it)))
        .await?;
    // What is going out, or has gone out, is told as the relay tells it.
    results::look_up(engine, services, &too_late).await?;
    engine.publish_posts(ids, ChangeKind::Status, ChangeSource::Relay);
    if withdraws {
        engine.wake.notify_one();
    }
    Ok(())
}

fn repair(store: &mut Tx<'_>, result: &StageResult) -> Result<()> {
    let post = store.expect_post(result.post_id)?;
    if post.offered_revision == result.revision {
        // The offer was refused: until the relay takes it, the post is this computer's to judge.
        let known = result.state.map_or(Revision(0), |_| result.highest);
        store.relay_knows(post.id, known)?;
    }
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
        StageOutcome::Outdated => (Status::Pending, Code::RelayOutdated),
        StageOutcome::MediaMissing => (Status::Pending, Code::MediaMissing),
    };
    let reason = Reason {
        code: Some(code.as_str().to_owned()),
        message: result.message.clone(),
        until: None,
    };
    if is_older_live(result) {
        // The words that the person left behind must not go out in the place of the refused ones.
        store.set_status(post.id, Status::Pending, Actor::Engine, &reason)?;
        store.withdraw_post(post.id, WithdrawTo::Pending, Actor::Engine)?;
        return Ok(());
    }
    store.set_status(post.id, status, Actor::Engine, &reason).map(drop).map_err(Error::Store)
}

/// Whether the relay refused this revision and would still send an older one.
fn is_older_live(result: &StageResult) -> bool {
    use DeliveryState::{Claimed, Staged, Waiting};
    result.highest < result.revision && matches!(result.state, Some(Staged | Claimed | Waiting))
}
