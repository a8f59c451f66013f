//! The posts of a selection, and which of them can be changed at all.

use std::collections::{HashMap, HashSet};

use roost_core::failure::{Code, Problem};
use roost_core::id::{PostId, Version};
use roost_core::reschedule::PlannedTime;
use roost_core::status::Status;
use roost_core::zone::WallTime;
use roost_store::{Post, Read, WithdrawTo, check_search};

use super::ground::Ground;
use super::row::Row;
use super::times;
use crate::api::{BulkTerms, RewriteChange, Selection, TimeChange};
use crate::{Error, Result, cause_posts, posts};

/// The most posts of one selection.
const POSTS_MAX: u32 = 100_000;

/// Returns the selected posts, each once, in the order of their times; those without a time last.
pub(super) fn read(store: &Read<'_>, selection: &Selection, ground: &Ground) -> Result<Vec<Row>> {
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (post, based_on) in named(store, selection)? {
        if seen.insert(post.id) {
            let mut row = row(post, ground);
            row.refused = stale(&row.post, based_on);
            rows.push(row);
        }
    }
    for post in found(store, selection, ground)? {
        if seen.insert(post.id) {
            rows.push(row(post, ground));
        }
    }
    rows.sort_by_key(|row| {
        let at = row.time.as_ref().map(|time| time.at);
        (at.is_none(), at, row.post.seq)
    });
    Ok(rows)
}

/// Returns the posts that are named, with the version that the person saw of each.
fn named(store: &Read<'_>, selection: &Selection) -> Result<Vec<(Post, Option<Version>)>> {
    let ids: Vec<PostId> = selection.posts.iter().map(|target| target.id).collect();
    if ids.len() > POSTS_MAX as usize {
        return Err(too_many());
    }
    let mut seen: HashMap<PostId, Option<Version>> = HashMap::new();
    for target in &selection.posts {
        seen.entry(target.id).or_insert(target.based_on);
    }
    let posts = store.live_posts(&ids)?;
    let there: HashSet<PostId> = posts.iter().map(|post| post.id).collect();
    if let Some(missing) = ids.iter().find(|id| !there.contains(id)) {
        return Err(Error::NoSuchPost(*missing));
    }
    let with_version = |post: Post| {
        let version = seen.get(&post.id).copied().flatten();
        (post, version)
    };
    Ok(posts.into_iter().map(with_version).collect())
}

/// Returns the posts that the query finds.
fn found(store: &Read<'_>, selection: &Selection, ground: &Ground) -> Result<Vec<Post>> {
    let Some(query) = &selection.query else { return Ok(Vec::new()) };
    if let Some(words) = query.search.as_deref().filter(|words| !words.trim().is_empty()) {
        // A list may show more than was typed; a change may not reach further.
        check_search(words).map_err(|error| {
            let message = format!("The search can't be used to change posts: {error}.");
            Error::Invalid(vec![Problem::new(Code::BadRequest, message)])
        })?;
    }
    let mut filter = posts::filter(query, &ground.facts.scene.zone, ground.now());
    if !cause_posts::narrow(store, query.cause.as_deref(), &mut filter)? {
        return Ok(Vec::new());
    }
    let posts = store.all_posts(&filter, POSTS_MAX + 1)?;
    if posts.len() > POSTS_MAX as usize { Err(too_many()) } else { Ok(posts) }
}

fn too_many() -> Error {
    let message = format!("More than {POSTS_MAX} posts are selected, which is the most at once.");
    Error::Invalid(vec![
        Problem::new(Code::BadRequest, message)
            .with_remedy("Choose fewer, such as those of a month."),
    ])
}

fn row(post: Post, ground: &Ground) -> Row {
    let time = post.schedule.as_ref().map(|schedule| {
        let zone = ground.zone(&schedule.zone);
        // What was written down as meant stays, even where its zone has other rules by now.
        match WallTime::parse(&schedule.wall_time) {
            Ok(wall) => PlannedTime { wall, zone, at: schedule.at },
            Err(_) => PlannedTime::at_instant(schedule.at, zone),
        }
    });
    Row::of(post, time)
}

