//! Writing posts: judging, creating, editing, arming again.

mod account;
mod edit;
pub(crate) mod follow_up;
mod others;
mod read;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::{PostDraft, Rules};
use roost_core::status::{Actor, Status};
use roost_core::zone::{Zone, wall_time_of};
use roost_store::{Label, NewPost as StorePost, Post, Read, Schedule, Tx};

pub(crate) use account::{account, handles, without_account};
pub(crate) use edit::{edit_in, fence_if_needed, merged};
pub(crate) use read::{Reading, read, sound};

use crate::row::{self, Scene};
use crate::stale::check_version;
use crate::state::EngineState;
use crate::view::Length;
use crate::{Edit, Error, NewPost, Result, Saved, Target, Verdict, horizon, posts};

/// Judges a post while it is typed. Nothing is written.
pub(crate) async fn judge(engine: &EngineState, new: &NewPost) -> Result<Verdict> {
    let scene = posts::scene(engine).await?;
    let new = new.clone();
    let now = scene.now;
    let (reading, hints, prices) = engine
        .read(move |store| {
            let reading = read(store, &new, &scene)?;
            let mut hints = Vec::new();
            hints.extend(others::crowded(store, &reading)?);
            hints.extend(others::neighbour(store, &reading, new.editing, &scene.zone)?);
            Ok((reading, hints, store.prices()?))
        })
        .await?;
    let limits = reading.limits.clone();
    let rules = Rules { limits: &limits, subscription: reading.subscription, now };
    let findings = reading.draft.check(&rules);
    let mut errors = reading.problems;
    let mut warnings = findings.warnings.listed;
    warnings.extend(hints);
    if let Some(unowned) = reading.unowned.filter(|_| reading.draft.wall_time.is_some()) {
        if unowned.none_connected { &mut warnings } else { &mut errors }.push(unowned.problem);
    }
    Ok(Verdict {
        length: Length {
            weighted: reading.draft.content.weighted_length(),
            limit: limits.length_for(reading.subscription),
        },
        cost_micros: reading.draft.content.cost_at(&prices).0,
        scheduled_at: reading.draft.scheduled_at(),
        errors: [errors, findings.errors.listed, reading.unfit_media].concat(),
        warnings,
    })
}

/// Makes a post or a draft.
pub(crate) async fn create(engine: &EngineState, new: NewPost) -> Result<Saved> {
    let scene = posts::scene(engine).await?;
    let saved = engine
        .write("compose.create", move |store| {
            store.label(Label::Create);
            let reading = read(store, &new, &scene)?;
            let armed = !new.draft && reading.draft.wall_time.is_some();
            let warnings = sound(&reading, armed, scene.now, false)?;
            let post = store_post(&reading.draft, armed, store.now());
            let post = store.create_post(&post, Actor::Person)?;
            if let Some(wanted) = &new.follow_up {
                follow_up::put(store, &scene, &post, wanted)?;
            }
            saved(store, post, &scene, warnings)
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}

/// Changes a post. What was handed over is armed anew, or withdrawn when it moves beyond the
/// horizon or becomes a draft.
pub(crate) async fn edit(engine: &EngineState, id: PostId, edit: Edit) -> Result<Saved> {
    let scene = posts::scene(engine).await?;
    let horizon_end = horizon::end(engine).await?;
    let saved = engine
        .write("compose.edit", move |store| {
            store.label(Label::Edit);
            edit_in(store, &scene, horizon_end, id, &edit)
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}

/// Arms a failed, missed or cancelled post again; a time in the past means now.
pub(crate) async fn retry(engine: &EngineState, target: Target) -> Result<Saved> {
    let scene = posts::scene(engine).await?;
    let saved = engine
        .write("compose.retry", move |store| {
            store.label(Label::Retry);
            retry_in(store, &scene, target, None)
        })
        .await?;
    engine.wake.notify_one();
    Ok(saved)
}

/// The same within a transaction, at another time than the post's own where one is given.
pub(crate) fn retry_in(
    store: &mut Tx<'_>,
    scene: &Scene,
    target: Target,
    at: Option<Schedule>,
) -> Result<Saved> {
    let id = target.id;
    let before = live(store, id)?;
    check_version(store, &before, target.based_on, scene)?;
    if !matches!(before.status, Status::Failed | Status::Missed | Status::Cancelled) {
        return Err(Error::NotAllowed { post: id, status: before.status });
    }
    follow_up::has_parent(store, &before)?;
    let reading = read(store, &merged(store, &before, &Edit::default())?, scene)?;
    let warnings = sound(&reading, true, scene.now, true)?;
    let due = before.schedule.as_ref().map(|schedule| schedule.at);
    let is_past = due.is_none_or(|due| due <= scene.now);
    let at = match at {
        None if is_past => Some(at_once(&before, scene)?),
        at => at,
    };
    let post = store.arm_post(id, at, Actor::Person)?;
    saved(store, post, scene, warnings)
}

pub(crate) fn schedule(draft: &PostDraft) -> Option<Schedule> {
    let wall_time = draft.wall_time?.to_string();
    let at = draft.scheduled_at()?;
    Some(Schedule { at, wall_time, zone: draft.zone.name().to_owned() })
}

/// Returns the present as a post's time, on the clocks that it was planned by.
///
/// # Errors
/// When this computer's clock is known to be wrong: its present may be decades away.
pub(crate) fn at_once(post: &Post, scene: &Scene) -> Result<Schedule> {
    if let Some(ahead_ms) = scene.clock_ahead_ms {
        return Err(Error::OwnClockWrong { ahead_ms });
    }
    let named = post.schedule.as_ref().and_then(|schedule| Zone::parse(&schedule.zone).ok());
    let zone = named.unwrap_or_else(|| scene.zone.clone());
    let at = UnixMillis::from_seconds(scene.now.seconds_rounded_up());
    let wall_time = wall_time_of(at, &zone).to_string();
    Ok(Schedule { at, wall_time, zone: zone.name().to_owned() })
}

fn store_post(draft: &PostDraft, armed: bool, now: UnixMillis) -> StorePost {
    let id = PostId::new(now);
    let mut post = StorePost::draft(id, draft.content.clone());
    post.account.clone_from(&draft.account);
    post.schedule = schedule(draft);
    post.status = if armed { Status::Pending } else { Status::Draft };
    post.tags.clone_from(&draft.tags);
    post
}

pub(crate) fn live(store: &Tx<'_>, id: PostId) -> Result<Post> {
    store.post(id)?.filter(|post| post.deleted_at.is_none()).ok_or(Error::NoSuchPost(id))
}

pub(crate) fn saved(
    store: &Read<'_>,
    post: Post,
    scene: &Scene,
    warnings: Vec<roost_core::failure::Problem>,
) -> Result<Saved> {
    Ok(Saved { post: row::of(store, post.id, scene)?, warnings })
}

/// Whether nobody can take a post back any more.
pub(crate) const fn is_out(status: Status) -> bool {
    matches!(status, Status::Sending | Status::Posted | Status::Partial | Status::Unknown)
}
