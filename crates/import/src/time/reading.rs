//! What a cell can say of a moment.

use std::fmt;

use roost_core::clock::UnixMillis;
use roost_core::zone::WallTime;

use super::day::{Day, TimeOfDay};
use super::rules::NumberDates;
use super::trouble::Trouble;

/// What a cell says of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeReading<'t> {
    /// Nothing: the cell is blank.
    Empty,
    /// What a clock shows in the row's zone.
    Wall(WallTime),
    /// What a clock shows in the zone that the cell itself names, as it writes it: `EST`,
    /// `Europe/Berlin`. The word may be no zone's name.
    Zoned(WallTime, &'t str),
    /// An instant: `Z`, an offset or UTC stands there.
    Instant(Instant),
    /// A date without a time of day.
    Date(Day),
    /// A time of day without a date, and what stands behind it.
    Time(TimeOfDay, Tail<'t>),
    /// A number that looks like a date; it is none until the column is said to hold such numbers.
    Number(NumberReading),
    /// Day and month could be either way round.
    Unordered(Unordered),
    /// No moment.
    Invalid(Trouble),
}

/// What stands behind a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tail<'t> {
    /// Nothing: it is a time on the clocks of the row's zone.
    #[default]
    Nothing,
    /// An offset from UTC in minutes, east positive.
    Offset(i16, OffsetMark),
    /// A zone, as the cell writes it.
    Zone(&'t str),
}

/// An instant as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    /// The instant, a fraction of a second rounded up.
    pub at: UnixMillis,
    /// The wall time in front of the offset.
    pub wall: WallTime,
    /// The offset from UTC in minutes, east positive.
    pub offset_minutes: i16,
    /// How the offset is written.
    pub mark: OffsetMark,
}

impl Instant {
    /// Returns whether it is marked as UTC, however that is written: `Z`, `+00:00` or `UTC`. A count
    /// since 1970 has no mark.
    #[must_use]
    pub const fn is_utc(&self) -> bool {
        self.offset_minutes == 0 && !matches!(self.mark, OffsetMark::Epoch)
    }
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OffsetMark {
    /// The letter `Z`.
    Z,
    /// The word `UTC`, without a number.
    Utc,
    /// A number, such as `+01:00` or `GMT+1`.
    Number,
    /// No offset stands there: the instant is a count since 1970.
    Epoch,
}

/// A number that looks like a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberReading {
    /// What it counts, as it seems.
    pub kind: NumberDates,
    /// What it would mean then.
    pub means: NumberMoment,
}

/// What a number means as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberMoment {
    /// A serial with a fraction: date and time.
    Wall(WallTime),
    /// A whole serial: a date.
    Date(Day),
    /// A serial below 1: a time of day.
    Time(TimeOfDay),
    /// A count since 1970.
    Instant(Instant),
}

impl NumberMoment {
    /// Returns the reading that it is once the column's numbers are known to be dates.
    #[must_use]
    pub const fn reading(self) -> TimeReading<'static> {
        match self {
            Self::Wall(wall) => TimeReading::Wall(wall),
            Self::Date(day) => TimeReading::Date(day),
            Self::Time(time) => TimeReading::Time(time, Tail::Nothing),
            Self::Instant(instant) => TimeReading::Instant(instant),
        }
    }
}

impl fmt::Display for NumberMoment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wall(wall) => wall.fmt(formatter),
            Self::Date(day) => day.fmt(formatter),
            Self::Time(time) => time.fmt(formatter),
            Self::Instant(instant) => write!(formatter, "{} UTC", instant.wall),
        }
    }
}

/// A date whose day and month could be either way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unordered {
    /// The date when the day stands first, if there is such a date.
    pub day_first: Option<Day>,
    /// The date when the month stands first, if there is such a date.
    pub month_first: Option<Day>,
    /// The time of day, if one stands there or in the row's column of times.
    pub time: Option<TimeOfDay>,
}
