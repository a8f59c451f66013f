//! Times that repeat: a rule of RFC 5545 and the first of its times, on a wall whose place is said
//! elsewhere. The rule is expanded in floating time, so that a time of day stays what it is whatever clocks
//! do; [`planned_at`] resolves each wall time by the one rule for zones.

mod rule;
mod words;

use chrono::{Datelike, TimeZone, Timelike};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

use crate::clock::UnixMillis;
use crate::zone::{ResolutionKind, WallTime, Zone, resolve, wall_time_of};

pub use rule::{Ends, InvalidRule, RecurrenceRule};

/// Wall times that a rule is followed for; by then it counts as ended. At one post a day these are over a
/// hundred years.
pub const OCCURRENCES_MAX: usize = 50_000;

/// A rule, and the wall time from which it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    rule: RecurrenceRule,
    first: WallTime,
    expanded: RRuleSet,
}

impl Recurrence {
    /// Returns the times of `rule` from `first` on. `first` itself is one where it is a time of the rule.
    ///
    /// # Errors
    /// When the rule has a value that RFC 5545 does not allow, or ends before it begins.
    pub fn new(rule: RecurrenceRule, first: WallTime) -> Result<Self, InvalidRule> {
        let start = floating(first).ok_or_else(|| InvalidRule::new("its first time is no time"))?;
        if let Ends::Until(until) = rule.ends()
            && until < first
        {
            return Err(InvalidRule::new(format!("it ends on {until}, before {first}")));
        }
        let refused = |error: rrule::RRuleError| InvalidRule::new(error.to_string());
        let unchecked: RRule<Unvalidated> = rule.for_expansion().parse().map_err(refused)?;
        let checked = unchecked.validate(start).map_err(refused)?;
        Ok(Self { rule, first, expanded: RRuleSet::new(start).rrule(checked).limit() })
    }

    /// Returns the rule.
    #[must_use]
    pub const fn rule(&self) -> &RecurrenceRule {
        &self.rule
    }

    /// Returns the wall time from which the rule holds.
    #[must_use]
    pub const fn first(&self) -> WallTime {
        self.first
    }

    /// Returns the wall times, in their order.
    pub fn wall_times(&self) -> impl Iterator<Item = WallTime> {
        self.expanded.into_iter().map_while(|at| wall_time(&at)).take(OCCURRENCES_MAX)
    }

    /// Returns the wall times later than `after`, or all of them, in their order.
    pub fn after(&self, after: Option<WallTime>) -> impl Iterator<Item = WallTime> {
        self.wall_times().skip_while(move |wall| after.is_some_and(|after| *wall <= after))
    }

    /// Returns whether `wall` is one of the wall times.
    #[must_use]
    pub fn contains(&self, wall: WallTime) -> bool {
        self.wall_times().take_while(|time| *time <= wall).last() == Some(wall)
    }
}

/// Returns the instant at which a wall time of a rule goes out, and what clocks show then: a time that
/// clocks skip goes out at the first moment after the gap, and one that they show twice at the first of the
/// two.
#[must_use]
pub fn planned_at(wall: WallTime, zone: &Zone) -> (UnixMillis, WallTime) {
    let resolution = resolve(&wall, zone);
    match resolution.kind {
        ResolutionKind::Gap => (resolution.instant, wall_time_of(resolution.instant, zone)),
        ResolutionKind::Exact | ResolutionKind::Fold => (resolution.instant, wall),
    }
}

/// A wall time as the crate of rules takes it: UTC knows neither gaps nor folds.
fn floating(wall: WallTime) -> Option<chrono::DateTime<Tz>> {
    let part = |number: i8| u32::try_from(number).ok();
    Tz::UTC
        .with_ymd_and_hms(
            i32::from(wall.year()),
            part(wall.month())?,
            part(wall.day())?,
            part(wall.hour())?,
            part(wall.minute())?,
            part(wall.second())?,
        )
        .single()
}

