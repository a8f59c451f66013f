//! Writing posts: judging, creating, editing, arming again.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::{PostId, XUserId};
use roost_core::limits::{Limits, Subscription};
use roost_core::post::{PostDraft, Rules};
use roost_core::status::{Actor, Status};
use roost_core::zone::{When, Zone, wall_time_of};
use roost_store::{
    Edit as StoreEdit, Label, NewPost as StorePost, Post, Read, Schedule, Tx, WithdrawTo,
};

use crate::row::{self, Scene};
use crate::stale::check_version;
use crate::state::EngineState;
use crate::view::Length;
use crate::{
    Edit, Error, NewPost, Result, Saved, Target, Verdict, horizon, media, posts, preferences,
};

/// Handles that a message names at the most.
const HANDLES_MAX: usize = 5;

/// What a person wrote, read as far as it can be read.
pub(crate) struct Reading {
    pub(crate) draft: PostDraft,
    subscription: Subscription,
    problems: Vec<Problem>,
    /// That nobody is there to post it: a draft may wait for that, a scheduled post should not.
    unowned: Option<Unowned>,
    /// Those that the relay told of the account, or the plan's of every new app.
    limits: Limits,
    /// What the account may not post of the files, though X takes them of others.
    unfit_media: Vec<Problem>,
}

/// Why a post has no account.
struct Unowned {
    /// None is connected, so that none can be chosen: the post waits for one.
    none_connected: bool,
    problem: Problem,
}

