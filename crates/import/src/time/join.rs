//! A date in one column and a time of day in another.

use roost_core::zone::WallTime;

use super::day::{TimeOfDay, split};
use super::offset::{instant, later};
use super::reading::{OffsetMark, Tail, TimeReading, Unordered};
use super::trouble::Trouble;

/// Returns what the column of dates and the column of times say together. What is wrong with either is
/// the reading of both; where the date is blank the reading is the time's, and the other way round.
///
/// A date that a program gave a midnight (`2027-03-01T00:00:00`, with or without `Z`) is a date.
#[must_use]
pub fn join<'t>(date: TimeReading<'t>, time: TimeReading<'t>) -> TimeReading<'t> {
    match (without_midnight(date), time) {
        (date, TimeReading::Empty) => date,
        (TimeReading::Empty, time) => time,
        (wrong @ TimeReading::Invalid(_), _) | (_, wrong @ TimeReading::Invalid(_)) => wrong,
        (number @ TimeReading::Number(_), _) | (_, number @ TimeReading::Number(_)) => number,
        (TimeReading::Date(day), TimeReading::Time(time, tail)) => whole(day.at(time), tail, false),
        (TimeReading::Unordered(dates), TimeReading::Time(time, _)) => match dates.time {
            Some(other) if other != time => TimeReading::Invalid(Trouble::TwoTimes),
            _ => TimeReading::Unordered(Unordered { time: Some(time), ..dates }),
        },
        (moment, TimeReading::Time(time, tail)) => match (clock_of(moment), moment) {
            (Some((_, own)), _) if own != time => TimeReading::Invalid(Trouble::TwoTimes),
            // The zone stands in the column of times alone.
            (_, TimeReading::Wall(wall)) => whole(wall, tail, false),
            _ => moment,
        },
        (TimeReading::Date(day), moment) => match clock_of(moment) {
            // The column of times repeats the date.
            Some((other, _)) if other == day => moment,
            _ => TimeReading::Invalid(Trouble::TwoDates),
        },
        _ => TimeReading::Invalid(Trouble::TwoDates),
    }
}

/// A date in a program's hands becomes a midnight; the other column says the time.
fn without_midnight(date: TimeReading<'_>) -> TimeReading<'_> {
    match date {
        TimeReading::Wall(wall) => match split(wall) {
            (day, TimeOfDay::MIDNIGHT) => TimeReading::Date(day),
            _ => date,
        },
        TimeReading::Instant(instant) if instant.mark == OffsetMark::Z => {
            match split(instant.wall) {
                (day, TimeOfDay::MIDNIGHT) => TimeReading::Date(day),
                _ => date,
            }
        }
        other => other,
    }
}

/// Returns the moment of a wall time with what stands behind it, one second later where a fraction of a
/// second stood there.
pub(super) fn whole(wall: WallTime, tail: Tail<'_>, has_fraction: bool) -> TimeReading<'_> {
    let beyond = TimeReading::Invalid(Trouble::NoSuchYear(i32::from(wall.year()) + 1));
    let rounded = if has_fraction { later(wall, 1) } else { Some(wall) };
    match (tail, rounded) {
        (Tail::Nothing, Some(wall)) => TimeReading::Wall(wall),
        (Tail::Zone(zone), Some(wall)) => TimeReading::Zoned(wall, zone),
        (Tail::Offset(minutes, mark), _) => {
            instant(wall, minutes, has_fraction, mark).map_or(beyond, TimeReading::Instant)
        }
        (_, None) => beyond,
    }
}

fn clock_of(moment: TimeReading<'_>) -> Option<(super::Day, TimeOfDay)> {
    match moment {
        TimeReading::Wall(wall) | TimeReading::Zoned(wall, _) => Some(split(wall)),
        TimeReading::Instant(instant) => Some(split(instant.wall)),
        _ => None,
    }
}
