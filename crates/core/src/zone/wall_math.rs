//! Arithmetic on the wall: days and seconds as a calendar and a clock count them, whatever the clocks
//! of a zone do meanwhile.

use jiff::Span;
use jiff::civil::DateTime;

use super::WallTime;

/// Seconds of a day on the wall.
const SECONDS_PER_DAY: i64 = 86_400;

impl WallTime {
    /// Returns the day of the week, 1 (Monday) to 7 (Sunday).
    #[must_use]
    pub fn weekday(self) -> i8 {
        self.civil().date().weekday().to_monday_one_offset()
    }

    /// Returns the wall time so many days later (earlier where negative) at the same time of day;
    /// none outside the years that a wall time can name.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Option<Self> {
        self.plus_span(Span::new().try_days(days).ok()?)
    }

    /// Returns the wall time so many seconds later (earlier where negative); none outside the
    /// years that a wall time can name.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Option<Self> {
        self.plus_span(Span::new().try_seconds(seconds).ok()?)
    }

    /// Returns the same day at another time of day; none where there is no such time.
    #[must_use]
    pub fn at_time_of_day(self, hour: i8, minute: i8, second: i8) -> Option<Self> {
        Self::new(self.year(), self.month(), self.day(), hour, minute, second)
    }

    /// Returns how many seconds this is later than `earlier`, on the wall; negative where it is
    /// earlier.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> i64 {
        let days = days_between(earlier.civil(), self.civil());
        days * SECONDS_PER_DAY + second_of_day(self) - second_of_day(earlier)
    }

    fn plus_span(self, span: Span) -> Option<Self> {
        self.civil().checked_add(span).ok().and_then(Self::of)
    }
}

fn days_between(from: DateTime, to: DateTime) -> i64 {
    let until = from.date().until((jiff::Unit::Day, to.date()));
    // A difference of two dates in days always fits.
    until.map_or(0, |span| i64::from(span.get_days()))
}

fn second_of_day(wall: WallTime) -> i64 {
    i64::from(wall.hour()) * 3_600 + i64::from(wall.minute()) * 60 + i64::from(wall.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> WallTime {
        WallTime::parse(text).expect("a wall time")
    }

    #[test]
    fn a_day_later_is_the_same_time_of_day_on_the_next_date() {
        assert_eq!(wall("2028-02-28 23:15").plus_days(1), Some(wall("2028-02-29 23:15")));
        assert_eq!(wall("2027-03-01 00:00").plus_days(-1), Some(wall("2027-02-28 00:00")));
        assert_eq!(wall("9998-12-31 00:00").plus_days(1), None);
    }

    #[test]
    fn seconds_between_are_what_has_to_be_added() {
        for (from, to) in [
            ("2027-03-01 09:00", "2027-03-01 09:00:01"),
            ("2027-03-01 09:00", "2027-02-27 23:59"),
            ("2024-02-29 12:00", "2031-12-31 00:00"),
        ] {
            let seconds = wall(to).seconds_since(wall(from));
            assert_eq!(wall(from).plus_seconds(seconds), Some(wall(to)), "{from} to {to}");
        }
    }

    #[test]
    fn a_week_begins_on_monday() {
        assert_eq!(wall("2027-03-01 00:00").weekday(), 1);
        assert_eq!(wall("2027-03-07 23:59").weekday(), 7);
    }
}
