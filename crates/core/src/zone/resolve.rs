//! The one rule from a wall time to an instant: inside a gap the first instant after it, inside a
//! fold the first of the two. In other words: the first instant at which the clock shows this
//! time or a later one.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset};
use serde::{Deserialize, Serialize};

use super::{WallTime, Zone};
use crate::clock::UnixMillis;

/// Seconds since the epoch of 0001-01-02 and 9998-12-30: a day inside the years of a wall time.
const SECONDS: (i64, i64) = (-62_135_510_400, 253_370_592_000);

/// What a wall time means in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The instant, in whole seconds.
    pub instant: UnixMillis,
    /// Whether the clock shows this time once, never or twice.
    pub kind: ResolutionKind,
}

/// How often a clock shows a wall time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolutionKind {
    /// Once.
    Exact,
    /// Never: clocks are put forward over it. The instant is the first after the gap.
    Gap,
    /// Twice: clocks are put back over it. The instant is the first of the two.
    Fold,
}

/// A span that clocks skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first instant after the gap.
    pub instant: UnixMillis,
    /// The first wall time that no clock shows.
    pub from: WallTime,
    /// The first wall time that clocks show again.
    pub to: WallTime,
}

/// Returns the instant that `wall` means in `zone`.
#[must_use]
pub fn resolve(wall: &WallTime, zone: &Zone) -> Resolution {
    let civil = wall.civil();
    let (instant, kind) = match zone.rules().to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            (instant_at(civil, offset), ResolutionKind::Exact)
        }
        AmbiguousOffset::Fold { before, .. } => (instant_at(civil, before), ResolutionKind::Fold),
        AmbiguousOffset::Gap { before, after } => {
            (gap_end(civil, before, after, zone), ResolutionKind::Gap)
        }
    };
    Resolution { instant: UnixMillis::from_seconds(instant.as_second()), kind }
}

/// Returns the gap that `wall` falls into in `zone`, if it does.
#[must_use]
pub fn gap_at(wall: &WallTime, zone: &Zone) -> Option<Gap> {
    let civil = wall.civil();
    let AmbiguousOffset::Gap { before, after } =
        zone.rules().to_ambiguous_timestamp(civil).offset()
    else {
        return None;
    };
    let end = gap_end(civil, before, after, zone);
    Some(Gap {
        instant: UnixMillis::from_seconds(end.as_second()),
        from: WallTime::of(before.to_datetime(end))?,
        to: WallTime::of(after.to_datetime(end))?,
    })
}

/// Returns what a clock in `zone` shows at `instant`, to the second. Instants outside the years of
/// a wall time show the first or last of them.
#[must_use]
pub fn wall_time_of(instant: UnixMillis, zone: &Zone) -> WallTime {
    let seconds = instant.0.div_euclid(1000).clamp(SECONDS.0, SECONDS.1);
    let timestamp = Timestamp::from_second(seconds).expect("the years 1 to 9998 are jiff's too");
    WallTime::of(zone.rules().to_datetime(timestamp))
        .expect("an instant a day inside the years shows one of them in every zone")
}

fn instant_at(civil: DateTime, offset: Offset) -> Timestamp {
    offset.to_timestamp(civil).expect("the years 1 to 9998 are jiff's too")
}

/// The moment at which clocks jump over `civil`. It lies between the instants that `civil` would
/// be under the two offsets.
fn gap_end(civil: DateTime, before: Offset, after: Offset, zone: &Zone) -> Timestamp {
    let latest = instant_at(civil, before);
    zone.rules()
        .following(instant_at(civil, after))
        .take_while(|transition| transition.timestamp() <= latest)
        .find(|transition| transition.offset() == after)
        .map_or(latest, |transition| transition.timestamp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resolved(wall: &str, zone: &str) -> (String, ResolutionKind) {
        let resolution =
            resolve(&WallTime::parse(wall).unwrap(), &Zone::parse(zone).expect("a zone"));
        (resolution.instant.to_string(), resolution.kind)
    }

    #[test]
    fn a_time_that_clocks_skip_is_the_first_instant_after() {
        for (wall, zone, instant) in [
            ("2026-03-08 02:30", "America/New_York", "2026-03-08T07:00:00Z"),
            ("2026-03-08 02:00", "America/New_York", "2026-03-08T07:00:00Z"),
            ("2026-03-08 02:59:59", "America/New_York", "2026-03-08T07:00:00Z"),
            ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
            ("2026-03-29 02:00", "Antarctica/Troll", "2026-03-29T01:00:00Z"),
            ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30T10:00:00Z"),
        ] {
            let expected = (instant.to_owned(), ResolutionKind::Gap);
            assert_eq!(resolved(wall, zone), expected, "{wall} {zone}");
        }
    }

    #[test]
    fn a_time_that_clocks_show_twice_is_the_first_of_the_two() {
        for (wall, zone, instant) in [
            ("2026-11-01 01:30", "America/New_York", "2026-11-01T05:30:00Z"),
            ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00Z"),
            ("2026-10-25 01:00", "Europe/Dublin", "2026-10-25T00:00:00Z"),
        ] {
            let expected = (instant.to_owned(), ResolutionKind::Fold);
            assert_eq!(resolved(wall, zone), expected, "{wall} {zone}");
        }
    }

    #[test]
    fn every_other_time_is_what_the_clock_says() {
        for (wall, zone, instant) in [
            ("2027-03-01 00:20", "Asia/Kolkata", "2027-02-28T18:50:00Z"),
            ("2026-03-08 03:00", "America/New_York", "2026-03-08T07:00:00Z"),
            ("2026-03-08 01:59:59", "America/New_York", "2026-03-08T06:59:59Z"),
            ("2026-01-01 00:00", "Asia/Kathmandu", "2025-12-31T18:15:00Z"),
            ("2026-01-01 00:00", "America/St_Johns", "2026-01-01T03:30:00Z"),
        ] {
            let expected = (instant.to_owned(), ResolutionKind::Exact);
            assert_eq!(resolved(wall, zone), expected, "{wall} {zone}");
        }
    }

    #[test]
    fn a_gap_names_its_two_neighbours() {
        let zone = Zone::parse("America/New_York").unwrap();
        let gap = gap_at(&WallTime::parse("2026-03-08 02:30").unwrap(), &zone).unwrap();
        assert_eq!(gap.from.to_string(), "2026-03-08 02:00");
        assert_eq!(gap.to.to_string(), "2026-03-08 03:00");
        assert_eq!(gap_at(&WallTime::parse("2026-03-08 03:00").unwrap(), &zone), None);
    }

    proptest! {
        #[test]
        fn no_instant_and_no_wall_time_is_out_of_reach(
            millis: i64, index in 0..Zone::names().len(),
            year in prop_oneof![Just(1_i16), Just(9998_i16), 1..=9998_i16],
            month in 1_i8..=12, day in 1_i8..=28, hour in 0_i8..24,
        ) {
            let zone = Zone::parse(Zone::names()[index]).unwrap();
            let _ = wall_time_of(UnixMillis(millis), &zone);
            let wall = WallTime::new(year, month, day, hour, 0, 0).unwrap();
            let resolution = resolve(&wall, &zone);
            if resolution.kind != ResolutionKind::Gap && (2..9998).contains(&year) {
                prop_assert_eq!(wall_time_of(resolution.instant, &zone), wall);
            }
        }
    }
}
