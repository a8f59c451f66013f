//! Offsets from UTC, and the instant that a wall time is under one.

use jiff::civil::DateTime;
use roost_core::clock::UnixMillis;
use roost_core::zone::WallTime;

use super::Trouble;
use super::reading::{Instant, OffsetMark};

/// Offsets beyond this are typing errors; the widest in use is +14:00.
const OFFSET_MINUTES_MAX: i16 = 18 * 60;

/// Returns the instant that a clock, `offset_minutes` east of UTC, shows as `wall`, one second later
/// where a fraction stood there. `None` beyond the years that there are.
pub(super) fn instant(
    wall: WallTime,
    offset_minutes: i16,
    has_fraction: bool,
    mark: OffsetMark,
) -> Option<Instant> {
    let utc = jiff::tz::Offset::UTC.to_timestamp(civil(wall)).ok()?.as_second();
    let seconds = utc - i64::from(offset_minutes) * 60 + i64::from(has_fraction);
    Some(Instant { at: UnixMillis::from_seconds(seconds), wall, offset_minutes, mark })
}

/// Returns the offset of hours and minutes as written, in minutes, east positive.
///
/// # Errors
/// [`Trouble::NoSuchOffset`] beyond what any place could use.
pub(super) fn minutes(is_west: bool, hours: u32, minutes: u32) -> Result<i16, Trouble> {
    let total = i16::try_from(hours.saturating_mul(60).saturating_add(minutes));
    match total {
        Ok(total) if minutes < 60 && total <= OFFSET_MINUTES_MAX => {
            Ok(if is_west { -total } else { total })
        }
        _ => Err(Trouble::NoSuchOffset),
    }
}

/// Returns the wall time `seconds` later on the wall; `None` beyond the years that there are.
pub(super) fn later(wall: WallTime, seconds: i64) -> Option<WallTime> {
    let moved = civil(wall).checked_add(jiff::Span::new().try_seconds(seconds).ok()?).ok()?;
    of(moved)
}

pub(super) fn civil(wall: WallTime) -> DateTime {
    DateTime::constant(
        wall.year(),
        wall.month(),
        wall.day(),
        wall.hour(),
        wall.minute(),
        wall.second(),
        0,
    )
}

pub(super) fn of(civil: DateTime) -> Option<WallTime> {
    WallTime::new(
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
    )
}
