//! A distance from now: `in 3h`, `+45m`, `2 days`, `in half an hour`, `1h30`.

use super::NotUnderstood;
use super::day::Day;
use super::tokens::Tokens;

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3_600;
const DAYS_PER_WEEK: i64 = 7;
/// Ten years: a number beyond is a typing error.
const DAYS_MAX: i64 = 3_660;

/// How far from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// So many seconds, as they pass.
    Seconds(i64),
    /// So many days, at a time of day.
    Days(i64),
    /// So many months, at a time of day.
    Months(i64),
}

impl Length {
    /// Returns the day that it names, when it is one of days or months.
    pub(super) const fn day(self) -> Option<Day> {
        match self {
            Self::Seconds(_) => None,
            Self::Days(days) => Some(Day::InDays(days)),
            Self::Months(months) => Some(Day::InMonths(months)),
        }
    }

    /// Returns the seconds, when it is one of hours and minutes.
    pub(super) const fn seconds(self) -> Option<i64> {
        match self {
            Self::Seconds(seconds) => Some(seconds),
            Self::Days(_) | Self::Months(_) => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

impl Unit {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "m" | "min" | "mins" | "minute" | "minutes" => Self::Minute,
            "h" | "hr" | "hrs" | "hour" | "hours" => Self::Hour,
            "d" | "day" | "days" => Self::Day,
            "w" | "wk" | "week" | "weeks" => Self::Week,
            "mo" | "month" | "months" => Self::Month,
            _ => return None,
        })
    }

    const fn times(self, count: i64) -> Length {
        match self {
            Self::Minute => Length::Seconds(count * MINUTE_S),
            Self::Hour => Length::Seconds(count * HOUR_S),
            Self::Day => Length::Days(count),
            Self::Week => Length::Days(count * DAYS_PER_WEEK),
            Self::Month => Length::Months(count),
        }
    }
}

/// Takes a distance off the beginning, when there is one.
pub(super) fn take(tokens: &mut Tokens) -> Result<Option<Length>, NotUnderstood> {
    let mut rest = tokens.clone();
    let is_said = rest.peek() == Some("in") || rest.peek().is_some_and(|it| it.starts_with('+'));
    if rest.peek() == Some("in") {
        rest.take(1);
    }
    let mut whole: Option<Length> = None;
    while let Some((length, words)) = one(&rest) {
        whole = match (whole, length) {
            (None, length) => Some(length),
            (Some(Length::Seconds(sum)), Length::Seconds(more)) => {
                Some(Length::Seconds(sum + more))
            }
            _ => break,
        };
        rest.take(words);
        if rest.peek() == Some("and") {
            rest.take(1);
        }
    }
    match whole {
        None if is_said => Err(NotUnderstood::new("Write how far, such as \"in 3h\".")),
        None => Ok(None),
        Some(Length::Days(days)) if days > DAYS_MAX => too_far(),
        Some(Length::Months(months)) if months > DAYS_MAX / 30 => too_far(),
        Some(Length::Seconds(seconds)) if seconds > DAYS_MAX * 24 * HOUR_S => too_far(),
        Some(length) => {
            *tokens = rest;
            Ok(Some(length))
        }
    }
}

fn too_far() -> Result<Option<Length>, NotUnderstood> {
    Err(NotUnderstood::new("That is too far away."))
}

/// Returns the distance at the beginning and how many words it takes.
fn one(tokens: &Tokens) -> Option<(Length, usize)> {
    let first = tokens.peek()?.trim_start_matches('+');
    let second = tokens.second();
    if first == "half" && second == Some("an") {
        let third = tokens.rest().get(2).map(String::as_str);
        return (third == Some("hour")).then_some((Length::Seconds(HOUR_S / 2), 3));
    }
    if matches!(first, "a" | "an") {
        return Some((Unit::of(second?)?.times(1), 2));
    }
    let digits = first.len() - first.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let (number, unit) = first.split_at(digits);
    let count: i64 = number.parse().ok().filter(|count| *count <= 1_000_000)?;
    if unit.is_empty() {
        return Some((Unit::of(second?)?.times(count), 2));
    }
    if let Some(unit) = Unit::of(unit) {
        return Some((unit.times(count), 1));
    }
    // "1h30", "1h30m"
    let minutes = unit.strip_prefix('h')?.trim_end_matches(['m', 'i', 'n']);
    let minutes: i64 = minutes.parse().ok().filter(|minutes| *minutes < 60)?;
    Some((Length::Seconds(count * HOUR_S + minutes * MINUTE_S), 1))
}
