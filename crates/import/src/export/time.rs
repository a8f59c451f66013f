//! Times as an import reads them again.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use roost_core::clock::UnixMillis;
use roost_core::zone::{WallTime, Zone, resolve};

use super::ExportTime;

const SECONDS_PER_MINUTE: i32 = 60;
const MINUTES_PER_HOUR: i32 = 60;

/// Returns the wall time of a post; with its offset where the wall time alone would be read as another
/// instant: of an hour that clocks show twice, an import takes the first.
pub(super) fn planned(time: &ExportTime) -> String {
    let read = WallTime::parse(&time.wall_time).ok().zip(Zone::parse(&time.zone).ok());
    let is_clear = read.is_none_or(|(wall, zone)| resolve(&wall, &zone).instant == time.at);
    let (false, Ok(zone)) = (is_clear, TimeZone::get(&time.zone)) else {
        return time.wall_time.clone();
    };
    let at = timestamp(time.at);
    let minutes = zone.to_offset(at).seconds() / SECONDS_PER_MINUTE;
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / MINUTES_PER_HOUR, minutes.abs() % MINUTES_PER_HOUR);
    format!("{}{sign}{hours:02}:{minutes:02}", extended(zone.to_datetime(at)))
}

/// Returns an instant as `2027-03-01T09:00:00Z`.
pub(super) fn instant(at: UnixMillis) -> String {
    format!("{}Z", extended(TimeZone::UTC.to_datetime(timestamp(at))))
}

/// Returns an instant as calendars write it: `20270301T090000Z`.
pub(super) fn calendar(at: UnixMillis) -> String {
    instant(at).chars().filter(|letter| !matches!(letter, '-' | ':')).collect()
}

/// What lies beyond the years of a calendar is none of Roost's times.
fn timestamp(at: UnixMillis) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn extended(it: DateTime) -> String {
    let (hour, minute, second) = (it.hour(), it.minute(), it.second());
    format!("{}T{hour:02}:{minute:02}:{second:02}", it.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(at: &str, wall_time: &str, zone: &str) -> ExportTime {
        let wall = WallTime::parse(at).unwrap();
        let at = resolve(&wall, &Zone::parse("UTC").unwrap()).instant;
        ExportTime { at, wall_time: wall_time.to_owned(), zone: zone.to_owned() }
    }

    #[test]
    fn an_hour_that_clocks_show_twice_is_written_so_that_the_same_one_is_read() {
        let zone = "America/New_York";
        let first = time("2027-11-07 05:30", "2027-11-07 01:30", zone);
        let second = time("2027-11-07 06:30", "2027-11-07 01:30", zone);
        assert_eq!(planned(&first), "2027-11-07 01:30");
        assert_eq!(planned(&second), "2027-11-07T01:30:00-05:00");
    }

    #[test]
    fn instants_are_written_for_files_and_for_calendars() {
        let at = time("2027-03-01 09:05", "2027-03-01 09:05", "UTC").at;
        assert_eq!(instant(at), "2027-03-01T09:05:00Z");
        assert_eq!(calendar(at), "20270301T090500Z");
    }
}
