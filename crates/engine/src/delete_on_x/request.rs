//! Deleting on X what went out, because the person says so and never by itself. The wish is a row of the
//! outbox first, and is carried out until it is proven: what is gone already counts as deleted.

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_store::{Label, NewOutbox, OutboxKind, Tx, WithdrawTo};

use super::wish::wish;
use crate::excerpt::excerpt;
use crate::stale::check_version;
use crate::state::EngineState;
use crate::sync::removal;
use crate::{Error, Result, Target, posts};

/// Writes down that a post is to be deleted on X, and has the relay delete it.
///
/// # Errors
/// When it is not on X as a whole, was changed since the person saw it, or is not deleted yet: that is
/// tried again by itself.
pub(crate) async fn delete(engine: &EngineState, post: Target) -> Result<()> {
    let id = post.id;
    wish_for(engine, post).await?;
    engine.wake.notify_one();
    let services = engine.services()?;
    let _removal = engine.removal_lock.lock().await;
    // The loop may have done it, or put it off: the person asks for it now.
    let open = engine.read(move |store| wish(store, id)).await?;
    if let Some(intention) = open
        && let Err(why) = removal::carry_out(engine, &services, &intention).await
    {
        return match engine.read(move |store| wish(store, id)).await? {
            Some(_) => Err(Error::NotDeletedYet { post: id, why: Box::new(why) }),
            None => Err(why),
        };
    }
    let post = engine.read(move |store| store.expect_post(id)).await?;
    match post.gone_from_x_at {
        Some(_) => Ok(()),
        None => Err(Error::NotAllowed { post: id, status: post.status }),
    }
}

/// Writes the wish down, once however often it is said.
async fn wish_for(engine: &EngineState, target: Target) -> Result<()> {
    let scene = posts::scene(engine).await?;
    engine
        .write("delete_on_x.wish", move |store| {
            let post = store.expect_post(target.id)?;
            check_version(store, &post, target.based_on, &scene)?;
            if post.gone_from_x_at.is_some() || wish(store, post.id)?.is_some() {
                return Ok(());
            }
            if post.status != Status::Posted || post.deleted_at.is_some() {
                return Err(Error::NotAllowed { post: post.id, status: post.status });
            }
            store.add_step(Label::DeleteOnX, Some(excerpt(&post.content)), None);
            cancel_follow_ups(store, post.id)?;
            store.intend(&NewOutbox {
                kind: OutboxKind::DeleteOnX,
                post_id: Some(post.id),
                revision: Some(post.revision),
                payload: serde_json::Value::Null,
                actor: Actor::Person,
            })?;
            Ok(())
        })
        .await
}

/// Cancels what would answer the post and did not go out yet.
fn cancel_follow_ups(store: &mut Tx<'_>, parent: PostId) -> Result<()> {
    for post in store.follow_ups_of(parent)? {
        if matches!(post.status, Status::Pending | Status::Queued | Status::Held) {
            store.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person)?;
        }
    }
    Ok(())
}
