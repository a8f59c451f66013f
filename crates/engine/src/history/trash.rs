//! The trash: what is in it, and posts taken out of it.

use roost_core::id::PostId;
use roost_store::Label;

use super::net::Stand;
use super::post::{self, Around};
use crate::api::{ListTrash, Restored, RestoredPost, Trash, TrashedPost};
use crate::state::EngineState;
use crate::{Error, Result};

/// Posts that are listed when the request does not say how many.
const PAGE: u32 = 200;

/// Returns what is in the trash, the post deleted last first.
pub(crate) async fn list(engine: &EngineState, asked: ListTrash) -> Result<Trash> {
    let limit = if asked.limit == 0 { PAGE } else { asked.limit };
    engine
        .read(move |store| {
            let posts = store.trash(limit)?.into_iter().filter_map(|post| {
                let (wall_time, zone) = post.schedule.map(|at| (at.wall_time, at.zone)).unzip();
                let deleted_at = post.deleted_at?;
                Some(TrashedPost { id: post.id, text: post.content, wall_time, zone, deleted_at })
            });
            Ok(Trash { posts: posts.collect() })
        })
        .await
}

/// Takes posts out of the trash: what was scheduled is scheduled again, or a draft when its time has
/// passed.
pub(crate) async fn restore(engine: &EngineState, ids: Vec<PostId>) -> Result<Restored> {
    let around = Around::now(engine).await?;
    let restored = engine
        .write("trash.restore", move |store| {
            store.label(Label::Restore);
            let mut posts = Vec::new();
            for id in ids {
                let found = store.post(id)?.ok_or(Error::NoSuchPost(id))?;
                let stood = Stand::before_trash(store, &found)?;
                let became = post::from_trash(store, &around, &found, stood)?;
                let (outcome, message) = (became.outcome, became.message);
                posts.push(RestoredPost { id, outcome, message });
            }
            Ok(Restored { posts })
        })
        .await?;
    engine.wake.notify_one();
    Ok(restored)
}
