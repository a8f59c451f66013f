//! When a row is to go out: marks of UTC beside a zone, times that clocks skip or show twice, and dates
//! that have passed or never were meant.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Code, Problem};
use roost_core::post::check_wall_time;
use roost_core::zone::{WallTime, Zone, resolve, wall_time_of};

use crate::finding::{Finding, FixId, Sink, with_core};

/// What lies further back is no late post but a wrong date.
const LONG_PAST_MILLIS: i64 = 365 * 24 * 60 * 60 * 1000;
/// The days on which spreadsheets begin to count: a time without a date is exported with one of them.
const FIRST_DAYS: &[(i16, i8, i8)] =
    &[(1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1904, 1, 1), (1970, 1, 1)];

/// How late a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// It has passed: the person's choice about late rows holds.
    Late,
    /// It lies more than a year back.
    LongPast,
    /// The date is none: a cell held a time only.
    NoDate,
}

/// Returns whether and how a time has passed.
#[must_use]
pub fn past(wall: WallTime, at: UnixMillis, now: UnixMillis) -> Option<Past> {
    if at >= now {
        None
    } else if FIRST_DAYS.contains(&(wall.year(), wall.month(), wall.day())) {
        Some(Past::NoDate)
    } else if at.0 < now.0 - LONG_PAST_MILLIS {
        Some(Past::LongPast)
    } else {
        Some(Past::Late)
    }
}

/// Tells that a time has passed; a late one is an error only where that was chosen, which the caller
/// knows.
pub fn tell_past(past: Past, wall: &WallTime, zone: &Zone, sink: &mut impl Sink) {
    let (code, message) = match past {
        Past::Late => (Code::TimeInPast, format!("{wall} in {zone} has passed.")),
        Past::LongPast => (Code::TimeLongPast, format!("{wall} lies more than a year back.")),
        Past::NoDate => {
            let (hour, minute) = (wall.hour(), wall.minute());
            (
                Code::DateMissing,
                format!(
                    "Only a time stood in the cell, {hour:02}:{minute:02}: {} is the day from \
                     which spreadsheets count.",
                    wall.date()
                ),
            )
        }
    };
    sink.find(code, || Finding::new(Problem::new(code, message).in_field("scheduledAt")));
}

/// Checks a wall time against the clocks of its zone, and returns the instant that it means: nothing
/// where clocks skip it, the first of two where they show it twice.
pub fn clocks(wall: &WallTime, zone: &Zone, sink: &mut impl Sink) -> Option<UnixMillis> {
    with_core(sink, |findings| check_wall_time(wall, zone, findings))
}

/// Returns the wall time that stands before the mark of UTC.
#[must_use]
pub fn without_utc_mark(at: UnixMillis) -> WallTime {
    wall_time_of(at, &utc())
}

/// Warns of an instant that was written with `Z` or `+00:00` while a zone is named, unless both
/// readings are the same.
pub fn utc_mark(at: UnixMillis, zone: &Zone, sink: &mut impl Sink) {
    let written = without_utc_mark(at);
    if resolve(&written, zone).instant == at {
        return;
    }
    sink.find(Code::UtcTime, || {
        let there = wall_time_of(at, zone);
        let message = format!(
            "The time is marked as UTC: {}Z is {} in {zone}.",
            clock(written),
            if there.date() == written.date() { clock(there) } else { there.to_string() }
        );
        Finding::new(Problem::new(Code::UtcTime, message).in_field("scheduledAt")).with_label(
            FixId::ReadAsWallTime,
            format!("Read as {} in {}", clock(written), place(zone)),
        )
    });
}

/// Returns the time of day, as `09:00`.
fn clock(wall: WallTime) -> String {
    format!("{:02}:{:02}", wall.hour(), wall.minute())
}

/// Returns the place of a zone as people say it: `New York`.
#[must_use]
pub fn place(zone: &Zone) -> String {
    zone.name().rsplit('/').next().unwrap_or(zone.name()).replace('_', " ")
}

fn utc() -> Zone {
    Zone::parse("UTC").expect("the compiled-in database has UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn at(wall: &str, name: &str) -> (WallTime, UnixMillis) {
        let wall = WallTime::parse(wall).unwrap();
        (wall, resolve(&wall, &zone(name)).instant)
    }

    #[test]
    fn a_utc_mark_beside_a_zone_shows_both_readings() {
        let mut findings: Vec<Finding> = Vec::new();
        utc_mark(at("2027-03-01 09:00", "UTC").1, &zone("America/New_York"), &mut findings);
        let problem = &findings[0].problem;
        assert_eq!(
            problem.message,
            "The time is marked as UTC: 09:00Z is 04:00 in America/New_York."
        );
        assert_eq!(findings[0].fixes[0].label, "Read as 09:00 in New York");
        findings.clear();
        utc_mark(at("2027-03-01 22:00", "UTC").1, &zone("Asia/Tokyo"), &mut findings);
        assert!(findings[0].problem.message.contains("22:00Z is 2027-03-02 07:00 in Asia/Tokyo"));
        findings.clear();
        utc_mark(at("2027-03-01 09:00", "UTC").1, &zone("Europe/London"), &mut findings);
        assert_eq!(findings, [], "London shows the same in winter");
    }

    #[test]
    fn a_late_post_a_date_years_ago_and_a_time_without_a_date_are_three_things() {
        let now = at("2027-03-01 09:00", "UTC").1;
        let past = |wall: &str| {
            let (wall, at) = at(wall, "Europe/Berlin");
            past(wall, at, now)
        };
        assert_eq!(past("2027-03-01 10:01"), None);
        assert_eq!(past("2027-03-01 09:59"), Some(Past::Late));
        assert_eq!(past("2026-03-02 09:00"), Some(Past::Late));
        assert_eq!(past("2024-03-01 09:00"), Some(Past::LongPast));
        assert_eq!(past("1899-12-30 14:21:10"), Some(Past::NoDate));
        let mut findings: Vec<Finding> = Vec::new();
        let (wall, _) = at("1899-12-30 14:21", "UTC");
        tell_past(Past::NoDate, &wall, &zone("UTC"), &mut findings);
        assert!(findings[0].problem.message.starts_with("Only a time stood in the cell, 14:21"));
    }

    #[test]
    fn a_time_that_clocks_skip_is_an_error_with_its_neighbours() {
        let mut findings: Vec<Finding> = Vec::new();
        let wall = WallTime::parse("2027-03-28 02:30").unwrap();
        assert_eq!(clocks(&wall, &zone("Europe/Berlin"), &mut findings), None);
        assert_eq!(findings[0].problem.code, Code::TimeInGap);
        assert!(findings[0].problem.remedy.contains("2027-03-28 03:00"));
        let wall = WallTime::parse("2027-11-07 01:30").unwrap();
        assert!(clocks(&wall, &zone("America/New_York"), &mut findings).is_some());
        assert_eq!(findings[1].problem.code, Code::TimeTwice);
    }
}
