//! Whether the rules of a zone have changed since a time was planned.

use super::{WallTime, Zone, resolve, wall_time_of};
use crate::clock::UnixMillis;

/// Returns the instant that `wall` means in `zone` by the rules of today, where a post that was planned
/// for it at `at` would move; none where the rules still agree. An instant at which clocks show `wall`
/// agrees, also the second of two.
#[must_use]
pub fn moved_by_rules(wall: &WallTime, zone: &Zone, at: UnixMillis) -> Option<UnixMillis> {
    let today = resolve(wall, zone).instant;
    (today != at && wall_time_of(at, zone) != *wall).then_some(today)
}

/// Returns the version that a system's `tzdata.zi` says it has, such as `2026f`; none where it doesn't.
#[must_use]
pub fn version_in(tzdata_zi: &str) -> Option<&str> {
    tzdata_zi.lines().next()?.strip_prefix("# version ").map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(wall: &str, zone: &str, at: &str) -> Option<String> {
        let at = match crate::zone::When::parse(at).unwrap() {
            crate::zone::When::Instant(at) => at,
            crate::zone::When::Wall(_) => unreachable!("it has an offset"),
        };
        let zone = Zone::parse(zone).unwrap();
        moved_by_rules(&WallTime::parse(wall).unwrap(), &zone, at).map(|at| at.to_string())
    }

    #[test]
    fn a_time_planned_by_the_rules_of_today_stays() {
        assert_eq!(moved("2027-07-01 09:00", "Europe/Berlin", "2027-07-01T09:00:00+02:00"), None);
        // Both hours at which clocks show it.
        for offset in ["+02:00", "+01:00"] {
            let at = format!("2026-10-25T02:30:00{offset}");
            assert_eq!(moved("2026-10-25 02:30", "Europe/Berlin", &at), None, "{offset}");
        }
        // A time that clocks skip is the first instant after it.
        assert_eq!(moved("2027-03-28 02:30", "Europe/Berlin", "2027-03-28T01:00:00Z"), None);
    }

    #[test]
    fn a_time_planned_by_other_rules_would_move() {
        // As if Berlin had kept winter time when it was planned.
        assert_eq!(
            moved("2027-07-01 09:00", "Europe/Berlin", "2027-07-01T08:00:00Z").as_deref(),
            Some("2027-07-01T07:00:00Z")
        );
    }

    #[test]
    fn the_system_s_version_is_read_from_its_first_line() {
        assert_eq!(version_in("# version 2026b\n# This zic input file\n"), Some("2026b"));
        assert_eq!(version_in("R A 1916 o - Jun\n"), None);
        assert_eq!(version_in(""), None);
    }
}
