//! Taking back changes of series. What a step did to posts is taken back as of any step; posts that the
//! engine made of the series since go to the trash, and are made anew as the series is then.

use std::collections::HashSet;

use roost_core::id::{PostId, SeriesId};
use roost_core::status::Actor;
use roost_store::{Edit, HistoryStep, Label, Post, SeriesState, Tx, WithdrawTo};

use super::net::NetChange;
use super::post::{self, Around};
use super::report::Report;
use crate::series::{follows, give_up_occurrence};
use crate::{Error, Result};

/// A series that is given back what it was.
pub(super) struct Reversed {
    id: SeriesId,
    /// What it was until now.
    was: SeriesState,
}

/// Gives a series back what it was before `effect`, and notes that as `label`. Returns none when it was
/// changed since: then nothing of the step is taken back.
pub(super) fn reverse(
    store: &mut Tx<'_>,
    effect: &HistoryStep,
    label: Label,
    report: &mut Report,
) -> Result<Option<Reversed>> {
    let id = effect.subject.as_deref().and_then(|subject| subject.parse::<SeriesId>().ok());
    let present = match id {
        Some(id) => store.series(id)?,
        None => None,
    };
    let read = |value: &Option<serde_json::Value>| {
        let value = value.clone().unwrap_or_default();
        serde_json::from_value::<Option<SeriesState>>(value)
            .map_err(|error| Error::Internal(error.to_string()))
    };
    let (before, after) = (read(&effect.before)?, read(&effect.after)?);
    let Some((present, after)) = present.zip(after) else {
        report.say("The series is not known any more.".to_owned());
        return Ok(None);
    };
    let (id, was) = (present.id, present.state);
    if !was.means_the_same(&after) {
        report.say("The series was changed since, and is kept.".to_owned());
        return Ok(None);
    }
    // A series that was not there before is kept, but makes nothing.
    let back =
        before.unwrap_or_else(|| SeriesState { removed_at: Some(store.now()), ..was.clone() });
    store.save_series(id, &back, true)?;
    let values = (serde_json::to_value(&was), serde_json::to_value(&back));
    let (Ok(was_noted), Ok(back_noted)) = values else {
        return Err(Error::Internal("a series can't be noted".to_owned()));
    };
    store.add_step(label, Some(id.to_string()), Some((was_noted, back_noted)));
    report.say("The series is as before.".to_owned());
    Ok(Some(Reversed { id, was }))
}

/// Has a post of a step that was taken back stand for its occurrence again, or for none where it is only on
/// its way to the trash: the relay may let go of it late, and its time is free for another.
pub(super) fn place(store: &mut Tx<'_>, change: &NetChange) -> Result<()> {
    let was_in_trash = change.before.deleted_at.flatten().is_some()
        || change.before.withdraw_to.flatten() == Some(WithdrawTo::Deleted);
    if change.is_new || was_in_trash {
        return leave(store, change.post);
    }
    let Some(Some(of)) = &change.before.occurrence else { return Ok(()) };
    let Some(post) = store.post(change.post)?.filter(|it| it.deleted_at.is_none()) else {
        return Ok(());
    };
    if post.occurrence.is_none() && store.post_of_occurrence(of)?.is_none() {
        let edit = Edit { occurrence: Some(Some(of.clone())), ..Edit::default() };
        store.edit_read_post(&post, &edit, Actor::Person)?;
    }
    Ok(())
}

fn leave(store: &mut Tx<'_>, id: PostId) -> Result<()> {
    let asked = |post: &Post| {
        post.withdraw_to == Some(WithdrawTo::Deleted)
            && post.deleted_at.is_none()
            && post.occurrence.is_some()
    };
    match store.post(id)?.filter(asked) {
        Some(post) => Ok(give_up_occurrence(store, &post)?),
        None => Ok(()),
    }
}

/// Moves posts to the trash that the engine made of the series after `effect`.
pub(super) fn drop_made_since(
    store: &mut Tx<'_>,
    around: &Around,
    effect: &HistoryStep,
    reversed: &Reversed,
    report: &mut Report,
) -> Result<()> {
    let own = match effect.events {
        Some((first, last)) => store.events_between(first, last)?,
        None => Vec::new(),
    };
    let own: HashSet<PostId> = own.into_iter().map(|event| event.post_id).collect();
    for post in store.posts_of_series(reversed.id, None)? {
        let is_since = post.created_at > effect.at && !own.contains(&post.id);
        if is_since && follows(store, &post, &reversed.was)? {
            let became = post::to_trash(store, around, &post)?;
            leave(store, post.id)?;
            report.add(store, post.id, became)?;
        }
    }
    Ok(())
}
