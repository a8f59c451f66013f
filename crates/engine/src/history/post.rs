//! Taking back what a step did to one post: a command of the person's through the ordinary rules. A post
//! that was handed over gets a fresh revision, and only the relay's answer proves that it does not go out.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_core::zone::wall_time_of;
use roost_store::{
    Edit, Error as StoreError, Occurrence, OwnId, Post, PostFields, Read, Schedule, Tx, WithdrawTo,
    Withdrawal,
};

use super::net::{NetChange, Stand};
use crate::api::PostReversal;
use crate::cancel::remove;
use crate::compose;
use crate::row::Scene;
use crate::state::EngineState;
use crate::{Error, NewPost, Result, horizon, posts};

const CHANGED_SINCE: &str = "It was changed since, by something that is no step of this history.";

/// What posts are judged against.
pub(super) struct Around {
    scene: Scene,
    horizon_end: UnixMillis,
}

impl Around {
    /// Returns what holds now.
    pub(super) async fn now(engine: &EngineState) -> Result<Self> {
        Ok(Self { scene: posts::scene(engine).await?, horizon_end: horizon::end(engine).await? })
    }
}

/// What became of a post.
pub(super) struct PostOutcome {
    pub(super) outcome: PostReversal,
    pub(super) message: String,
}

impl PostOutcome {
    pub(super) fn kept(why: impl Into<String>) -> Self {
        Self { outcome: PostReversal::Kept, message: why.into() }
    }

    pub(super) fn done(what: impl Into<String>) -> Self {
        Self { outcome: PostReversal::Done, message: what.into() }
    }

    /// The same where the relay may have to confirm first that the post, as it is now, does not go out.
    fn of(post: &Post, what: String) -> Self {
        match post.withdraw_to {
            // It goes out all the same, and only later.
            None | Some(WithdrawTo::Pending) => Self::done(what),
            Some(_) => {
                let message = format!("{what} The relay has yet to confirm that it won't go out.");
                Self { outcome: PostReversal::Asked, message }
            }
        }
    }

    fn draft(post: &Post, at: Option<&Schedule>) -> Self {
        let message = match at {
            Some(at) => {
                format!("It becomes a draft: its time, {}, has passed.", words_of_time(at))
            }
            None => "It becomes a draft: it has no time.".to_owned(),
        };
        let Self { message, .. } = Self::of(post, message);
        Self { outcome: PostReversal::Draft, message }
    }
}

fn words_of_time(schedule: &Schedule) -> String {
    format!("{} {}", schedule.wall_time, schedule.zone)
}

/// Takes back what a step did to a post.
pub(super) fn reverse(
    store: &mut Tx<'_>,
    around: &Around,
    change: &NetChange,
) -> Result<PostOutcome> {
    let Some(post) = store.post(change.post)? else {
        return Ok(PostOutcome::kept("It is deleted for good: the trash keeps posts for 30 days."));
    };
    if change.is_new {
        return to_trash(store, around, &post);
    }
    match change.stands(store, &post)? {
        Some((was, Stand::Trash)) => from_trash(store, around, &post, was),
        Some((Stand::Trash, _)) => to_trash(store, around, &post),
        stands => edit_back(store, around, &post, change, stands),
    }
}

/// Says why nothing takes back a post that is out; none while it is here.
fn out(post: &Post, around: &Around) -> Option<PostOutcome> {
    let why = match post.status {
        Status::Posted => {
            let at = post.posted_at.unwrap_or(post.updated_at);
            format!("It went out at {}.", wall_time_of(at, &around.scene.zone))
        }
        Status::Sending => "It is being sent.".to_owned(),
        Status::Partial => "A part of it went out.".to_owned(),
        Status::Unknown => "It may be on X: it needs your check.".to_owned(),
        _ => return None,
    };
    Some(PostOutcome::kept(why))
}

