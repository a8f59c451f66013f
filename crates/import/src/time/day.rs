//! A date, and a time of day.

use std::fmt;

use jiff::civil::{Date, Time};
use roost_core::zone::WallTime;

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

/// Returns how many days a month has; 31 where there is no such month.
pub(super) fn days_in(year: i16, month: u32) -> i8 {
    let first = i8::try_from(month).ok().and_then(|month| Day::new(year, month, 1));
    first.map_or(31, |day| day.0.days_in_month())
}
