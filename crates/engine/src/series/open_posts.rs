//! The posts of a series that can still be changed with it.

use roost_core::clock::UnixMillis;
use roost_core::id::SeriesId;
use roost_core::status::{Actor, Status};
use roost_core::zone::WallTime;
use roost_store::{Edit, Error as StoreError, Post, Read, SeriesState, Tx, WithdrawTo};

use super::times::Times;
use crate::{Result, compose};

/// What became of the posts of a series.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) made: u32,
    pub(super) changed: u32,
    pub(super) removed: u32,
    pub(super) kept: u32,
}

/// The posts of a series that wait, from the change on.
pub(super) struct Waiting {
    /// Those that follow the series.
    pub(super) following: Vec<Post>,
    /// Those that the person changed by themselves.
    pub(super) kept: Vec<Post>,
}

/// Returns whether a post waits for its time, by the person's wish.
pub(crate) const fn is_open(post: &Post) -> bool {
    matches!(post.status, Status::Draft | Status::Pending | Status::Queued | Status::Held)
        && matches!(post.withdraw_to, None | Some(WithdrawTo::Pending))
        && post.deleted_at.is_none()
}

/// Returns whether a post waits as its series made it: what the person changed by itself no longer follows
/// the series.
pub(crate) fn follows(
    store: &Read<'_>,
    post: &Post,
    state: &SeriesState,
) -> std::result::Result<bool, StoreError> {
    let is_armed = matches!(post.status, Status::Pending | Status::Queued | Status::Held);
    if !(is_open(post) && is_armed && post.account == state.account) {
        return Ok(false);
    }
    let is_said = state.variants.iter().any(|variant| post.body_hash == Some(variant.body_hash()));
    let is_at_its_time = || {
        let of = post.occurrence.as_ref().and_then(|of| WallTime::parse(&of.wall_time).ok());
        let times = Times::of(state).ok();
        let planned = of.zip(times).map(|(of, times)| times.schedule(times.time(of)));
        // Clock rules that changed since move the instant, and not what was meant.
        planned.zip(post.schedule.as_ref()).is_some_and(|(planned, is)| {
            planned.zone == is.zone && (planned.wall_time == is.wall_time || planned.at == is.at)
        })
    };
    if !(is_said && is_at_its_time()) {
        return Ok(false);
    }
    let mut tags = state.tags.clone();
    let mut has = store.tags_of(post.id)?;
    tags.sort();
    tags.dedup();
    has.sort();
    Ok(tags == has)
}

/// Returns the posts that wait, from an occurrence on.
pub(super) fn waiting(
    store: &Tx<'_>,
    id: SeriesId,
    state: &SeriesState,
    from: Option<&str>,
) -> Result<Waiting> {
    let (mut following, mut kept) = (Vec::new(), Vec::new());
    for post in store.posts_of_series(id, from)? {
        if follows(store, &post, state)? {
            following.push(post);
        } else if is_open(&post) {
            kept.push(post);
        }
    }
    Ok(Waiting { following, kept })
}

/// Has a post stand for no occurrence any more. One that the relay has yet to let go of is none of its
/// series: its time is free for another.
pub(crate) fn give_up_occurrence(
    store: &mut Tx<'_>,
    post: &Post,
) -> std::result::Result<(), StoreError> {
    let edit = Edit { occurrence: Some(None), ..Edit::default() };
    store.edit_read_post(post, &edit, Actor::Person).map(drop)
}

/// Changes a post of a series by the rules for single posts.
pub(super) fn change_post(
    store: &mut Tx<'_>,
    post: &Post,
    edit: &Edit,
    horizon_end: UnixMillis,
) -> Result<()> {
    let edited = store.edit_post(post.id, edit, Actor::Person)?;
    compose::fence_if_needed(store, edited, Status::Pending, horizon_end)?;
    Ok(())
}
