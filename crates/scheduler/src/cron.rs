//! Cron patterns: five fields, on the wall clock of a zone.
//!
//! `croner` reads the pattern and walks the calendar; what a wall clock shows in a zone, and
//! when, is jiff's and its bundled tzdb's. A pattern of fixed hours whose time the clock jumps
//! over runs at the first instant after the jump, and runs once when the clock shows its time
//! twice; a pattern of every hour follows elapsed time.

use std::cmp::Ordering;

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use jiff::civil::{self, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};

const ZONE_PREFIX: &str = "CRON_TZ=";
/// The longest pattern.
const LONGEST: usize = 256;

/// A pattern with its zone.
#[derive(Debug, Clone)]
pub(crate) struct Cron {
    pattern: croner::Cron,
    zone: TimeZone,
}

impl Cron {
    /// Reads `*/5 * * * *` (UTC) or `CRON_TZ=Europe/Berlin */5 * * * *`.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let invalid = |why: &str| format!("Invalid cron expression: {why}");
        if text.len() > LONGEST {
            return Err(invalid("it is too long"));
        }
        let (zone, fields) = match text.strip_prefix(ZONE_PREFIX) {
            Some(rest) => {
                let (name, fields) =
                    rest.split_once(char::is_whitespace).ok_or(invalid("no fields follow"))?;
                let zone = TimeZoneDatabase::bundled().get(name);
                (zone.map_err(|_| invalid(&format!("there is no time zone {name}")))?, fields)
            }
            None => (TimeZone::UTC, text),
        };
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed);
        let pattern = parser.build().parse(fields.trim());
        let pattern = pattern.map_err(|error| invalid(&error.to_string()))?;
        Ok(Self { pattern, zone })
    }

    /// The first time after `instant`, both Unix milliseconds; absent when there is none.
    pub(crate) fn next(&self, instant: i64) -> Option<i64> {
        let after = Timestamp::from_millisecond(instant).ok()?.to_zoned_datetime(self.zone.clone());
        let next = self.pattern.find_next_occurrence(&OnTheWall(after), false).ok()?;
        Some(next.0.timestamp().as_millisecond())
    }
}

/// jiff's instants as croner asks for them.
#[derive(Clone)]
struct OnTheWall(ZonedDateTime);

impl CronDateTime for OnTheWall {
    fn to_civil(&self) -> CivilDateTime {
        let part = |n: i8| u32::from(n.unsigned_abs());
        let (date, time) = (self.0.date(), self.0.time());
        let day = CivilDate::from_ymd_opt(date.year().into(), part(date.month()), part(date.day()));
        let time = CivilTime::from_parts_unchecked(
            part(time.hour()),
            part(time.minute()),
            part(time.second()),
        );
        CivilDateTime::new(day.expect("jiff's dates exist"), time)
    }

    fn civil_weekday(&self) -> Weekday {
        match self.0.weekday() {
            civil::Weekday::Sunday => Weekday::Sunday,
            civil::Weekday::Monday => Weekday::Monday,
            civil::Weekday::Tuesday => Weekday::Tuesday,
            civil::Weekday::Wednesday => Weekday::Wednesday,
            civil::Weekday::Thursday => Weekday::Thursday,
            civil::Weekday::Friday => Weekday::Friday,
            civil::Weekday::Saturday => Weekday::Saturday,
        }
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let found = self.0.time_zone().to_ambiguous_zoned_datetime(on_the_calendar(civil)?);
        let sound = |zoned: Result<ZonedDateTime, jiff::Error>| {
            zoned.map(Self).map_err(|_| CronError::InvalidTime)
        };
        Ok(match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(sound(found.unambiguous())?),
            AmbiguousOffset::Fold { .. } => {
                Resolution::Ambiguous(sound(found.clone().earlier())?, sound(found.later())?)
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

fn on_the_calendar(civil: CivilDateTime) -> Result<DateTime, CronError> {
    let wrong = |_| CronError::InvalidDate;
    let part = |n: u32| i8::try_from(n).map_err(wrong);
    let year = i16::try_from(civil.year()).map_err(wrong)?;
    DateTime::new(
        year,
        part(civil.month())?,
        part(civil.day())?,
        part(civil.hour())?,
        part(civil.minute())?,
        part(civil.second())?,
        0,
    )
    .map_err(|_| CronError::InvalidDate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn times(cron: &str, from: &str, count: usize) -> Vec<String> {
        let cron = Cron::parse(cron).unwrap();
        let mut instant = at(from);
        let mut times = Vec::new();
        for _ in 0..count {
            instant = cron.next(instant).unwrap();
            times.push(Timestamp::from_millisecond(instant).unwrap().to_string());
        }
        times
    }

    #[test]
    fn fields_are_read_on_the_clock_of_the_zone() {
        assert_eq!(
            times("*/20 8 * * 1-5", "2027-03-05T08:39:59.999Z", 3),
            ["2027-03-05T08:40:00Z", "2027-03-08T08:00:00Z", "2027-03-08T08:20:00Z"]
        );
        assert_eq!(
            times("  CRON_TZ=Asia/Kolkata 30 9 1 * *  ", "2027-03-05T00:00:00Z", 1),
            ["2027-04-01T04:00:00Z"]
        );
        assert_eq!(times("0 0 29 2 *", "2027-03-05T00:00:00Z", 1), ["2028-02-29T00:00:00Z"]);
        // Day of month or day of week, when both are given.
        assert_eq!(
            times("0 0 1 * 1", "2027-03-29T00:00:00Z", 2),
            ["2027-04-01T00:00:00Z", "2027-04-05T00:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clock_jumps_over_runs_once_right_after() {
        let berlin = "CRON_TZ=Europe/Berlin 30 2 * * *";
        assert_eq!(
            times(berlin, "2027-03-27T12:00:00Z", 2),
            ["2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clock_shows_twice_runs_once() {
        let berlin = "CRON_TZ=Europe/Berlin 30 2 * * *";
        assert_eq!(
            times(berlin, "2027-10-30T12:00:00Z", 2),
            ["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"]
        );
    }

    #[test]
    fn every_half_hour_stays_every_half_hour_whatever_the_clock_does() {
        for (from, times_in_utc) in [
            ("2027-03-28T00:10:00Z", ["00:30", "01:00", "01:30", "02:00"]),
            ("2027-10-30T23:50:00Z", ["00:00", "00:30", "01:00", "01:30"]),
        ] {
            let found = times("CRON_TZ=Europe/Berlin */30 * * * *", from, 4);
            let found: Vec<&str> = found.iter().map(|time| &time[11..16]).collect();
            assert_eq!(found, times_in_utc);
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_in_words() {
        for wrong in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "x * * * *",
            "CRON_TZ=Europe/Atlantis * * * * *",
            "CRON_TZ=Europe/Berlin",
            &"*".repeat(300),
        ] {
            let error = Cron::parse(wrong).err();
            assert!(
                error.is_some_and(|words| words.starts_with("Invalid cron expression: ")),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_day_that_never_comes_has_no_next_time() {
        assert_eq!(Cron::parse("0 0 30 2 *").ok().and_then(|cron| cron.next(0)), None);
    }
}