pub(super) fn to_trash(store: &mut Tx<'_>, around: &Around, post: &Post) -> Result<PostOutcome> {
    if Stand::of_post(post) == Stand::Trash {
        return Ok(PostOutcome::of(post, "It is in the trash already.".to_owned()));
    }
    if let Some(kept) = out(post, around) {
        return Ok(kept);
    }
    match remove(store, post) {
        Ok(Withdrawal::Done(post) | Withdrawal::Asked(post)) => {
            Ok(PostOutcome::of(&post, "To the trash.".to_owned()))
        }
        Err(StoreError::Refused { .. } | StoreError::StillHandedOver { .. }) => {
            Ok(PostOutcome::kept("It is being sent."))
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes a post out of the trash, and has it stand where it stood.
pub(super) fn from_trash(
    store: &mut Tx<'_>,
    around: &Around,
    post: &Post,
    stood: Stand,
) -> Result<PostOutcome> {
    let is_deleted = post.deleted_at.is_some();
    if is_deleted && is_parent_in_trash(store, post)? {
        let why = "The post that it replies to is in the trash: that one brings it back.";
        return Ok(PostOutcome::kept(why));
    }
    if !is_deleted && post.withdraw_to != Some(WithdrawTo::Deleted) {
        let kept = out(post, around);
        return Ok(kept.unwrap_or_else(|| PostOutcome::done("It is not in the trash any more.")));
    }
    let back = if is_deleted { store.restore_post(post.id, Actor::Person)? } else { post.clone() };
    match stood {
        Stand::Planned => schedule_again(store, around, &back),
        Stand::Draft if Stand::of_post(&back) != Stand::Draft => {
            let post = to_draft(store, &back)?;
            Ok(PostOutcome::of(&post, "It is a draft again.".to_owned()))
        }
        Stand::Cancelled | Stand::Decided(_) if back.withdraw_to.is_some() => {
            let post = store.withdraw_post(back.id, WithdrawTo::Cancelled, Actor::Person)?;
            Ok(PostOutcome::of(post.post(), "It is no longer to be deleted.".to_owned()))
        }
        _ => Ok(PostOutcome::done(format!("Back from the trash: {}.", back.status.label()))),
    }
}

fn is_parent_in_trash(store: &Read<'_>, post: &Post) -> std::result::Result<bool, StoreError> {
    let Some(tie) = post.follow_up else { return Ok(false) };
    Ok(store.post(tie.parent)?.is_none_or(|parent| parent.deleted_at.is_some()))
}

/// Has a post go out at its time, which is still to come.
fn schedule_again(store: &mut Tx<'_>, around: &Around, post: &Post) -> Result<PostOutcome> {
    let Some(at) = post.schedule.clone().filter(|at| at.at > around.scene.now) else {
        let draft = to_draft(store, post)?;
        return Ok(PostOutcome::draft(&draft, post.schedule.as_ref()));
    };
    let mut post = post.clone();
    if Stand::of_post(&post) != Stand::Planned {
        let armed = store.arm_post(post.id, None, Actor::Person)?;
        post = compose::fence_if_needed(store, armed, Status::Pending, around.horizon_end)?;
    }
    Ok(PostOutcome::of(&post, format!("Scheduled for {}.", words_of_time(&at))))
}

/// Makes a draft of a post; where the relay may hold it, with the relay's proof.
fn to_draft(store: &mut Tx<'_>, post: &Post) -> Result<Post> {
    if post.may_be_on_relay() {
        let asked = store.withdraw_post(post.id, WithdrawTo::Draft, Actor::Person)?;
        return Ok(asked.post().clone());
    }
    let edit = Edit { status: Some(Status::Draft), ..Edit::default() };
    Ok(store.edit_post(post.id, &edit, Actor::Person)?)
}

/// Gives a post back what it said before, and has it stand where it stood.
fn edit_back(
    store: &mut Tx<'_>,
    around: &Around,
    post: &Post,
    change: &NetChange,
    stands: Option<(Stand, Stand)>,
) -> Result<PostOutcome> {
    let (content, tags) = (store.content(post)?, store.tags_of(post.id)?);
    let edit = edit_of(store, post, &change.before, &content)?;
    let is_delivery = edit.touches_delivery() || stands.is_some();
    if is_delivery && let Some(kept) = out(post, around) {
        return Ok(kept);
    }
    let now = Stand::of_post(post);
    if now == Stand::Trash {
        return Ok(PostOutcome::kept("It was deleted since."));
    }
    if !change.after.is_said_by(post, &content, &tags) {
        return Ok(PostOutcome::kept(CHANGED_SINCE));
    }
    let goal = match stands {
        Some((was, _)) if was == now => None,
        Some((was, is)) if is == now || (is == Stand::Planned && is_refused(now)) => Some(was),
        Some(_) => return Ok(PostOutcome::kept(CHANGED_SINCE)),
        // An edit would have what is being cancelled go out after all.
        None if is_delivery && post.withdraw_to.is_some() && now == Stand::Cancelled => {
            return Ok(PostOutcome::kept("It is being cancelled."));
        }
        None => None,
    };
    let restored = fields(&edit);
    let back = Back { post, edit, goal, content };
    match goal.unwrap_or(now) {
        Stand::Planned if is_delivery => back.planned(store, around, &restored),
        Stand::Draft => back.draft(store, &restored),
        // No command makes a post failed or missed: it does not go out, and that is what counts.
        Stand::Cancelled | Stand::Decided(_) if goal.is_some() => back.cancelled(store, &restored),
        _ => {
            let post = back.write(store, None)?;
            let what = if restored.is_empty() { "As before.".to_owned() } else { restored };
            Ok(PostOutcome::of(&post, what))
        }
    }
}

const fn is_refused(stand: Stand) -> bool {
    matches!(stand, Stand::Decided(Status::Failed | Status::Missed))
}

/// Returns the edit that gives a post back what it said.
fn edit_of(
    store: &Read<'_>,
    post: &Post,
    before: &PostFields,
    content: &Content,
) -> std::result::Result<Edit, StoreError> {
    let own_id = match &before.own_id {
        // Another post may have it by now.
        Some(Some(own)) if is_taken(store, own, post.id)? => None,
        own_id => own_id.clone(),
    };
    Ok(Edit {
        content: before.has_content().then(|| before.over(content.clone())),
        schedule: before.schedule.clone(),
        account: before.account.clone(),
        tags: before.tags.clone(),
        status: None,
        own_id,
        note: before.note.clone(),
        occurrence: match &before.occurrence {
            // Another post may stand for it by now.
            Some(Some(of)) if is_made(store, of, post.id)? => None,
            occurrence => occurrence.clone(),
        },
        follow_up_minutes: before.follow_up.flatten().map(|tie| tie.after_minutes),
        ends_unsaved: false,
    })
}

fn is_taken(
    store: &Read<'_>,
    own: &OwnId,
    by_other_than: PostId,
) -> std::result::Result<bool, StoreError> {
    let found = store.posts_by_own_id(&own.plan, &[&own.id])?;
    Ok(found.iter().any(|(_, other)| other.id != by_other_than))
}

fn is_made(
    store: &Read<'_>,
    of: &Occurrence,
    by_other_than: PostId,
) -> std::result::Result<bool, StoreError> {
    Ok(store.post_of_occurrence(of)?.is_some_and(|other| other.id != by_other_than))
}

/// Returns the names of what an edit gives back, as a sentence.
fn fields(edit: &Edit) -> String {
    let named = [
        (edit.content.is_some(), "text"),
        (edit.schedule.is_some(), "time"),
        (edit.account.is_some(), "account"),
        (edit.tags.is_some(), "tags"),
        (edit.own_id.is_some(), "id"),
        (edit.note.is_some(), "note"),
        (edit.follow_up_minutes.is_some(), "delay"),
    ];
    let names: Vec<_> =
        named.into_iter().filter(|(is_there, _)| *is_there).map(|(_, name)| name).collect();
    let Some((last, first)) = names.split_last() else { return String::new() };
    let listed = match first {
        [] => (*last).to_owned(),
        first => format!("{} and {last}", first.join(", ")),
    };
    let (initial, rest) = listed.split_at(1);
    format!("{}{rest} as before.", initial.to_uppercase())
}

/// A post that is edited back.
struct Back<'p> {
    post: &'p Post,
    edit: Edit,
    /// Where it is to stand, when that changes.
    goal: Option<Stand>,
    content: Content,
}

impl Back<'_> {
    /// Writes the edit, where it has anything to write.
    fn write(&self, store: &mut Tx<'_>, status: Option<Status>) -> Result<Post> {
        let mut edit = Edit { status, ..self.edit.clone() };
        // What the relay may hold keeps its time until the relay has let go of it.
        if self.post.may_be_on_relay() && edit.schedule == Some(None) {
            edit.schedule = None;
        }
        if edit == Edit::default() {
            return Ok(self.post.clone());
        }
        Ok(store.edit_post(self.post.id, &edit, Actor::Person)?)
    }

    /// Writes the edit and makes a draft; where the relay may hold it, with the relay's proof.
    fn write_draft(&self, store: &mut Tx<'_>) -> Result<Post> {
        if self.post.may_be_on_relay() {
            let edited = self.write(store, None)?;
            return to_draft(store, &edited);
        }
        self.write(store, Some(Status::Draft))
    }

    fn schedule(&self) -> Option<Schedule> {
        self.edit.schedule.clone().unwrap_or_else(|| self.post.schedule.clone())
    }

    fn planned(&self, store: &mut Tx<'_>, around: &Around, restored: &str) -> Result<PostOutcome> {
        let schedule = self.schedule();
        let is_new_time = self.edit.schedule.is_some() || self.goal.is_some();
        let is_past = schedule.as_ref().is_none_or(|it| it.at <= around.scene.now);
        if schedule.is_none() || (is_new_time && is_past) {
            let edited = self.write_draft(store)?;
            return Ok(PostOutcome::draft(&edited, schedule.as_ref()));
        }
        if let Some(problem) = self.problem(store, around, schedule.as_ref())? {
            return Ok(PostOutcome::kept(problem));
        }
        let edited = self.write(store, Some(Status::Pending))?;
        let edited = compose::fence_if_needed(store, edited, Status::Pending, around.horizon_end)?;
        let scheduled = schedule
            .filter(|_| is_new_time)
            .map(|at| format!("Scheduled for {}.", words_of_time(&at)));
        let message: Vec<&str> =
            [restored, scheduled.as_deref().unwrap_or_default()].into_iter().collect();
        Ok(PostOutcome::of(&edited, message.join(" ").trim().to_owned()))
    }

    /// Returns what keeps the post from being scheduled as it was, by the rules of today.
    fn problem(
        &self,
        store: &Read<'_>,
        around: &Around,
        schedule: Option<&Schedule>,
    ) -> Result<Option<String>> {
        let account = self.edit.account.clone().unwrap_or_else(|| self.post.account.clone());
        let asked = NewPost {
            content: Some(self.edit.content.clone().unwrap_or_else(|| self.content.clone())),
            wall_time: schedule.map(|it| it.wall_time.clone()),
            zone: schedule.map(|it| it.zone.clone()),
            account: account.map(|account| account.0),
            ..NewPost::default()
        };
        let reading = compose::read(store, &asked, &around.scene)?;
        match compose::sound(&reading, true, around.scene.now, true) {
            Ok(_) => Ok(None),
            Err(Error::Invalid(problems)) => {
                let first = problems.into_iter().next().map(|problem| problem.message);
                Ok(Some(first.unwrap_or_default()))
            }
            Err(error) => Err(error),
        }
    }

    fn draft(&self, store: &mut Tx<'_>, restored: &str) -> Result<PostOutcome> {
        let message = match self.goal {
            Some(_) => format!("{restored} It is a draft again.").trim().to_owned(),
            None => restored.to_owned(),
        };
        let edited = match self.goal {
            Some(_) => self.write_draft(store)?,
            None => self.write(store, None)?,
        };
        // An edit has a post that is on its way back go out again.
        let is_meant = edited.status == Status::Draft || edited.withdraw_to.is_some();
        let edited = if is_meant { edited } else { to_draft(store, &edited)? };
        Ok(PostOutcome::of(&edited, message))
    }

    fn cancelled(&self, store: &mut Tx<'_>, restored: &str) -> Result<PostOutcome> {
        let message = match self.goal {
            Some(Stand::Decided(status)) if status != Status::Cancelled => {
                format!(
                    "{restored} It was {}, and is cancelled now.",
                    status.label().to_lowercase()
                )
            }
            _ => format!("{restored} It is cancelled again."),
        };
        let edited = self.write(store, None)?;
        if edited.status == Status::Cancelled {
            return Ok(PostOutcome::of(&edited, message.trim().to_owned()));
        }
        match store.withdraw_post(edited.id, WithdrawTo::Cancelled, Actor::Person) {
            Ok(withdrawn) => Ok(PostOutcome::of(withdrawn.post(), message.trim().to_owned())),
            Err(StoreError::Refused { .. }) => Ok(PostOutcome::kept("It is being sent.")),
            Err(error) => Err(error.into()),
        }
    }
}

/// Says why a post that an import made or changed stays.
pub(super) fn stays(store: &Read<'_>, around: &Around, id: PostId) -> Result<PostOutcome> {
    let Some(post) = store.post(id)? else {
        return Ok(PostOutcome::kept("It is deleted for good."));
    };
    Ok(out(&post, around).unwrap_or_else(|| PostOutcome::kept(CHANGED_SINCE)))
}

/// Says that a post goes to the trash with the relay's confirmation.
pub(super) fn to_trash_asked(post: &Post) -> PostOutcome {
    PostOutcome::of(post, "To the trash.".to_owned())
}
