//! From what a host asks for to the arithmetic of times.

use std::collections::HashMap;

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::id::PostId;
use roost_core::reschedule::{self, PlannedTime, Spread, Weekdays, WeekendMove};
use roost_core::zone::{WallTime, Zone};
use roost_store::Read;

use super::ground::Ground;
use super::row::Row;
use super::{invalid, slots};
use crate::api::{SpreadOver, TimeChange, WeekendDay};
use crate::{Error, Result};

/// Minutes of a day.
const MINUTES_PER_DAY: u32 = 24 * 60;
/// Seconds of a minute.
const SECONDS: u32 = 60;
/// 9990-01-01: where posts without a time stand while others are put before them.
const BEHIND_ALL: UnixMillis = UnixMillis(253_086_595_200_000);

/// Returns whether a change gives each post a time of its own, whatever it had.
pub(super) const fn gives_times(change: &TimeChange) -> bool {
    matches!(change, TimeChange::Spread(_) | TimeChange::NextSlots)
}

/// Gives the posts that can be moved their new times.
pub(super) fn change(
    store: &Read<'_>,
    change: &TimeChange,
    rows: &mut [Row],
    ground: &Ground,
) -> Result<()> {
    // A follow-up moves with its parent, and by itself not.
    let movable: Vec<usize> = (0..rows.len())
        .filter(|it| rows[*it].refused.is_none() && rows[*it].post.follow_up.is_none())
        .collect();
    // Behind all others, in the order that they have.
    let behind = || PlannedTime::at_instant(BEHIND_ALL, ground.facts.scene.zone.clone());
    let times: Vec<PlannedTime> =
        movable.iter().map(|it| rows[*it].time.clone().unwrap_or_else(behind)).collect();
    if matches!(change, TimeChange::NextSlots) {
        return slots::take(store, rows, &movable, &times, ground);
    }
    let ids: Vec<PostId> = movable.iter().map(|it| rows[*it].post.id).collect();
    let refused = |id: &PostId| rows.iter().any(|row| row.post.id == *id && row.refused.is_some());
    let changed = new_times(change, &ids, &times, &refused, ground)?;
    for (place, time) in movable.into_iter().zip(changed) {
        rows[place].after.time = Some(time);
    }
    Ok(())
}

/// Returns the new times of posts, each at the place of its post.
fn new_times(
    change: &TimeChange,
    ids: &[PostId],
    times: &[PlannedTime],
    is_refused: &dyn Fn(&PostId) -> bool,
    ground: &Ground,
) -> Result<Vec<PlannedTime>> {
    let changed = match change {
        TimeChange::Shift { days, seconds } => reschedule::shift(times, *days, *seconds),
        TimeChange::MoveFirstTo { wall_time: text } => {
            reschedule::move_first_to(times, wall_time(text)?)
        }
        TimeChange::SetTimeOfDay { time } => {
            let minute = minute_of_day(time, "time")?;
            let part = |number: u32| i8::try_from(number).unwrap_or(i8::MAX);
            reschedule::set_time_of_day(times, part(minute / 60), part(minute % 60))
        }
        TimeChange::SetDate { date: text } => reschedule::set_date(times, date(text, "date")?),
        TimeChange::Spread(over) => reschedule::spread(times, &spread(over, ground)?),
        // Each account has its own; see `slots`.
        TimeChange::NextSlots => Ok(times.to_vec()),
        TimeChange::Arrange { order } => {
            let wanted = order.iter().filter(|id| !is_refused(id));
            reschedule::arrange(times, &places(ids, wanted))
        }
        TimeChange::Reverse => Ok(reschedule::reverse(times)),
        TimeChange::Swap if times.len() == 2 => Ok(reschedule::reverse(times)),
        TimeChange::Swap => return Err(not_two(times.len())),
        TimeChange::Shuffle { seed } => Ok(reschedule::shuffle(times, u64::from(*seed))),
        TimeChange::Compress { longest_gap_minutes: gap } => {
            Ok(reschedule::compress(times, gap.saturating_mul(SECONDS)))
        }
        TimeChange::PushBack { taken_at, gap_minutes } => {
            Ok(reschedule::push_back(times, *taken_at, gap_minutes.saturating_mul(SECONDS)))
        }
        TimeChange::Insert { post, wall_time: text, gap_minutes } => {
            let Some(place) = ids.iter().position(|id| id == post) else {
                return Err(Error::NoSuchPost(*post));
            };
            let gap = gap_minutes.saturating_mul(SECONDS);
            Ok(insert(times, place, wall_time(text)?, gap))
        }
        TimeChange::OutOfWeekend { to } => reschedule::out_of_weekend(times, weekend(*to)),
        TimeChange::ByRules { keep_instant } => Ok(reschedule::by_rules(times, *keep_instant)),
        TimeChange::ToZone { zone, keep_instant } => {
            Ok(reschedule::to_zone(times, &Zone::parse(zone)?, *keep_instant))
        }
    };
    changed.map_err(invalid::times)
}

