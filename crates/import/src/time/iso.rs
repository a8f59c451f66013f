//! The plain style, read without looking at anything else: `2027-03-01 09:00`, with `T`, seconds, and
//! `Z` or an offset. What is not wholly of it is left to the grammar, which also says what is wrong.

use roost_core::zone::WallTime;

use super::calendar::is_spreadsheet_epoch;
use super::offset::instant;
use super::reading::{OffsetMark, TimeReading};

/// Returns the reading of a text in the plain style; `None` for any other.
pub(super) fn read(text: &str) -> Option<TimeReading<'static>> {
    let bytes = text.as_bytes();
    let date = bytes.len() >= 16 && bytes[4] == b'-' && bytes[7] == b'-' && bytes[13] == b':';
    if !date || !matches!(bytes[10], b' ' | b'T' | b't') {
        return None;
    }
    let year = i16::from(two(bytes, 0)?) * 100 + i16::from(two(bytes, 2)?);
    let (month, day) = (two(bytes, 5)?, two(bytes, 8)?);
    let (hour, minute) = (two(bytes, 11)?, two(bytes, 14)?);
    let (second, rest) = match bytes.get(16) {
        Some(b':') => (two(bytes, 17)?, &bytes[19..]),
        _ => (0, &bytes[16..]),
    };
    if is_spreadsheet_epoch(i32::from(year)) {
        return None;
    }
    let wall = WallTime::new(year, month, day, hour, minute, second)?;
    if rest.is_empty() {
        return Some(TimeReading::Wall(wall));
    }
    let (minutes, mark) = offset(rest)?;
    instant(wall, minutes, false, mark).map(TimeReading::Instant)
}

fn offset(rest: &[u8]) -> Option<(i16, OffsetMark)> {
    match rest {
        [b'Z' | b'z'] => Some((0, OffsetMark::Z)),
        [sign @ (b'+' | b'-'), hour @ .., b':', _, _] if hour.len() == 2 => {
            let (hours, minutes) = (two(rest, 1)?, two(rest, 4)?);
            let total = i16::from(hours) * 60 + i16::from(minutes);
            let total = (minutes < 60 && hours < 18).then_some(total)?;
            Some((if *sign == b'-' { -total } else { total }, OffsetMark::Number))
        }
        _ => None,
    }
}

/// Returns the number of the two digits at `from`.
fn two(bytes: &[u8], from: usize) -> Option<i8> {
    match bytes.get(from..from + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok()
        }
        _ => None,
    }
}
