//! Whether there is such a date and such a time of day, and what is wrong if not.

use super::day::{Day, TimeOfDay};
use super::trouble::Trouble;

/// The years in which the counts of spreadsheets and of computers begin: a date in one of them is an
/// empty cell, or a time of day that lost its date.
const EPOCH_YEARS: [i32; 5] = [1, 1899, 1900, 1904, 1970];

/// Returns whether dates of this year have to be looked at for being none.
pub(super) fn is_spreadsheet_epoch(year: i32) -> bool {
    year <= 1 || EPOCH_YEARS.contains(&year)
}

/// Returns whether a date is the one at which a spreadsheet begins to count, so that only the time of
/// day was meant: 1899-12-30, 1899-12-31, 1900-01-00, 1904-01-01.
pub(super) fn is_spreadsheet_zero(year: i32, month: u32, day: u32) -> bool {
    matches!((year, month, day), (1899, 12, 30 | 31) | (1900, 1, 0) | (1904, 1, 1))
}

/// Returns whether a date is what an empty one becomes in a database or a program: 0000-00-00,
/// 0001-01-01, 1970-01-01.
pub(super) fn is_empty_date(year: i32, month: u32, day: u32) -> bool {
    matches!((year, month, day), (0, 0, 0) | (1 | 1970, 1, 1))
}

/// Returns the date of these numbers.
///
/// # Errors
/// The number that there is none of.
pub(super) fn day(year: i32, month: u32, day: u32) -> Result<Day, Trouble> {
    let years = i16::try_from(year).ok().filter(|year| (1..=9998).contains(year));
    let Some(short) = years else { return Err(Trouble::NoSuchYear(year)) };
    if !(1..=12).contains(&month) {
        return Err(Trouble::NoSuchMonth(month));
    }
    let numbers = i8::try_from(month).ok().zip(i8::try_from(day).ok());
    numbers.and_then(|(month, day)| Day::new(short, month, day)).ok_or(Trouble::NoSuchDay {
        year: short,
        month,
        day,
    })
}

/// Which half of the day a clock of twelve hours means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

/// Returns the time of day of these numbers. An hour beyond 12 in the afternoon is taken for what it
/// is: `14:00 PM` can be nothing else.
///
/// # Errors
/// The number that there is none of.
pub(super) fn time(
    hour: u32,
    minute: u32,
    second: u32,
    half: Option<Half>,
) -> Result<TimeOfDay, Trouble> {
    let on_the_clock = match (half, hour) {
        (_, 24) if minute == 0 && second == 0 => return Err(Trouble::Hour24),
        (_, 24..) => return Err(Trouble::NoSuchHour(hour)),
        (None, _) | (Some(Half::Morning), 0..=11) | (Some(Half::Afternoon), 12..) => hour,
        (Some(Half::Morning), 12) => 0,
        (Some(Half::Afternoon), 1..=11) => hour + 12,
        (Some(_), _) => return Err(Trouble::NoSuchTwelveHour(hour)),
    };
    if minute > 59 {
        return Err(Trouble::NoSuchMinute(minute));
    }
    let parts =
        [on_the_clock, minute, second].map(|number| i8::try_from(number).unwrap_or(i8::MAX));
    TimeOfDay::new(parts[0], parts[1], parts[2]).ok_or(Trouble::NoSuchSecond(second))
}