/// Returns the places of posts; of one that isn't selected, a place that isn't there.
fn places<'p>(ids: &[PostId], order: impl Iterator<Item = &'p PostId>) -> Vec<usize> {
    let places: HashMap<&PostId, usize> =
        ids.iter().enumerate().map(|(place, id)| (id, place)).collect();
    order.map(|id| places.get(id).copied().unwrap_or(usize::MAX)).collect()
}

/// Returns the times with the one at `place` at a wall time, and the others pushed back from there on.
fn insert(
    times: &[PlannedTime],
    place: usize,
    wall: WallTime,
    gap_seconds: u32,
) -> Vec<PlannedTime> {
    let inserted = PlannedTime::on_wall(wall, times[place].zone.clone());
    let mut others = times.to_vec();
    others.remove(place);
    let mut moved = reschedule::push_back(&others, inserted.at, gap_seconds);
    moved.insert(place, inserted);
    moved
}

fn not_two(movable: usize) -> Error {
    let message = format!("Two posts exchange their times, and {movable} of these can be moved.");
    let problem = Problem::new(Code::BadRequest, message);
    Error::Invalid(vec![problem.with_remedy("Choose two that can be moved.")])
}

fn wall_time(text: &str) -> Result<WallTime> {
    WallTime::parse(text)
        .map_err(|error| invalid::field(Code::TimeInvalid, format!("{error}."), "wall_time"))
}

fn date(text: &str, field: &str) -> Result<WallTime> {
    WallTime::parse(&format!("{} 00:00", text.trim())).map_err(|error| {
        invalid::field(
            Code::TimeInvalid,
            format!("\"{text}\" is no date: {}.", error.reason),
            field,
        )
    })
}

/// Returns the minute of the day that `09:00` means; 1440 for `24:00`.
fn minute_of_day(text: &str, field: &str) -> Result<u32> {
    let number = |part: &str| part.parse().ok().filter(|_| part.len() <= 2);
    let parsed = text.trim().split_once(':').and_then(|(hour, minute)| {
        let (hour, minute): (u32, u32) = (number(hour)?, number(minute)?);
        (minute < 60).then_some(hour * 60 + minute).filter(|minute| *minute <= MINUTES_PER_DAY)
    });
    parsed.ok_or_else(|| {
        invalid::field(
            Code::TimeInvalid,
            format!("\"{text}\" is no time of day; write it as 09:00."),
            field,
        )
    })
}

fn spread(over: &SpreadOver, ground: &Ground) -> Result<Spread> {
    let zone = over.zone.as_deref().map(Zone::parse).transpose()?;
    let weekdays =
        if over.weekdays.is_empty() { Weekdays::ALL } else { Weekdays::of(&over.weekdays) };
    Ok(Spread {
        first_day: date(&over.first_day, "first_day")?,
        days: over.days,
        weekdays,
        from_minute: minute_of_day(&over.from, "from")?,
        to_minute: minute_of_day(&over.to, "to")?,
        jitter_minutes: over.jitter_minutes,
        seed: u64::from(over.seed),
        zone: zone.unwrap_or_else(|| ground.facts.scene.zone.clone()),
    })
}

const fn weekend(day: WeekendDay) -> WeekendMove {
    match day {
        WeekendDay::Friday => WeekendMove::Friday,
        WeekendDay::Monday => WeekendMove::Monday,
        WeekendDay::Nearest => WeekendMove::Nearest,
    }
}