fn wall_time(at: &chrono::DateTime<Tz>) -> Option<WallTime> {
    let part = |number: u32| i8::try_from(number).ok();
    WallTime::new(
        i16::try_from(at.year()).ok()?,
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recurrence(rule: &str, first: &str) -> Recurrence {
        let rule: RecurrenceRule = rule.parse().unwrap();
        Recurrence::new(rule, WallTime::parse(first).unwrap()).unwrap()
    }

    fn times(rule: &str, first: &str, count: usize) -> Vec<String> {
        recurrence(rule, first).wall_times().take(count).map(|wall| wall.to_string()).collect()
    }

    fn instants(rule: &str, first: &str, zone: &str, count: usize) -> Vec<String> {
        let zone = Zone::parse(zone).unwrap();
        let found = recurrence(rule, first);
        found.wall_times().take(count).map(|wall| planned_at(wall, &zone).0.to_string()).collect()
    }

    #[test]
    fn a_week_on_days_begins_with_the_first_of_them() {
        assert_eq!(
            times("FREQ=WEEKLY;BYDAY=MO,TH", "2027-03-02 09:00", 3),
            ["2027-03-04 09:00", "2027-03-08 09:00", "2027-03-11 09:00"]
        );
        assert_eq!(
            times("every weekday", "2027-03-05 09:00", 3),
            ["2027-03-05 09:00", "2027-03-08 09:00", "2027-03-09 09:00"]
        );
    }

    #[test]
    fn a_day_that_a_month_or_a_year_lacks_is_left_out() {
        assert_eq!(
            times("FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-31 08:00", 4),
            ["2027-01-31 08:00", "2027-03-31 08:00", "2027-05-31 08:00", "2027-07-31 08:00"]
        );
        assert_eq!(
            times("every month on the last day", "2027-01-31 08:00", 3),
            ["2027-01-31 08:00", "2027-02-28 08:00", "2027-03-31 08:00"]
        );
        assert_eq!(
            times("every year", "2028-02-29 12:00", 3),
            ["2028-02-29 12:00", "2032-02-29 12:00", "2036-02-29 12:00"]
        );
    }

    #[test]
    fn the_time_of_day_stays_when_clocks_change_in_either_direction() {
        assert_eq!(
            instants("every week", "2027-03-21 09:00", "Europe/Berlin", 3),
            ["2027-03-21T08:00:00Z", "2027-03-28T07:00:00Z", "2027-04-04T07:00:00Z"]
        );
        assert_eq!(
            instants("every week", "2027-10-24 09:00", "Europe/Berlin", 2),
            ["2027-10-24T07:00:00Z", "2027-10-31T08:00:00Z"]
        );
        assert_eq!(
            instants("every day", "2027-03-13 09:00", "America/New_York", 2),
            ["2027-03-13T14:00:00Z", "2027-03-14T13:00:00Z"]
        );
        assert_eq!(
            instants("every day", "2027-11-06 09:00", "America/New_York", 2),
            ["2027-11-06T13:00:00Z", "2027-11-07T14:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_clocks_skip_goes_out_after_the_gap_and_one_shown_twice_goes_out_once() {
        let zone = Zone::parse("America/New_York").unwrap();
        let found = recurrence("every day", "2027-03-13 02:30");
        let planned: Vec<_> = found.wall_times().take(3).map(|it| planned_at(it, &zone)).collect();
        let shown: Vec<_> = planned.iter().map(|(at, wall)| format!("{at} {wall}")).collect();
        assert_eq!(
            shown,
            [
                "2027-03-13T07:30:00Z 2027-03-13 02:30",
                "2027-03-14T07:00:00Z 2027-03-14 03:00",
                "2027-03-15T06:30:00Z 2027-03-15 02:30",
            ]
        );
        assert_eq!(
            instants("every day", "2027-11-06 01:30", "America/New_York", 3),
            ["2027-11-06T05:30:00Z", "2027-11-07T05:30:00Z", "2027-11-08T06:30:00Z"]
        );
    }

    #[test]
    fn a_rule_ends_after_so_many_or_on_its_last_day() {
        assert_eq!(times("FREQ=DAILY;COUNT=2", "2027-03-01 09:00", 9).len(), 2);
        assert_eq!(
            times("FREQ=DAILY;UNTIL=20270303", "2027-03-01 09:00", 9),
            ["2027-03-01 09:00", "2027-03-02 09:00", "2027-03-03 09:00"]
        );
        let over: RecurrenceRule = "FREQ=DAILY;UNTIL=20270101".parse().unwrap();
        let refused = Recurrence::new(over, WallTime::parse("2027-03-01 09:00").unwrap());
        assert!(refused.unwrap_err().to_string().contains("before 2027-03-01 09:00"));
    }

    #[test]
    fn a_rule_without_times_ends_the_search() {
        assert!(times("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "2027-01-01 09:00", 1).is_empty());
    }

    #[test]
    fn what_comes_after_a_time_begins_with_the_next() {
        let found = recurrence("every week", "2027-03-01 09:00");
        let after = |wall| found.after(Some(WallTime::parse(wall).unwrap())).next().unwrap();
        assert_eq!(after("2027-03-01 09:00").to_string(), "2027-03-08 09:00");
        assert_eq!(after("2027-03-03 09:00").to_string(), "2027-03-08 09:00");
        assert!(found.contains(WallTime::parse("2027-03-08 09:00").unwrap()));
        assert!(!found.contains(WallTime::parse("2027-03-08 10:00").unwrap()));
    }
}
