//! A wall time: what a clock on a wall shows, without saying where the wall stands.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How much of a wrong text an error repeats, in characters.
const ECHO_MAX: usize = 40;
/// The years a wall time can name; every zone has instants for them.
const YEARS: std::ops::RangeInclusive<i16> = 1..=9998;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Date and time of day, to the second, in a zone that is named elsewhere.
///
/// Written `2027-03-01 00:20`, with `:SS` when the seconds are not zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(DateTime);

/// A text that is no wall time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no date and time: {reason}")]
pub struct InvalidWallTime {
    /// What was written, shortened when it is long.
    pub text: String,
    /// Which part is wrong, and why.
    pub reason: String,
}

impl InvalidWallTime {
    pub(super) fn new(text: &str, reason: impl Into<String>) -> Self {
        Self { text: crate::failure::clip(text, ECHO_MAX), reason: reason.into() }
    }
}

impl WallTime {
    /// Returns the wall time of `2027-03-01 00:20` or `2027-03-01T00:20`, either with `:SS`.
    ///
    /// # Errors
    /// [`InvalidWallTime`] names the part that is missing or impossible.
    pub fn parse(text: &str) -> Result<Self, InvalidWallTime> {
        let text = text.trim();
        Parts::read(text)
            .and_then(Parts::into_wall_time)
            .map_err(|reason| InvalidWallTime::new(text, reason))
    }

    /// Returns the wall time of these parts, when there is such a date in the years 1 to 9998.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8, hour: i8, minute: i8, second: i8) -> Option<Self> {
        let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        YEARS.contains(&year).then_some(Self(civil))
    }

    /// Returns the year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Returns the month, 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Returns the day of the month, from 1.
    #[must_use]
    pub fn day(self) -> i8 {
        self.0.day()
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

    /// Returns the date alone, as `2027-03-01`.
    #[must_use]
    pub fn date(self) -> String {
        self.0.date().to_string()
    }

    /// Returns the wall time `hours` later on the wall, whatever clocks do meanwhile; stays within
    /// the years that a wall time can name.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        let span = jiff::Span::new().try_hours(hours).unwrap_or_default();
        self.0.checked_add(span).map_or(self, |civil| Self::of(civil).unwrap_or(self))
    }

    pub(crate) fn of(civil: DateTime) -> Option<Self> {
        YEARS.contains(&civil.year()).then_some(Self(civil))
    }

    pub(crate) fn civil(self) -> DateTime {
        self.0
    }
}

/// The numbers as written, whether or not there is such a date.
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
}

impl Parts {
    fn read(text: &str) -> Result<Self, String> {
        const EXAMPLE: &str = "write it as YYYY-MM-DD HH:MM, such as 2027-03-01 09:00";
        let shape: String = text
            .chars()
            .take(20)
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect();
        match shape.replace(['T', 't'], " ").as_str() {
            "0000-00-00 00:00" | "0000-00-00 00:00:00" => {}
            "0000-00-00" => {
                return Err("the time of day is missing; add it, such as 09:00".to_owned());
            }
            "" => return Err(format!("it is empty; {EXAMPLE}")),
            _ => return Err(EXAMPLE.to_owned()),
        }
        // The shape is known by now: ASCII digits stand at these places.
        let number = |from: usize, to: usize| {
            text[from..to].bytes().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'))
        };
        let small = |from: usize| i8::try_from(number(from, from + 2)).unwrap_or(i8::MAX);
        Ok(Self {
            year: number(0, 4),
            month: small(5),
            day: small(8),
            hour: small(11),
            minute: small(14),
            second: if text.len() > 16 { small(17) } else { 0 },
        })
    }

    fn into_wall_time(self) -> Result<WallTime, String> {
        let Self { year, month, day, hour, minute, second } = self;
        if !YEARS.contains(&year) {
            return Err(format!("the year {year:04} is out of range"));
        }
        let first = Date::new(year, month, 1)
            .map_err(|_| format!("there is no month {month:02}; months go from 01 to 12"))?;
        if day < 1 || day > first.days_in_month() {
            let name = MONTHS[usize::from(month.unsigned_abs()) - 1];
            let days = first.days_in_month();
            return Err(format!("{name} {year} has {days} days; there is no day {day:02}"));
        }
        if hour == 24 {
            return Err("there is no hour 24; midnight is 00:00 of the next day".to_owned());
        }
        if hour > 23 {
            return Err(format!("there is no hour {hour}; hours go from 00 to 23"));
        }
        if minute > 59 {
            return Err(format!("there is no minute {minute}; minutes go from 00 to 59"));
        }
        WallTime::new(year, month, day, hour, minute, second)
            .ok_or_else(|| format!("there is no second {second}; seconds go from 00 to 59"))
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.0.time();
        write!(formatter, "{} {:02}:{:02}", self.0.date(), time.hour(), time.minute())?;
        if time.second() != 0 {
            write!(formatter, ":{:02}", time.second())?;
        }
        Ok(())
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WallTime({self})")
    }
}

impl FromStr for WallTime {
    type Err = InvalidWallTime;

    fn from_str(text: &str) -> Result<Self, InvalidWallTime> {
        Self::parse(text)
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_moment_may_be_written_in_four_ways() {
        let expected = WallTime::new(2027, 3, 1, 0, 20, 0);
        for text in [
            "2027-03-01 00:20",
            "2027-03-01T00:20",
            "2027-03-01 00:20:00",
            " 2027-03-01T00:20:00\n",
        ] {
            assert_eq!(WallTime::parse(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn an_impossible_date_is_refused_with_the_part_that_is_wrong() {
        for (text, part) in [
            ("2027-02-29 09:00", "February 2027 has 28 days; there is no day 29"),
            ("2027-04-31 09:00", "April 2027 has 30 days; there is no day 31"),
            ("2027-04-00 09:00", "no day 00"),
            ("2027-13-01 09:00", "no month 13"),
            ("2027-00-01 09:00", "no month 00"),
            ("2027-03-01 24:00", "00:00 of the next day"),
            ("2027-03-01 25:00", "no hour 25"),
            ("2027-03-01 09:60", "no minute 60"),
            ("2027-03-01 09:00:60", "no second 60"),
            ("0000-03-01 09:00", "year 0000"),
            ("2027-03-01", "time of day is missing"),
            ("", "empty"),
            ("01/03/2027 09:00", "YYYY-MM-DD"),
            ("2027-3-1 9:00", "YYYY-MM-DD"),
            ("٢٠٢٧-٠٣-٠١ ٠٩:٠٠", "YYYY-MM-DD"),
        ] {
            let error = WallTime::parse(text).unwrap_err();
            assert!(error.reason.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn a_leap_day_exists_in_leap_years_only() {
        assert!(WallTime::parse("2028-02-29 09:00").is_ok());
        assert!(WallTime::parse("2000-02-29 09:00").is_ok());
        assert!(WallTime::parse("2100-02-29 09:00").is_err());
    }

    proptest! {
        #[test]
        fn a_wall_time_reads_back_as_it_was_written(
            year in 1_i16..=9998, month in 1_i8..=12, day in 1_i8..=28,
            hour in 0_i8..24, minute in 0_i8..60, second in 0_i8..60,
        ) {
            let wall = WallTime::new(year, month, day, hour, minute, second).unwrap();
            prop_assert_eq!(WallTime::parse(&wall.to_string()).unwrap(), wall);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,30}") {
            let _ = WallTime::parse(&text);
        }
    }
}
