//! Giving a series other times. A post keeps its time where the new rule has it, and its day where it has
//! another time for it on that day; what has none any more goes to the trash, and what is new is made.

use std::collections::{BTreeMap, HashMap, HashSet};

use roost_core::clock::UnixMillis;
use roost_core::id::SeriesId;
use roost_core::recurrence::{Ends, Recurrence};
use roost_core::status::Actor;
use roost_core::zone::WallTime;
use roost_store::{
    Edit, Error as StoreError, Occurrence, Post, Series, SeriesState, Tx, Withdrawal,
};

use super::day::{self, Old};
use super::open_posts::{Tally, change_post, give_up_occurrence};
use super::times::{Time, Times, turn};
use super::{is_open, make};
use crate::api::EditSeries;
use crate::{Result, cancel};

/// The times that a series is to have.
pub(super) struct Asked {
    pub(super) rule: String,
    pub(super) first: String,
    /// Whether posts before the first time stay as they are: it is not known where they would go.
    pub(super) keeps_earlier: bool,
}

/// Returns the times of a series that change from an occurrence on. Where only the time of day changes, as
/// many are left as there were, and all that wait begin with the first of them.
pub(super) fn rule_from(
    store: &Tx<'_>,
    series: &Series,
    asked: &EditSeries,
    from: Option<&str>,
    now: UnixMillis,
) -> Result<Asked> {
    let times = Times::of(&series.state)?;
    let begin = match from {
        Some(from) => WallTime::parse(from).ok(),
        None => first_waiting(store, series, &times, asked.rule.is_some(), now)?,
    };
    let begin = begin.unwrap_or_else(|| times.recurrence.first());
    let is_of_all = from.is_none() && asked.rule.is_none();
    let (first, is_time_of_day) = match &asked.first {
        Some(first) => match is_of_all.then(|| on_day_of(begin, first, &times)).flatten() {
            Some(first) => (first, true),
            None => (first.clone(), false),
        },
        None => (begin.to_string(), true),
    };
    let keeps_earlier = is_of_all && is_time_of_day;
    if let Some(rule) = &asked.rule {
        return Ok(Asked { rule: rule.clone(), first, keeps_earlier });
    }
    let rule = times.recurrence.rule().clone();
    let rule = match rule.ends() {
        Ends::Count(count) => {
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            let gone = times.recurrence.wall_times().take_while(|wall| *wall < begin).count();
            let before = earlier(&times, begin).unwrap_or_default();
            let left = count.saturating_sub(number(gone)).saturating_add(number(before)).max(1);
            rule.ending(Ends::Count(left)).unwrap_or_else(|_| times.recurrence.rule().clone())
        }
        Ends::Never | Ends::Until(_) => rule,
    };
    Ok(Asked { rule: rule.to_string(), first, keeps_earlier })
}

/// Returns the time of day of `first` on the day of `begin`, where `first` names a day of the series: then
/// the time of day is what changes.
fn on_day_of(begin: WallTime, first: &str, times: &Times) -> Option<String> {
    let first = WallTime::parse(first).ok()?;
    let day = first.date();
    let mut days = times.recurrence.wall_times().map(WallTime::date);
    let is_known = days.find(|other| *other >= day).as_ref() == Some(&day);
    let first = first.to_string();
    let time = first.get(11..).filter(|_| is_known && begin.date() <= day)?;
    Some(format!("{} {time}", begin.date()))
}

/// Returns how many times a rule has from the day of `begin` up to its present first time; none where it
/// would have other days from there on.
fn earlier(times: &Times, begin: WallTime) -> Option<usize> {
    let first = times.recurrence.first();
    if begin >= first {
        return Some(0);
    }
    let begin =
        WallTime::parse(&format!("{} {}", begin.date(), first.to_string().get(11..)?)).ok()?;
    let rule = times.recurrence.rule().clone().ending(Ends::Never).ok()?;
    let longer = Recurrence::new(rule, begin).ok()?;
    let is_same = longer.contains(times.recurrence.wall_times().next()?);
    is_same.then(|| longer.wall_times().take_while(|wall| *wall < first).count())
}

/// Returns the first occurrence whose post waits, or the next of the rule. With `any`, it may be one that the
/// present rule would not have.
fn first_waiting(
    store: &Tx<'_>,
    series: &Series,
    times: &Times,
    any: bool,
    now: UnixMillis,
) -> Result<Option<WallTime>> {
    let waiting = store.posts_of_series(series.id, None)?;
    let first = waiting
        .into_iter()
        .filter(is_open)
        .filter_map(|post| WallTime::parse(&post.occurrence?.wall_time).ok())
        .find(|wall| any || earlier(times, *wall).is_some());
    let next = || times.ahead(&series.state, now).next().map(|time| time.occurrence);
    Ok(first.or_else(next))
}

