//! What a cell can say of a moment.

use std::fmt;

use jiff::civil::{Date, Time};
use roost_core::clock::UnixMillis;
use roost_core::zone::WallTime;
use serde::{Deserialize, Serialize};

use super::trouble::Trouble;

/// How the dates of a column are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DateRules {
    /// What stands in the column.
    pub place: Place,
    /// In which order day and month are named, where the column has an order.
    pub order: Option<DateOrder>,
    /// What its numbers are; `None` while it is not known that they are dates.
    pub numbers: Option<NumberDates>,
}

/// What a column of dates is expected to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// Date and time in one.
    #[default]
    Whole,
    /// The date; the time stands in a column of its own.
    Date,
    /// The time of day.
    Time,
}

/// In which order a date names day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum DateOrder {
    /// `31.12.2027`
    DayMonthYear,
    /// `12/31/2027`
    MonthDayYear,
    /// The column alone does not decide it: a person is asked, and its dates are errors until then.
    Unclear,
}

/// What the numbers in a column of dates count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum NumberDates {
    /// Days of a spreadsheet, counted from 1900.
    #[serde(rename = "serial_1900")]
    Serial1900,
    /// Days of a spreadsheet, counted from 1904, as old ones of a Mac are.
    #[serde(rename = "serial_1904")]
    Serial1904,
    /// Seconds since 1970, UTC.
    EpochSeconds,
    /// Milliseconds since 1970, UTC.
    EpochMillis,
}

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

/// A date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub(super) Date);

impl Day {
    /// Returns the date of these parts; `None` where there is none in the years 1 to 9998.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = Date::new(year, month, day).ok()?;
        (1..=9998).contains(&year).then_some(Self(date))
    }

    /// Returns the moment at which a clock shows `time` on this date.
    #[must_use]
    pub fn at(self, time: TimeOfDay) -> WallTime {
        let (date, clock) = (self.0, time.0);
        WallTime::new(
            date.year(),
            date.month(),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second(),
        )
        .expect("a date of the years 1 to 9998 with a time of day is a wall time")
    }

    /// Returns the year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Returns the day after it; `None` after the last that there is.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        let date = self.0.tomorrow().ok()?;
        Self::new(date.year(), date.month(), date.day())
    }

    /// Returns the day of the week, Monday 1 to Sunday 7.
    #[must_use]
    pub fn weekday(self) -> u8 {
        self.0.weekday().to_monday_one_offset().unsigned_abs()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Day({self})")
    }
}

/// A time of day, to the second. Written `09:00`, with `:SS` when the seconds are not zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(pub(super) Time);

impl TimeOfDay {
    /// The first of a day.
    pub const MIDNIGHT: Self = Self(Time::midnight());

    /// Returns the time of these parts; `None` where there is none.
    #[must_use]
    pub fn new(hour: i8, minute: i8, second: i8) -> Option<Self> {
        Time::new(hour, minute, second, 0).ok().map(Self)
    }

    /// Returns the hour, 0 to 23.
    #[must_use]
    pub fn hour(self) -> i8 {
        self.0.hour()
    }

    /// Returns the minute, 0 to 59.
    #[must_use]
    pub fn minute(self) -> i8 {
        self.0.minute()
    }

    /// Returns the second, 0 to 59.
    #[must_use]
    pub fn second(self) -> i8 {
        self.0.second()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.hour(), self.minute())?;
        match self.second() {
            0 => Ok(()),
            second => write!(formatter, ":{second:02}"),
        }
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TimeOfDay({self})")
    }
}

/// Returns the date and the time of day of a wall time.
pub(super) fn split(wall: WallTime) -> (Day, TimeOfDay) {
    let day = Day::new(wall.year(), wall.month(), wall.day());
    let time = TimeOfDay::new(wall.hour(), wall.minute(), wall.second());
    day.zip(time).expect("a wall time has a date and a time of day")
}
