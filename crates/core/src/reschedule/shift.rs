//! Every post by the same distance, or to the same day, time of day or zone.

use super::{PlannedTime, RescheduleError, by_instant};
use crate::clock::UnixMillis;
use crate::zone::{WallTime, Zone, moved_by_rules};

/// Returns the times `days` days and then `seconds` seconds later (earlier where negative).
///
/// Days count on the calendar: a post at nine stays at nine when clocks change between. Seconds
/// count as they pass: two hours later is two hours later.
///
/// # Errors
/// [`RescheduleError::OutOfYears`] where a post would leave the years that a time can name.
pub fn shift(
    times: &[PlannedTime],
    days: i64,
    seconds: i64,
) -> Result<Vec<PlannedTime>, RescheduleError> {
    times.iter().map(|time| shifted(time, days, seconds)).collect()
}

fn shifted(time: &PlannedTime, days: i64, seconds: i64) -> Result<PlannedTime, RescheduleError> {
    let PlannedTime { wall, zone, .. } = time;
    let mut moved = time.clone();
    if days != 0 {
        let wall = wall.plus_days(days).ok_or(RescheduleError::OutOfYears)?;
        moved = PlannedTime::on_wall(wall, zone.clone());
    }
    if seconds != 0 {
        // The wall says whether there is such a year; the instant counts what passes.
        moved.wall.plus_seconds(seconds).ok_or(RescheduleError::OutOfYears)?;
        let millis = seconds.checked_mul(1_000).and_then(|span| moved.at.0.checked_add(span));
        let at = UnixMillis(millis.ok_or(RescheduleError::OutOfYears)?);
        moved = PlannedTime::at_instant(at, zone.clone());
    }
    Ok(moved)
}

/// Returns the times with the earliest at `first` and all others as far from it as they were, on
/// the wall: what went out at nine on each of five days does so again.
///
/// # Errors
/// [`RescheduleError::OutOfYears`] where a post would leave the years that a time can name.
pub fn move_first_to(
    times: &[PlannedTime],
    first: WallTime,
) -> Result<Vec<PlannedTime>, RescheduleError> {
    let Some(earliest) = by_instant(times).first().map(|place| times[*place].wall) else {
        return Ok(Vec::new());
    };
    let distance = first.seconds_since(earliest);
    let moved = |time: &PlannedTime| {
        let wall = time.wall.plus_seconds(distance).ok_or(RescheduleError::OutOfYears)?;
        Ok(PlannedTime::on_wall(wall, time.zone.clone()))
    };
    times.iter().map(moved).collect()
}

/// Returns the times on their days at another time of day.
///
/// # Errors
/// [`RescheduleError::NoSuchTimeOfDay`].
pub fn set_time_of_day(
    times: &[PlannedTime],
    hour: i8,
    minute: i8,
) -> Result<Vec<PlannedTime>, RescheduleError> {
    let set = |time: &PlannedTime| {
        let wall = time.wall.at_time_of_day(hour, minute, 0);
        let wall = wall.ok_or(RescheduleError::NoSuchTimeOfDay)?;
        Ok(PlannedTime::on_wall(wall, time.zone.clone()))
    };
    times.iter().map(set).collect()
}

/// Returns the times on the day of `date`, each at its own time of day.
///
/// # Errors
/// [`RescheduleError::OutOfYears`]; a day has every time of day, so it does not happen.
pub fn set_date(
    times: &[PlannedTime],
    date: WallTime,
) -> Result<Vec<PlannedTime>, RescheduleError> {
    let set = |time: &PlannedTime| {
        let PlannedTime { wall, zone, .. } = time;
        let wall = date.at_time_of_day(wall.hour(), wall.minute(), wall.second());
        Ok(PlannedTime::on_wall(wall.ok_or(RescheduleError::OutOfYears)?, zone.clone()))
    };
    times.iter().map(set).collect()
}

/// Returns the times as the rules of their zones have them today. Those that rules have changed since
/// they were planned keep their instant, and show another wall time, or keep their wall time, and move.
#[must_use]
pub fn by_rules(times: &[PlannedTime], keep_instant: bool) -> Vec<PlannedTime> {
    let settled = |time: &PlannedTime| match moved_by_rules(&time.wall, &time.zone, time.at) {
        None => time.clone(),
        Some(_) if keep_instant => PlannedTime::at_instant(time.at, time.zone.clone()),
        Some(at) => PlannedTime { at, ..time.clone() },
    };
    times.iter().map(settled).collect()
}

/// Returns the times in another zone: at the same time of day there, or, with `keep_instant`, at
/// the same instant.
#[must_use]
pub fn to_zone(times: &[PlannedTime], zone: &Zone, keep_instant: bool) -> Vec<PlannedTime> {
    let moved = |time: &PlannedTime| {
        if keep_instant {
            PlannedTime::at_instant(time.at, zone.clone())
        } else {
            PlannedTime::on_wall(time.wall, zone.clone())
        }
    };
    times.iter().map(moved).collect()
}
