//! Spans of time as people type them: `1d`, `-2h30m`, `1w`.

use crate::failure::Failure;

/// Days, and seconds beside them: days keep the time of day over a change of clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub(super) days: i64,
    pub(super) seconds: i64,
}

/// Returns the span that a text means.
///
/// # Errors
/// A usage failure that shows how spans are written.
pub(super) fn span(text: &str) -> Result<Span, Failure> {
    read(text.trim()).ok_or_else(|| {
        let message = format!("\"{text}\" is no span. Write it as 1w, 2d, 3h or -1h30m.");
        Failure::usage(message)
    })
}

/// Returns a span in whole minutes that is not negative; a day has 24 hours here.
///
/// # Errors
/// A usage failure, as [`span`].
pub(super) fn minutes(text: &str) -> Result<u32, Failure> {
    let Span { days, seconds } = span(text)?;
    let minutes = days.checked_mul(24 * 60).and_then(|days| days.checked_add(seconds / 60));
    minutes.and_then(|minutes| u32::try_from(minutes).ok()).ok_or_else(|| {
        Failure::usage(format!("\"{text}\" can't be used here: it has to be 0 minutes or more."))
    })
}

fn read(text: &str) -> Option<Span> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut span = Span::default();
    let mut digits = String::new();
    for letter in rest.chars().filter(|letter| *letter != ' ') {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let number: i64 = digits.parse().ok()?;
        digits.clear();
        let (days, seconds) = match letter.to_ascii_lowercase() {
            'w' => (number.checked_mul(7)?, 0),
            'd' => (number, 0),
            'h' => (0, number.checked_mul(3_600)?),
            'm' => (0, number.checked_mul(60)?),
            _ => return None,
        };
        span.days = span.days.checked_add(days)?;
        span.seconds = span.seconds.checked_add(seconds)?;
    }
    let is_whole = digits.is_empty() && rest.contains(|letter: char| letter.is_ascii_digit());
    is_whole.then_some(Span { days: sign * span.days, seconds: sign * span.seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        let read = |text| span(text).map(|it| (it.days, it.seconds)).ok();
        assert_eq!(read("1w"), Some((7, 0)));
        assert_eq!(read("-1d2h"), Some((-1, -7_200)));
        assert_eq!(read("+1h 30M"), Some((0, 5_400)));
        for wrong in ["", "-", "5", "h", "1x", "1h5", "99999999999999999999d"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(minutes("1d1m").ok(), Some(1_441));
        assert!(minutes("-1m").is_err());
    }
}