/// Moves, removes and makes posts, so that they are those of the new rule.
pub(super) fn carry_out(
    store: &mut Tx<'_>,
    id: SeriesId,
    (before, state): (&SeriesState, &mut SeriesState),
    following: Vec<Post>,
    horizon_end: UnixMillis,
    tally: &mut Tally,
) -> Result<()> {
    let times = Times::of(state)?;
    state.skipped = moved_skips(before, &times)?;
    let stands = stands(store, id, (before, &*state), &times, &following)?;
    let mut covered = HashSet::new();
    let mut places = HashMap::new();
    for (wall, old) in stands {
        match old {
            Old::Settled => {
                covered.insert(wall.to_string());
            }
            Old::Follows(place) => {
                places.insert(place, wall);
            }
        }
    }
    let is_ahead = |wall: WallTime| {
        times.time(wall).at > store.now() && !state.skipped.contains(&wall.to_string())
    };
    let mut goes_to: Vec<(Post, Time)> = Vec::new();
    let mut unwanted = Vec::new();
    for (place, post) in following.into_iter().enumerate() {
        match places.get(&place).filter(|wall| is_ahead(**wall)) {
            Some(wall) => goes_to.push((post, times.time(*wall))),
            None => unwanted.push(post),
        }
    }
    goes_to.sort_by_key(|(_, time)| time.occurrence);
    for post in unwanted {
        remove(store, &post, tally)?;
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
    tally.made = make::make(store, id, state, &times, Actor::Person, &covered)?;
    Ok(())
}

/// Removes a post that has no time any more.
fn remove(store: &mut Tx<'_>, post: &Post, tally: &mut Tally) -> Result<()> {
    match cancel::remove(store, post) {
        Ok(Withdrawal::Done(_)) => tally.removed += 1,
        Ok(Withdrawal::Asked(post)) => {
            give_up_occurrence(store, &post)?;
            tally.removed += 1;
        }
        Err(StoreError::Refused { .. } | StoreError::StillHandedOver { .. }) => tally.kept += 1,
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Returns what of the series as it was stands for each time of the new rule, of the days up to which posts
/// are made. Settled are times of the old rule whose post does not follow the series, and posts that belong
/// to it and do not follow, whatever rule they were made by.
fn stands(
    store: &Tx<'_>,
    id: SeriesId,
    (before, state): (&SeriesState, &SeriesState),
    times: &Times,
    following: &[Post],
) -> Result<BTreeMap<WallTime, Old>> {
    let (now, end) = (store.now(), store.now().plus(make::MADE_AHEAD));
    let mut days: BTreeMap<String, (BTreeMap<WallTime, Old>, Vec<day::New>)> = BTreeMap::new();
    for time in times.after(None).take_while(|time| time.at <= end) {
        let is_open = time.at > now && !state.skipped.contains(&time.occurrence.to_string());
        days.entry(time.occurrence.date()).or_default().1.push((time.occurrence, is_open));
    }
    let mut note = |wall: WallTime, old: Old| {
        if let Some((olds, _)) = days.get_mut(&wall.date()) {
            olds.insert(wall, old);
        }
    };
    let of = |post: &Post| WallTime::parse(&post.occurrence.as_ref()?.wall_time).ok();
    if let Some(until) = before.made_until.as_deref().and_then(|it| WallTime::parse(it).ok()) {
        let made = Times::of(before)?;
        made.recurrence
            .wall_times()
            .take_while(|wall| *wall <= until)
            .for_each(|wall| note(wall, Old::Settled));
    }
    for wall in store.posts_of_series(id, None)?.iter().filter_map(of) {
        note(wall, Old::Settled);
    }
    for (place, post) in following.iter().enumerate() {
        if let Some(wall) = of(post) {
            note(wall, Old::Follows(place));
        }
    }
    Ok(days.into_values().flat_map(|(old, new)| day::pair(&old, &new)).collect())
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

/// Returns what is left out by the new rule: the times that stand for those that were.
fn moved_skips(before: &SeriesState, times: &Times) -> Result<Vec<String>> {
    let left_out: Vec<WallTime> =
        before.skipped.iter().filter_map(|wall| WallTime::parse(wall).ok()).collect();
    let days: HashSet<String> = left_out.iter().map(|wall| wall.date()).collect();
    let Some(last) = days.iter().max().cloned() else { return Ok(Vec::new()) };
    let on_these_days = |times: &Times| -> Vec<WallTime> {
        let near = times.recurrence.wall_times().take_while(|wall| wall.date() <= last);
        near.filter(|wall| days.contains(&wall.date())).collect()
    };
    let (old, new) = (on_these_days(&Times::of(before)?), on_these_days(times));
    let mut skipped = before.skipped.clone();
    for day in &days {
        let mut olds: BTreeMap<WallTime, Old> = BTreeMap::new();
        olds.extend(old.iter().filter(|it| it.date() == *day).map(|it| (*it, Old::Follows(0))));
        olds.extend(left_out.iter().filter(|it| it.date() == *day).map(|it| (*it, Old::Settled)));
        let news: Vec<day::New> =
            new.iter().filter(|it| it.date() == *day).map(|it| (*it, true)).collect();
        let stands = day::pair(&olds, &news).into_iter();
        skipped.extend(stands.filter(|(_, is)| *is == Old::Settled).map(|(it, _)| it.to_string()));
    }
    skipped.sort();
    skipped.dedup();
    Ok(skipped)
}
