//! The draft that keeps a change which came too late: found, checked, scheduled.

use roost_core::id::PostId;
use roost_core::status::{Actor, Status};
use roost_store::{Post, Read, Tx};

use crate::compose;
use crate::row::Scene;
use crate::{Edit, Error, Result};

/// Returns the draft of a late change, by its own id or by that of the post.
pub(crate) fn draft_of(store: &Read<'_>, id: PostId) -> Result<Post> {
    let is_live = |post: &Post| post.deleted_at.is_none() && post.status == Status::Draft;
    let post = store.post(id)?.filter(|post| post.deleted_at.is_none());
    let post = post.ok_or(Error::NoSuchPost(id))?;
    if post.late_edit_of.is_some() && is_live(&post) {
        return Ok(post);
    }
    let draft = store.late_edit(id)?.and_then(|late| late.draft);
    let draft = draft.map(|draft| store.post(draft)).transpose()?.flatten();
    draft.filter(is_live).ok_or(Error::NoLateEdit(id))
}

/// Checks that the draft is there, is still a draft, and could be posted.
///
/// # Errors
/// When it is not, or the store can't be read.
pub(crate) fn can_go_out(
    store: &Tx<'_>,
    original: PostId,
    draft: PostId,
    scene: &Scene,
) -> Result<()> {
    let draft = store.post(draft)?.filter(waits).ok_or(Error::NoLateEdit(original))?;
    let asked = compose::merged(store, &draft, &Edit::default())?;
    compose::sound(&compose::read(store, &asked, scene)?, true, scene.now, true)?;
    Ok(())
}

/// Returns whether a post is still a draft.
pub(crate) fn waits(draft: &Post) -> bool {
    draft.status == Status::Draft && draft.deleted_at.is_none()
}

/// Schedules a draft: at its own time, or now when that has passed.
///
/// # Errors
/// When the store can't be used.
pub(crate) fn arm(store: &mut Tx<'_>, draft: &Post, scene: &Scene) -> Result<Post> {
    let due = draft.schedule.as_ref().map(|schedule| schedule.at);
    let now = match due {
        Some(due) if due > scene.now => None,
        _ => Some(compose::at_once(draft, scene)?),
    };
    Ok(store.arm_post(draft.id, now, Actor::Person)?)
}
