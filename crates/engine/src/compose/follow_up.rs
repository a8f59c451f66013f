//! The reply that follows a post: made, changed and removed with it.

use roost_core::failure::{Code, Problem};
use roost_core::id::PostId;
use roost_core::post::{Content, FOLLOW_UP_MINUTES, FOLLOW_UP_USUAL_MINUTES, FollowUp, PostDraft};
use roost_core::status::{Actor, Status};
use roost_store::{Edit as StoreEdit, NewPost as StorePost, Post, Read, Tx};

use super::{is_out, read, schedule, sound};
use crate::cancel::remove;
use crate::row::Scene;
use crate::{Error, FollowUpChange, NewPost, Result};

const MINUTE_MS: i64 = 60_000;

/// Gives a post the reply that is to follow it: makes it, changes it, or removes it where its text is empty.
///
/// # Errors
/// When the post is out or follows another itself, or X would refuse the reply.
pub(super) fn put(
    store: &mut Tx<'_>,
    scene: &Scene,
    parent: &Post,
    wanted: &FollowUpChange,
) -> Result<()> {
    let known = of(store, parent.id)?;
    let text = wanted.text.as_deref().map(str::trim);
    match (text, known) {
        (Some(""), Some(known)) => Ok(remove(store, &known).map(drop)?),
        (Some("") | None, None) => Ok(()),
        (text, known) => {
            let minutes = wanted.after_minutes;
            let minutes = minutes.or(known.as_ref().and_then(minutes_of));
            let minutes = minutes.unwrap_or(FOLLOW_UP_USUAL_MINUTES);
            let tie = FollowUp { parent: parent.id, after_minutes: minutes };
            let content = text.map(|text| Content::of_texts([text]));
            check(store, scene, parent, tie, content.as_ref())?;
            match (known, content) {
                (Some(known), content) => change(store, &known, tie, content),
                (None, Some(content)) => make(store, parent, tie, content),
                (None, None) => Ok(()),
            }
        }
    }
}

/// Returns the reply that is to follow a post; cancelled ones are none.
pub(crate) fn of(
    store: &Read<'_>,
    parent: PostId,
) -> std::result::Result<Option<Post>, roost_store::Error> {
    let mut found = store.follow_ups_of(parent)?.into_iter();
    Ok(found.find(|post| post.status != Status::Cancelled && post.withdraw_to.is_none()))
}

fn minutes_of(post: &Post) -> Option<u32> {
    post.follow_up.map(|tie| tie.after_minutes)
}

fn check(
    store: &Read<'_>,
    scene: &Scene,
    parent: &Post,
    tie: FollowUp,
    content: Option<&Content>,
) -> Result<()> {
    if is_out(parent.status) {
        return Err(Error::NotAllowed { post: parent.id, status: parent.status });
    }
    let invalid = |code, message: String| {
        Err(Error::Invalid(vec![Problem::new(code, message).in_field("followUp")]))
    };
    if parent.follow_up.is_some() {
        return invalid(
            Code::RequestRefused,
            "A reply that follows a post can't be followed by another.".to_owned(),
        );
    }
    if !FOLLOW_UP_MINUTES.contains(&tie.after_minutes) {
        let (first, last) = (FOLLOW_UP_MINUTES.start(), FOLLOW_UP_MINUTES.end());
        return invalid(
            Code::TimeInvalid,
            format!("A reply follows its post by {first} to {last} minutes."),
        );
    }
    let Some(content) = content else { return Ok(()) };
    let planned = parent.time_of_follow_up(tie);
    let (wall_time, zone) = planned.map(|it| (it.wall_time, it.zone)).unzip();
    let asked = NewPost {
        content: Some(content.clone()),
        account: parent.account.as_ref().map(|account| account.0.clone()),
        wall_time,
        zone,
        ..NewPost::default()
    };
    let reading = read(store, &asked, scene)?;
    let in_its_field = |problem: Problem| problem.in_field("followUp");
    match sound(&reading, true, scene.now, true) {
        Err(Error::Invalid(problems)) => {
            Err(Error::Invalid(problems.into_iter().map(in_its_field).collect()))
        }
        judged => judged.map(drop),
    }
}

fn change(store: &mut Tx<'_>, known: &Post, tie: FollowUp, content: Option<Content>) -> Result<()> {
    let was = store.content(known)?;
    let edit = StoreEdit {
        // What it has beside its text stays.
        content: content
            .map(|content| was.clone().with_texts(content.to_texts()))
            .filter(|content| *content != was),
        follow_up_minutes: Some(tie.after_minutes)
            .filter(|minutes| minutes_of(known) != Some(*minutes)),
        ..StoreEdit::default()
    };
    if edit != StoreEdit::default() {
        store.edit_post(known.id, &edit, Actor::Person)?;
    }
    Ok(())
}

fn make(store: &mut Tx<'_>, parent: &Post, tie: FollowUp, content: Content) -> Result<()> {
    store.create_post(&new(parent, tie, content, PostId::new(store.now())), Actor::Person)?;
    Ok(())
}

/// Returns the reply that is to follow a post, as it is made.
pub(crate) fn new(parent: &Post, tie: FollowUp, content: Content, id: PostId) -> StorePost {
    let is_armed = matches!(parent.status, Status::Pending | Status::Queued | Status::Held);
    StorePost {
        account: parent.account.clone(),
        schedule: parent.time_of_follow_up(tie),
        status: if is_armed { Status::Pending } else { Status::Draft },
        follow_up: Some(tie),
        ..StorePost::draft(id, content)
    }
}

/// Refuses another time or another account than a follow-up has from its parent.
pub(super) fn stays_with_parent(before: &Post, asked: &PostDraft) -> Result<()> {
    if before.follow_up.is_none() {
        return Ok(());
    }
    // A host may leave out the seconds.
    let at = |schedule: Option<roost_store::Schedule>| schedule.map(|it| it.at.0 / MINUTE_MS);
    let what = if before.account != asked.account {
        "account"
    } else if at(before.schedule.clone()) != at(schedule(asked)) {
        "time"
    } else {
        return Ok(());
    };
    let message = format!("Its {what} is that of the post that it replies to.");
    let problem = Problem::new(Code::RequestRefused, message)
        .with_remedy("Change that post: this one goes with it.");
    Err(Error::Invalid(vec![problem]))
}

/// Refuses to send a follow-up whose parent does not go out.
pub(super) fn has_parent(store: &Read<'_>, post: &Post) -> Result<()> {
    let Some(tie) = post.follow_up else { return Ok(()) };
    let parent = store.post(tie.parent)?.filter(|parent| parent.deleted_at.is_none());
    let goes_out = parent.is_some_and(|parent| {
        !matches!(parent.status, Status::Failed | Status::Missed | Status::Cancelled)
            && parent.gone_from_x_at.is_none()
    });
    if goes_out {
        return Ok(());
    }
    let code = Code::ParentNotOut;
    Err(Error::Invalid(vec![Problem::new(code, code.text()).with_remedy(code.remedy())]))
}
