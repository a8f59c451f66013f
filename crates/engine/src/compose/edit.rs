//! A change of a post: what it is after it, and what the relay is to know of it.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::PostDraft;
use roost_core::status::{Actor, Status};
use roost_store::{Edit as StoreEdit, Post, Read, Tx, WithdrawTo};

use super::{follow_up, is_out, live, read, saved, schedule, sound};
use crate::row::Scene;
use crate::stale::check_version;
use crate::{Edit, Error, NewPost, Result, Saved};

/// Changes a post within a transaction.
pub(crate) fn edit_in(
    store: &mut Tx<'_>,
    scene: &Scene,
    horizon_end: UnixMillis,
    id: PostId,
    edit: &Edit,
) -> Result<Saved> {
    let before = live(store, id)?;
    // What is going out is too late to change, whatever the person saw.
    if !(is_out(before.status) && edit.touches_delivery()) {
        check_version(store, &before, edit.based_on, scene)?;
    }
    let asked = merged(store, &before, edit)?;
    let reading = read(store, &asked, scene)?;
    let goal = goal(&before, edit, reading.draft.wall_time.is_some())?;
    let time_stays = edit.wall_time.is_none() && edit.zone.is_none();
    follow_up::stays_with_parent(&before, &reading.draft)?;
    let warnings = sound(&reading, goal == Status::Pending, scene.now, time_stays)?;
    let post = write_edit(store, &before, edit, &reading.draft, goal)?;
    let post = fence_if_needed(store, post, goal, horizon_end)?;
    if let Some(wanted) = &edit.follow_up {
        follow_up::put(store, scene, &post, wanted)?;
    }
    saved(store, post, scene, warnings)
}

/// The post as it would be written anew after the edit.
pub(crate) fn merged(store: &Read<'_>, before: &Post, edit: &Edit) -> Result<NewPost> {
    let known = store.content(before)?;
    let planned = before.schedule.as_ref();
    Ok(NewPost {
        content: Some(edit.said(&known).unwrap_or(known)),
        wall_time: edit.wall_time.clone().or(planned.map(|it| it.wall_time.clone())),
        zone: edit.zone.clone().or(planned.map(|it| it.zone.clone())),
        account: edit.account.clone().or(before.account.as_ref().map(|account| account.0.clone())),
        tags: edit.tags.clone().unwrap_or_default(),
        ..NewPost::default()
    })
}

/// What the post is to be after the edit.
///
/// | it is | other words, account | a time | no time |
/// | --- | --- | --- | --- |
/// | draft | stays a draft | is scheduled, but with `keep_draft` | stays a draft |
/// | pending, queued, held | armed anew | armed anew | becomes a draft |
/// | failed, missed | stays so | is scheduled again | becomes a draft |
/// | cancelled | stays so | refused, but with `restore` | becomes a draft |
/// | sending, posted, partial, unknown | refused: too late | refused | refused |
///
/// `restore` schedules what failed, was missed or was cancelled again, at the time given or its own.
fn goal(before: &Post, edit: &Edit, has_time: bool) -> Result<Status> {
    let gives_time = edit.wall_time.as_deref().is_some_and(|time| !time.trim().is_empty());
    Ok(match before.status {
        Status::Sending | Status::Posted | Status::Partial | Status::Unknown => before.status,
        _ if !has_time => Status::Draft,
        Status::Draft if edit.keep_draft => Status::Draft,
        Status::Failed | Status::Missed | Status::Cancelled if edit.restore => Status::Pending,
        Status::Cancelled if gives_time => return Err(Error::RestoreFirst(before.id)),
        Status::Draft | Status::Failed | Status::Missed | Status::Cancelled if !gives_time => {
            before.status
        }
        _ => Status::Pending,
    })
}

fn write_edit(
    store: &mut Tx<'_>,
    before: &Post,
    edit: &Edit,
    draft: &PostDraft,
    goal: Status,
) -> Result<Post> {
    // What a follow-up has from its parent is written with that.
    let is_free = before.follow_up.is_none();
    let says = edit.text.is_some() || edit.thread.is_some() || edit.content.is_some();
    // What the relay may hold is fenced first, and becomes a draft with the relay's proof.
    let stays_armed = before.may_be_on_relay() && goal == Status::Draft;
    let change = StoreEdit {
        content: says.then(|| draft.content.clone()),
        schedule: (is_free && !stays_armed && (edit.wall_time.is_some() || edit.zone.is_some()))
            .then(|| schedule(draft)),
        account: (is_free && edit.account.is_some()).then(|| draft.account.clone()),
        tags: edit.tags.clone(),
        status: (goal != before.status && !stays_armed).then_some(goal),
        ends_unsaved: edit.ends_unsaved,
        ..StoreEdit::default()
    };
    Ok(store.edit_post(before.id, &change, Actor::Person)?)
}

/// A post that the relay may hold and that is not to go out soon is withdrawn there.
pub(crate) fn fence_if_needed(
    store: &mut Tx<'_>,
    post: Post,
    goal: Status,
    horizon_end: UnixMillis,
) -> Result<Post> {
    if !post.may_be_on_relay() {
        return Ok(post);
    }
    // A follow-up is handed over with its parent.
    let parent = post.follow_up.map(|tie| store.post(tie.parent)).transpose()?.flatten();
    let counts = parent.as_ref().unwrap_or(&post);
    let beyond = counts.schedule.as_ref().is_some_and(|schedule| schedule.at >= horizon_end);
    let to = match goal {
        Status::Draft => WithdrawTo::Draft,
        _ if beyond => WithdrawTo::Pending,
        _ => return Ok(post),
    };
    Ok(store.withdraw_post(post.id, to, Actor::Person)?.post().clone())
}