/// Returns that a post was changed after the version that the person saw.
fn stale(post: &Post, based_on: Option<Version>) -> Option<Problem> {
    let seen = based_on.filter(|seen| *seen != post.version)?;
    let message = format!(
        "It was changed meanwhile: it is version {}, and this is based on version {seen}.",
        post.version
    );
    Some(Problem::new(Code::Stale, message))
}

/// Refuses the posts that can't get another time.
pub(super) fn refuse_times(rows: &mut [Row], change: &TimeChange, terms: &BulkTerms) {
    for row in rows.iter_mut().filter(|row| row.refused.is_none()) {
        row.refused = out_of_reach(&row.post)
            .or_else(|| ended(&row.post).filter(|_| !terms.restore))
            .or_else(|| (row.time.is_none() && !times::gives_times(change)).then(no_time));
        if terms.restore && ended(&row.post).is_some() {
            row.after.status = Some(Status::Pending);
        }
    }
}

/// Refuses the posts whose fields can't be changed.
pub(super) fn refuse_fields(rows: &mut [Row], change: &RewriteChange, terms: &BulkTerms) {
    // How the person sorts posts is no matter of their delivery.
    if matches!(change, RewriteChange::Tags { .. } | RewriteChange::SetNote { .. }) {
        return;
    }
    for row in rows.iter_mut().filter(|row| row.refused.is_none()) {
        if matches!(change, RewriteChange::Delete) {
            row.refused = not_deletable(&row.post);
            continue;
        }
        row.refused = out_of_reach(&row.post);
        if matches!(change, RewriteChange::Schedule) {
            let unasked = ended(&row.post).filter(|_| !terms.restore);
            let untimed = || row.time.is_none().then(no_time);
            row.refused = row.refused.take().or(unasked).or_else(untimed);
        }
    }
}

/// Returns why a post can't go to the trash now. What is on X leaves this list alone.
fn not_deletable(post: &Post) -> Option<Problem> {
    if post.withdraw_to == Some(WithdrawTo::Deleted) {
        return Some(Problem::new(Code::ChangeNotAllowed, "It is being deleted already."));
    }
    (post.status == Status::Sending).then(|| {
        let message = "It is being sent: it can't be deleted now.";
        Problem::new(Code::TooLate, message).with_remedy("Wait until its result is known.")
    })
}

fn no_time() -> Problem {
    Problem::new(Code::TimeMissing, "It has no time.").with_remedy("Give it a time first.")
}

/// Returns why what goes out of a post can't be changed any more, or not now.
fn out_of_reach(post: &Post) -> Option<Problem> {
    match post.withdraw_to {
        Some(WithdrawTo::Cancelled | WithdrawTo::Deleted) => {
            let problem = Problem::new(Code::ChangeNotAllowed, "It is being cancelled.");
            return Some(problem.with_remedy("Wait until the relay has acknowledged it."));
        }
        Some(WithdrawTo::Draft) => {
            let problem = Problem::new(Code::ChangeNotAllowed, "It is becoming a draft.");
            return Some(problem.with_remedy("Wait until the relay has acknowledged it."));
        }
        // It is scheduled here, and may be armed anew at any time.
        Some(WithdrawTo::Pending) | None => {}
    }
    let is_out =
        matches!(post.status, Status::Sending | Status::Posted | Status::Partial | Status::Unknown);
    is_out.then(|| {
        let message = format!("It is \"{}\": it is too late to change it.", post.status.label());
        Problem::new(Code::TooLate, message)
    })
}

/// Returns that a post is not to go out any more, unless it is scheduled again.
fn ended(post: &Post) -> Option<Problem> {
    matches!(post.status, Status::Failed | Status::Missed | Status::Cancelled).then(|| {
        let message = format!("It is \"{}\".", post.status.label());
        let remedy = "Schedule it again first, or say with the change that it is to be restored.";
        Problem::new(Code::ChangeNotAllowed, message).with_remedy(remedy)
    })
}
