//! What the person may do about a change that came too late: post its draft too, or let the draft
//! replace what is on X.

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_store::{Label, NewOutbox, OutboxKind};

use crate::compose;
use crate::excerpt::excerpt;
use crate::late_edit::draft::{arm, can_go_out, draft_of};
use crate::late_edit::shown::{is_replacing, wish};
use crate::state::EngineState;
use crate::sync::removal;
use crate::{Edit, Error, Result, Saved, posts};

/// Writes down that a post on X is to be replaced, and has the relay delete it. Returns the draft,
/// which goes out now.
///
/// # Errors
/// When the post can't be replaced, or is not deleted on X yet: that is tried again by itself.
pub(crate) async fn replace(engine: &EngineState, id: PostId) -> Result<PostId> {
    let (original, draft) = wish_for(engine, id).await?;
    engine.wake.notify_one();
    let services = engine.services()?;
    let _removal = engine.removal_lock.lock().await;
    // The loop may have tried it without success and put it off: the person asks for it now.
    let open = engine.read(move |store| wish(store, original)).await?;
    if let Some(intention) = open
        && let Err(why) = removal::carry_out(engine, &services, &intention).await
    {
        return match engine.read(move |store| is_replacing(store, original)).await? {
            true => Err(Error::NotReplacedYet { post: original, why: Box::new(why) }),
            false => Err(why),
        };
    }
    // The loop or another process may have ended it with another outcome.
    let post = engine.read(move |store| store.expect_post(original)).await?;
    match post.gone_from_x_at {
        Some(_) => Ok(draft),
        None => Err(Error::NotAllowed { post: original, status: post.status }),
    }
}

/// Returns the post and its draft, once the wish is written down.
async fn wish_for(engine: &EngineState, id: PostId) -> Result<(PostId, PostId)> {
    let scene = posts::scene(engine).await?;
    engine
        .write("too_late.replace", move |store| {
            let draft = draft_of(store, id)?;
            let original = draft.late_edit_of.ok_or(Error::NoLateEdit(id))?;
            let original = store.expect_post(original)?;
            if original.status != Status::Posted || original.gone_from_x_at.is_some() {
                return Err(Error::NotAllowed { post: original.id, status: original.status });
            }
            // Nothing is deleted for words that could not be posted.
            can_go_out(store, original.id, draft.id, &scene)?;
            if !is_replacing(store, original.id)? {
                store.add_step(Label::Replace, Some(excerpt(&original.content)), None);
                store.intend(&NewOutbox {
                    kind: OutboxKind::Replace,
                    post_id: Some(original.id),
                    revision: Some(original.revision),
                    payload: serde_json::json!({ "draft": draft.id }),
                    actor: Actor::Person,
                })?;
            }
            Ok((original.id, draft.id))
        })
        .await
}

/// Schedules the draft that keeps a late change: at its own time, or now when that has passed.
pub(crate) async fn post_too(engine: &EngineState, id: PostId) -> Result<Saved> {
    let scene = posts::scene(engine).await?;
    let saved = engine
        .write("too_late.post_too", move |store| {
            store.label(Label::PostToo);
            let draft = draft_of(store, id)?;
            let asked = compose::merged(store, &draft, &Edit::default())?;
            let reading = compose::read(store, &asked, &scene)?;
            let warnings = compose::sound(&reading, true, scene.now, true)?;
            let post = arm(store, &draft, &scene)?;
            compose::saved(store, post, &scene, warnings)
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}
