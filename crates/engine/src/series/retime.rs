//! Giving a series other times. A post keeps its place where the new rule has a time on its day; what has
//! no day any more goes to the trash, and what is new is made.

use std::collections::{HashMap, HashSet};

use roost_core::clock::UnixMillis;
use roost_core::id::SeriesId;
use roost_core::recurrence::Ends;
use roost_core::status::Actor;
use roost_core::zone::WallTime;
use roost_store::{Edit, Error as StoreError, Occurrence, Post, Series, SeriesState, Tx};

use super::open_posts::{Tally, Waiting, change_post};
use super::times::{Time, Times, turn};
use super::{is_open, make};
use crate::api::EditSeries;
use crate::{Result, cancel};

/// Returns rule and first time of a series whose times change from an occurrence on. Where only the time
/// changes, as many times are left as there were.
pub(super) fn rule_from(
    store: &Tx<'_>,
    series: &Series,
    asked: &EditSeries,
    from: Option<&str>,
    now: UnixMillis,
) -> Result<(String, String)> {
    let times = Times::of(&series.state)?;
    let from = match from {
        Some(from) => WallTime::parse(from).ok(),
        None => first_waiting(store, series, &times, now)?,
    };
    let from = from.unwrap_or_else(|| times.recurrence.first());
    let first = asked.first.clone().unwrap_or_else(|| from.to_string());
    if let Some(rule) = &asked.rule {
        return Ok((rule.clone(), first));
    }
    let rule = times.recurrence.rule().clone();
    let rule = match rule.ends() {
        Ends::Count(count) => {
            let gone = times.recurrence.wall_times().take_while(|wall| *wall < from).count();
            let left = count.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX)).max(1);
            rule.ending(Ends::Count(left)).unwrap_or_else(|_| times.recurrence.rule().clone())
        }
        Ends::Never | Ends::Until(_) => rule,
    };
    Ok((rule.to_string(), first))
}

/// Returns the first occurrence whose post waits, or the next of the rule.
fn first_waiting(
    store: &Tx<'_>,
    series: &Series,
    times: &Times,
    now: UnixMillis,
) -> Result<Option<WallTime>> {
    let waiting = store.posts_of_series(series.id, None)?;
    let first = waiting.into_iter().find(is_open).and_then(|post| post.occurrence);
    let first = first.and_then(|of| WallTime::parse(&of.wall_time).ok());
    let next = || times.ahead(&series.state, now).next().map(|time| time.occurrence);
    Ok(first.or_else(next))
}

/// Moves, removes and makes posts, so that they are those of the new rule.
pub(super) fn carry_out(
    store: &mut Tx<'_>,
    id: SeriesId,
    (before, state): (&SeriesState, &mut SeriesState),
    waiting: Waiting,
    (from, horizon_end): (Option<&str>, UnixMillis),
    tally: &mut Tally,
) -> Result<()> {
    let times = Times::of(state)?;
    state.skipped = moved_skips(before, &times);
    let end = store.now().plus(make::MADE_AHEAD);
    let wanted: Vec<Time> =
        times.ahead(state, store.now()).take_while(|time| time.at <= end).collect();
    let mut by_day: HashMap<String, Vec<Time>> = HashMap::new();
    for time in wanted {
        by_day.entry(time.occurrence.date()).or_default().push(time);
    }
    let day = |post: &Post| {
        post.occurrence.as_ref().map(|of| of.wall_time.chars().take(10).collect::<String>())
    };
    let covered = covered_days(before, from, waiting.following.iter().filter_map(day).collect())?;
    // Where a day has several times, none of them is known to be the same one.
    let mut goes_to: Vec<(Post, Time)> = Vec::new();
    let mut unwanted = Vec::new();
    let mut taken = HashSet::new();
    for post in waiting.following {
        let found = day(&post).filter(|day| !covered.contains(day));
        match found.and_then(|day| by_day.get(&day).map(|times| (day, times))) {
            Some((day, times)) if times.len() == 1 && taken.insert(day.clone()) => {
                goes_to.push((post, times[0]));
            }
            _ => unwanted.push(post),
        }
    }
    for post in unwanted {
        match cancel::remove(store, &post) {
            Ok(_) => tally.removed += 1,
            Err(StoreError::Refused { .. } | StoreError::StillHandedOver { .. }) => {
                tally.kept += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let moved = goes_to.len();
    for (number, (post, time)) in goes_to.into_iter().enumerate() {
        let edit = moved_edit(&post, id, before, state, (&times, time), number);
        if edit != Edit::default() {
            change_post(store, &post, &edit, horizon_end)?;
            tally.changed += 1;
        }
    }
    if before.variants != state.variants {
        state.next_variant = turn(0, moved, state.variants.len());
    }
    state.made_until = None;
    tally.made = make::make(store, id, state, Actor::Person, &covered)?;
    Ok(())
}

fn moved_edit(
    post: &Post,
    id: SeriesId,
    before: &SeriesState,
    state: &SeriesState,
    (times, time): (&Times, Time),
    number: usize,
) -> Edit {
    let schedule = Some(times.schedule(time)).filter(|it| Some(it) != post.schedule.as_ref());
    let occurrence = Occurrence { series: id, wall_time: time.occurrence.to_string() };
    let place = usize::try_from(turn(0, number, state.variants.len())).unwrap_or_default();
    let variant = state.variants.get(place).filter(|_| before.variants != state.variants);
    Edit {
        schedule: schedule.map(Some),
        occurrence: Some(Some(occurrence)).filter(|it| *it != post.occurrence),
        content: variant.filter(|it| post.body_hash != Some(it.body_hash())).cloned(),
        account: (state.account != before.account).then(|| state.account.clone()),
        tags: (state.tags != before.tags).then(|| state.tags.clone()),
        ..Edit::default()
    }
}

/// Returns the days that were settled before: they have a time of the rule as it was whose post does not
/// follow the series, because the person changed, cancelled or deleted it, or it went out.
fn covered_days(
    before: &SeriesState,
    from: Option<&str>,
    following: HashSet<String>,
) -> Result<HashSet<String>> {
    let Some(until) = before.made_until.as_deref() else { return Ok(HashSet::new()) };
    let made = Times::of(before)?;
    let made = made.recurrence.wall_times().map(|wall| (wall.date(), wall.to_string()));
    let made = made.take_while(|(_, wall)| wall.as_str() <= until);
    let made = made.filter(|(_, wall)| from.is_none_or(|from| wall.as_str() >= from));
    Ok(made.map(|(day, _)| day).filter(|day| !following.contains(day)).collect())
}

/// Returns what is left out by the new rule: the days that were.
fn moved_skips(before: &SeriesState, times: &Times) -> Vec<String> {
    let days: HashSet<&str> = before.skipped.iter().filter_map(|wall| wall.get(..10)).collect();
    let Some(last) = days.iter().max().map(|day| (*day).to_owned()) else { return Vec::new() };
    let on_a_day = |wall: &WallTime| days.contains(wall.date().as_str());
    let mut skipped: Vec<String> = times
        .recurrence
        .wall_times()
        .take_while(|wall| wall.date() <= last)
        .filter(on_a_day)
        .map(|wall| wall.to_string())
        .collect();
    skipped.extend(before.skipped.iter().cloned());
    skipped.sort();
    skipped.dedup();
    skipped
}
