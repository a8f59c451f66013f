//! When a post is meant to go out, as a file may write it: on a wall clock, or as an instant.

use super::{InvalidWallTime, WallTime};
use crate::clock::UnixMillis;

/// Offsets beyond this are typing errors; the widest in use is +14:00.
const OFFSET_MINUTES_MAX: i64 = 18 * 60;

/// A moment as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// What the clock shows in the post's zone.
    Wall(WallTime),
    /// An instant: an RFC 3339 text with `Z` or an offset, rounded up to whole seconds.
    Instant(UnixMillis),
}

impl When {
    /// Returns what is written: a wall time ([`WallTime::parse`]) or an instant such as
    /// `2027-03-01T00:20:00+05:30`.
    ///
    /// # Errors
    /// [`InvalidWallTime`] names the part that is missing or impossible.
    pub fn parse(text: &str) -> Result<Self, InvalidWallTime> {
        let text = text.trim();
        let Some((local, offset)) = split_offset(text) else {
            return WallTime::parse(text).map(Self::Wall);
        };
        let wrong = |reason: String| InvalidWallTime::new(text, reason);
        let (local, fraction) = split_fraction(local).map_err(wrong)?;
        let wall = WallTime::parse(local).map_err(|error| wrong(error.reason))?;
        let minutes = offset_minutes(offset).map_err(wrong)?;
        let utc = jiff::tz::Offset::UTC
            .to_timestamp(wall.civil())
            .map_err(|_| wrong("the year is out of range".to_owned()))?;
        let seconds = utc.as_second() - minutes * 60 + i64::from(fraction);
        Ok(Self::Instant(UnixMillis::from_seconds(seconds)))
    }
}

/// Cuts `Z` or `±HH:MM` off the end, when there is one after a time of day.
fn split_offset(text: &str) -> Option<(&str, &str)> {
    let time = text.find(':')?;
    let at = time + text[time..].find(['Z', 'z', '+', '-'])?;
    Some(text.split_at(at))
}

/// Cuts a fraction of a second off; true when it is not zero, so that the second is rounded up.
fn split_fraction(local: &str) -> Result<(&str, bool), String> {
    let Some((whole, digits)) = local.split_once('.') else {
        return Ok((local, false));
    };
    if whole.len() < "2027-03-01T00:20:00".len() {
        return Err("there are no seconds before the fraction".to_owned());
    }
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err("the fraction of the second is no number".to_owned());
    }
    Ok((whole, digits.bytes().any(|digit| digit != b'0')))
}

fn offset_minutes(offset: &str) -> Result<i64, String> {
    if offset.eq_ignore_ascii_case("z") {
        return Ok(0);
    }
    let wrong = || format!("\"{}\" is no offset; write it as +05:30 or Z", clip(offset));
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset[1..].split_once(':').ok_or_else(wrong)?;
    let number = |digits: &str| match digits.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            Some(i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
        }
        _ => None,
    };
    let (hours, minutes) = number(hours).zip(number(minutes)).ok_or_else(wrong)?;
    let total = hours * 60 + minutes;
    if minutes > 59 || total > OFFSET_MINUTES_MAX {
        return Err(format!("there is no offset {}", clip(offset)));
    }
    Ok(sign * total)
}

fn clip(text: &str) -> String {
    crate::failure::clip(text, 20)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_with_an_offset_is_an_instant_and_one_without_is_a_wall_time() {
        let instant = When::Instant(UnixMillis(1_803_840_600_000));
        for text in [
            "2027-03-01T00:20:00+05:30",
            "2027-02-28T18:50:00Z",
            "2027-02-28 18:50z",
            "2027-02-28T18:49:59.001Z",
            "2027-02-28T11:50:00.000-07:00",
        ] {
            assert_eq!(When::parse(text), Ok(instant), "{text}");
        }
        assert!(matches!(When::parse("2027-03-01 00:20"), Ok(When::Wall(_))));
    }

    #[test]
    fn a_wrong_offset_or_fraction_is_named() {
        for (text, part) in [
            ("2027-03-01T00:20:00+5:30", "\"+5:30\" is no offset"),
            ("2027-03-01T00:20:00+0530", "is no offset"),
            ("2027-03-01T00:20:00+99:00", "no offset +99:00"),
            ("2027-03-01T00:20:00+05:75", "no offset +05:75"),
            ("2027-03-01T00:20:00.Z", "fraction"),
            ("2027-03-01T00:20.5Z", "no seconds"),
            ("2027-02-30T00:20:00Z", "February"),
            ("2027-03-01T00:20:00Zulu", "is no offset"),
        ] {
            let error = When::parse(text).unwrap_err();
            assert!(error.reason.contains(part), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[0-9T:+.Zz -]{0,32}|\\PC{0,32}") {
            let _ = When::parse(&text);
        }

        #[test]
        fn an_instant_written_by_another_library_reads_back(
            seconds in 0_i64..7_258_118_400, offset in -18_i64 * 60..=18 * 60,
        ) {
            let zone = chrono::FixedOffset::east_opt(i32::try_from(offset * 60).unwrap()).unwrap();
            let text = chrono::DateTime::from_timestamp(seconds, 0).unwrap()
                .with_timezone(&zone).to_rfc3339();
            let expected = When::Instant(UnixMillis::from_seconds(seconds));
            prop_assert_eq!(When::parse(&text).unwrap(), expected, "{}", text);
        }
    }
}