/// Judges a post while it is typed. Nothing is written.
pub(crate) async fn judge(engine: &EngineState, new: &NewPost) -> Result<Verdict> {
    let scene = posts::scene(engine).await?;
    let new = new.clone();
    let now = scene.now;
    let (reading, hints, prices) = engine
        .read(move |store| {
            let reading = read(store, &new, &scene)?;
            let mut hints = Vec::new();
            hints.extend(crowded(store, &reading)?);
            hints.extend(neighbour(store, &reading, new.editing, &scene.zone)?);
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

/// Returns that the account's limits will make the post wait, by what is planned already.
fn crowded(
    store: &Read<'_>,
    reading: &Reading,
) -> std::result::Result<Option<Problem>, roost_store::Error> {
    let Some((account, at)) = reading.draft.account.as_ref().zip(reading.draft.scheduled_at())
    else {
        return Ok(None);
    };
    let span = Duration::from_secs(reading.limits.memory_seconds().into());
    let mut others = store.times_of(account, at.minus(span), at.plus(span))?;
    // Being edited, the post itself is among them.
    if let Some(itself) = others.iter().position(|other| *other == at) {
        others.swap_remove(itself);
    }
    let over = reading.limits.overrun(reading.subscription, &others, at);
    Ok(over.map(|(rate, posts)| {
        let message = format!(
            "With this one, {posts} posts of the account fall within {}; the limit is {}.",
            rate.span(),
            rate.max
        );
        Problem::new(Code::RateLimited, message)
            .in_field("scheduledAt")
            .with_remedy("Choose another time; what is over waits for the next free slot.")
    }))
}

/// Returns which post of the account stands nearer than the person wants posts to be, if one does.
fn neighbour(
    store: &Read<'_>,
    reading: &Reading,
    editing: Option<PostId>,
    zone: &Zone,
) -> std::result::Result<Option<Problem>, roost_store::Error> {
    let near = Duration::from_mins(preferences::collision_minutes(store)?.into());
    let Some((account, at)) = reading.draft.account.as_ref().zip(reading.draft.scheduled_at())
    else {
        return Ok(None);
    };
    if near.is_zero() {
        return Ok(None);
    }
    let itself = match editing {
        Some(id) => store.post(id)?.and_then(|post| post.schedule).map(|planned| planned.at),
        None => None,
    };
    let mut times = store.times_of(account, at.minus(near), at.plus(near))?;
    if let Some(place) = times.iter().position(|time| Some(*time) == itself) {
        times.swap_remove(place);
    }
    let distance = |time: &UnixMillis| time.0.abs_diff(at.0);
    let nearest =
        times.into_iter().filter(|time| distance(time) < near_ms(near)).min_by_key(distance);
    Ok(nearest.map(|time| {
        let minutes = distance(&time).div_ceil(60_000);
        let how_far = match (minutes, time < at) {
            (0, _) => "at the same time".to_owned(),
            (1, true) => "a minute before".to_owned(),
            (1, false) => "a minute later".to_owned(),
            (minutes, true) => format!("{minutes} minutes before"),
            (minutes, false) => format!("{minutes} minutes later"),
        };
        let clock = wall_time_of(time, zone);
        let message = format!(
            "Another post of the account goes out {how_far}, at {:02}:{:02}.",
            clock.hour(),
            clock.minute()
        );
        Problem::new(Code::TimesCollide, message).in_field("scheduledAt")
    }))
}

fn near_ms(near: Duration) -> u64 {
    u64::try_from(near.as_millis()).unwrap_or(u64::MAX)
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

/// The same within a transaction.
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
    let warnings = sound(&reading, goal == Status::Pending, scene.now, time_stays)?;
    let post = write_edit(store, &before, edit, &reading.draft, goal)?;
    let post = fence_if_needed(store, post, goal, horizon_end)?;
    saved(store, post, scene, warnings)
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

/// Reads what a person wrote; what can't be read becomes a problem of its field.
pub(crate) fn read(
    store: &Read<'_>,
    new: &NewPost,
    scene: &Scene,
) -> std::result::Result<Reading, roost_store::Error> {
    let mut problems = Vec::new();
    let zone = match new.zone.as_deref().map(Zone::parse) {
        None => scene.zone.clone(),
        Some(Ok(zone)) => zone,
        Some(Err(unknown)) => {
            problems.push(
                Problem::new(Code::UnknownZone, format!("\"{}\" is no time zone.", unknown.name))
                    .with_remedy(unknown.remedy())
                    .in_field("zone"),
            );
            scene.zone.clone()
        }
    };
    let wall_time = match new.wall_time.as_deref().filter(|it| !it.trim().is_empty()) {
        None => None,
        Some(written) => match When::parse(written) {
            Ok(When::Wall(wall)) => Some(wall),
            Ok(When::Instant(instant)) => Some(wall_time_of(instant, &zone)),
            Err(error) => {
                let problem = Problem::new(Code::TimeInvalid, format!("{error}."));
                problems.push(problem.in_field("scheduledAt"));
                None
            }
        },
    };
    let connected = store.accounts()?;
    let named = new.account.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let account = account(store, named, &connected, &mut problems)?;
    let unowned = (account.is_none() && named.is_none()).then(|| unowned(&connected));
    let subscription = account.as_ref().map_or(Subscription::None, |account| {
        Subscription::from_x(account.subscription_type.as_deref())
    });
    let told = account.as_ref().and_then(|account| account.limits.clone());
    let limits = told.unwrap_or_default();
    let content = media::with_files(store, new.said())?;
    let unfit_media = media::for_account(store, &content, subscription)?;
    let account = account.map(|account| account.x_user_id);
    let draft = PostDraft { content, wall_time, zone, account, tags: new.tags.clone() };
    Ok(Reading { draft, subscription, limits, problems, unowned, unfit_media })
}

/// The account of a name; without a name the only one.
pub(crate) fn account(
    store: &Read<'_>,
    name: Option<&str>,
    connected: &[roost_store::Account],
    problems: &mut Vec<Problem>,
) -> std::result::Result<Option<roost_store::Account>, roost_store::Error> {
    let Some(name) = name else {
        let [only] = connected else { return Ok(None) };
        return Ok(Some(only.clone()));
    };
    let found = match store.account_by_username(name)? {
        Some(account) => Some(account),
        None => {
            store.account(&XUserId(name.to_owned()))?.filter(|account| account.removed_at.is_none())
        }
    };
    if found.is_none() {
        let message = format!("No account \"{name}\" is connected.");
        let problem = Problem::new(Code::AccountUnknown, message).in_field("account");
        problems.push(if connected.is_empty() {
            problem
        } else {
            problem.with_remedy(format!("Connect it, or choose one of {}.", handles(connected)))
        });
    }
    Ok(found)
}

/// The handles of accounts, for messages; the first ones, when there are many.
pub(crate) fn handles(accounts: &[roost_store::Account]) -> String {
    let mut handles: Vec<String> =
        accounts.iter().take(HANDLES_MAX).map(|account| format!("@{}", account.username)).collect();
    if accounts.len() > HANDLES_MAX {
        handles.push("…".to_owned());
    }
    handles.join(", ")
}

fn unowned(connected: &[roost_store::Account]) -> Unowned {
    let (none_connected, problem) = without_account(connected);
    Unowned { none_connected, problem }
}

/// Returns what is to be said of a scheduled post without an account, and whether that is only a warning,
/// because none is connected.
pub(crate) fn without_account(connected: &[roost_store::Account]) -> (bool, Problem) {
    let none_connected = connected.is_empty();
    let problem = if none_connected {
        Problem::new(Code::AccountMissing, "No account is connected: the post waits for one.")
            .with_remedy("Sign in with X before it is due.")
    } else {
        let count = connected.len();
        let message = format!("The post names no account, and {count} are connected.");
        Problem::new(Code::AccountMissing, message)
            .with_remedy(format!("Choose one of {}.", handles(connected)))
    };
    (none_connected, problem.in_field("account"))
}

/// The warnings, or the problems that keep it from being saved. A draft may be unfinished.
pub(crate) fn sound(
    reading: &Reading,
    armed: bool,
    now: UnixMillis,
    past_is_fine: bool,
) -> Result<Vec<Problem>> {
    let Reading { limits, subscription, .. } = reading;
    let findings = reading.draft.check(&Rules { limits, subscription: *subscription, now });
    let mut problems = reading.problems.clone();
    let mut warnings = findings.warnings.listed;
    if armed {
        if let Some(unowned) = &reading.unowned {
            if unowned.none_connected { &mut warnings } else { &mut problems }
                .push(unowned.problem.clone());
        }
        problems.extend(reading.unfit_media.iter().cloned());
        problems.extend(
            findings
                .errors
                .listed
                .into_iter()
                .filter(|problem| !(past_is_fine && problem.code == Code::TimeInPast)),
        );
    }
    if problems.is_empty() { Ok(warnings) } else { Err(Error::Invalid(problems)) }
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
    let says = edit.text.is_some() || edit.thread.is_some() || edit.content.is_some();
    // What the relay may hold is fenced first, and becomes a draft with the relay's proof.
    let stays_armed = before.may_be_on_relay() && goal == Status::Draft;
    let change = StoreEdit {
        content: says.then(|| draft.content.clone()),
        schedule: (!stays_armed && (edit.wall_time.is_some() || edit.zone.is_some()))
            .then(|| schedule(draft)),
        account: edit.account.is_some().then(|| draft.account.clone()),
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
    let beyond = post.schedule.as_ref().is_some_and(|schedule| schedule.at >= horizon_end);
    let to = match goal {
        Status::Draft => WithdrawTo::Draft,
        _ if beyond => WithdrawTo::Pending,
        _ => return Ok(post),
    };
    Ok(store.withdraw_post(post.id, to, Actor::Person)?.post().clone())
}

pub(crate) fn saved(
    store: &Read<'_>,
    post: Post,
    scene: &Scene,
    warnings: Vec<Problem>,
) -> Result<Saved> {
    Ok(Saved { post: row::of(store, post.id, scene)?, warnings })
}

/// Whether nobody can take a post back any more.
pub(crate) const fn is_out(status: Status) -> bool {
    matches!(status, Status::Sending | Status::Posted | Status::Partial | Status::Unknown)
}
