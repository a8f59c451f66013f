//! What the relay is asked to stage: a post with its parts, its time and its last moment.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::post::{FollowUp, LatePolicy, late_post};
use roost_core::status::Status;
use roost_relay_api::{BATCH_MAX, ParentOnX, Stage, StageBatch, StagedFollowUp};
use roost_store::{Error as StoreError, Post, Read};
use tokio::time::Instant;

use crate::state::{EngineState, Services};
use crate::{Result, parts, preferences};

/// What decides until when a post may go out.
#[derive(Debug)]
pub(crate) struct LastMoment {
    now: UnixMillis,
    grace: Duration,
    late: LatePolicy,
}

impl LastMoment {
    pub(crate) async fn now(engine: &EngineState) -> Result<Self> {
        let late = preferences::get(engine).await?.late;
        Ok(Self { now: engine.now(), grace: engine.config.not_after, late })
    }

    fn due(&self, post: &Post) -> UnixMillis {
        post.schedule.as_ref().map_or(self.now, |schedule| schedule.at)
    }

    /// Returns until when a post may go out. Of a follow-up the relay moves it with the time at which the
    /// parent went out; so it has the whole grace, however late it is handed over.
    pub(crate) fn of_post(&self, post: &Post) -> UnixMillis {
        if post.follow_up.is_some() {
            return self.due(post).plus(self.grace);
        }
        late_post::last_moment(self.due(post), self.late, self.grace, self.now)
    }
}

/// Returns the request for a post under the revision that it is armed with.
///
/// # Errors
/// When SQLite cannot read.
pub(crate) fn stage(
    store: &Read<'_>,
    post: &Post,
    last: &LastMoment,
) -> std::result::Result<Stage, StoreError> {
    let due_at = last.due(post);
    let content = store.content(post)?;
    let follow_up = post.follow_up.map(|tie| follow_up(store, tie)).transpose()?;
    let hash = content.body_hash();
    let body_hash = Some(post.follow_up.map_or(hash, |tie| hash.tied_to(tie)));
    Ok(Stage {
        post_id: post.id,
        revision: post.revision,
        account: post.account.clone().unwrap_or_else(|| XUserId(String::new())),
        body_hash,
        content,
        due_at,
        not_after: last.of_post(post),
        follow_up,
    })
}

/// Returns what a follow-up is tied to, and where its parent is on X when that is known here.
fn follow_up(store: &Read<'_>, tie: FollowUp) -> std::result::Result<StagedFollowUp, StoreError> {
    let parent = store.post(tie.parent)?;
    let posted = parent.filter(|it| it.status == Status::Posted && it.gone_from_x_at.is_none());
    let Some((parent, posted_at)) = posted.and_then(|it| Some((it.clone(), it.posted_at?))) else {
        return Ok(StagedFollowUp { tie, parent_on_x: None });
    };
    let live = parts::live(store, &parent, None)?;
    // Its last part is the one to answer: of a thread whose ids are not all known, none is taken for it.
    let is_whole = live.len() == store.part_count(parent.id)?.max(1) as usize;
    let last = live.into_iter().last().filter(|_| is_whole);
    let parent_on_x = last.map(|part| ParentOnX { tweet_id: part.tweet_id, posted_at });
    Ok(StagedFollowUp { tie, parent_on_x })
}

/// Brings the words of posts that were being sent to a relay that lost them, so that it can look for
/// them. Nothing is published, and what the relay knows better it keeps.
pub(super) async fn recall(
    engine: &EngineState,
    services: &Services,
    posts: Vec<Post>,
) -> Result<()> {
    let last = LastMoment::now(engine).await?;
    let items: Vec<Stage> = engine
        .read(move |store| posts.iter().map(|post| stage(store, post, &last)).collect())
        .await?;
    for batch in items.chunks(BATCH_MAX) {
        let request = StageBatch { store_id: engine.store.id(), items: batch.to_vec() };
        let asked = Instant::now();
        let answer = services.relay.stage(&request).await;
        engine.relay_answered(asked, answer)?;
    }
    Ok(())
}
