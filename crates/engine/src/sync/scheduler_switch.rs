//! Another scheduler than the one that holds the messages of what was handed over. Each post is armed under
//! a fresh revision and published there: the relay's fence holds back what the former scheduler still
//! delivers of the revision before, so that nothing goes out twice; and until the new message stands, the
//! former one and the relay's own clock call for it, so that nothing is lost.

use std::time::Duration;

use roost_core::status::Actor;
use serde::{Deserialize, Serialize};

use crate::relay::signing_keys;
use crate::state::{EngineState, Services};
use crate::{Change, Mode, Result};

/// Under this name the store keeps which scheduler has the messages.
const SCHEDULER_OF_POSTS: &str = "scheduler_of_posts";
/// What is due so soon stays with the scheduler that has it.
const STAYS_WHEN_DUE_WITHIN: Duration = Duration::from_mins(1);

/// Which scheduler has the messages of what a relay holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SchedulerOfPosts {
    relay: String,
    scheduler: String,
}

/// Follows the scheduler in use: the relay is told its signing keys, and what another one has is moved.
pub(super) async fn follow(engine: &EngineState, services: &Services) -> Result<()> {
    let Some(scheduler) = services.scheduler_identity() else { return Ok(()) };
    if engine.mode() == Mode::ThisComputer {
        return Ok(());
    }
    let relay = services.relay_public_url.clone();
    let in_use = SchedulerOfPosts { relay, scheduler };
    let known = engine
        .read(|store| -> std::result::Result<_, roost_store::Error> {
            store.setting::<SchedulerOfPosts>(SCHEDULER_OF_POSTS)
        })
        .await?;
    match known {
        Some(known) if known == in_use => signing_keys::follow_if_due(engine, services).await,
        Some(known) if known.relay == in_use.relay => {
            // Without them the relay would refuse what the new one delivers.
            signing_keys::follow(engine, services).await?;
            take_over(engine, in_use).await
        }
        _ => {
            let note = move |store: &mut roost_store::Tx<'_>| {
                Ok(store.save_setting(SCHEDULER_OF_POSTS, &in_use)?)
            };
            engine.write("scheduler.note", note).await?;
            signing_keys::follow_if_due(engine, services).await
        }
    }
}

/// Arms anew what the former scheduler has; the pass hands it over.
async fn take_over(engine: &EngineState, in_use: SchedulerOfPosts) -> Result<()> {
    let after = engine.now().plus(STAYS_WHEN_DUE_WITHIN);
    let moved = engine
        .write("scheduler.switch", move |store| {
            let posts = store.queued_after(&in_use.relay, after)?;
            for post in &posts {
                store.arm_above(post.id, post.revision, Actor::Engine)?;
            }
            store.save_setting(SCHEDULER_OF_POSTS, &in_use)?;
            Ok(posts.len())
        })
        .await?;
    tracing::info!(
        posts = moved,
        "another scheduler is in use; it is handed what the former one had"
    );
    engine.publish(Change::Everything);
    Ok(())
}
