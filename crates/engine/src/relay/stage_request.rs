//! What the relay is asked to stage: a post with its parts, its time and its last moment.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::post::{LatePolicy, late_post};
use roost_relay_api::{BATCH_MAX, Stage, StageBatch};
use roost_store::{Error as StoreError, Post, Read};
use tokio::time::Instant;

use crate::state::{EngineState, Services};
use crate::{Result, preferences};

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

    pub(crate) fn of_post(&self, post: &Post) -> UnixMillis {
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
    Ok(Stage {
        post_id: post.id,
        revision: post.revision,
        account: post.account.clone().unwrap_or_else(|| XUserId(String::new())),
        body_hash: Some(content.body_hash()),
        content,
        due_at,
        not_after: last.of_post(post),
        follow_up: None,
    })
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
