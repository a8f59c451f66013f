//! A time of day: `9`, `9:30`, `18.45`, `1845`, `9am`, `9 pm`, `noon`, `midnight`, `evening`.

use super::tokens::Tokens;
use crate::zone::WallTime;

const MORNING_HOUR: i8 = 9;
const NOON_HOUR: i8 = 12;
const AFTERNOON_HOUR: i8 = 15;
const EVENING_HOUR: i8 = 18;
const NIGHT_HOUR: i8 = 21;
const MONTHS: u8 = 12;

/// A time of day, perhaps of the day after the one that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    /// Midnight ends the day that is named with it.
    pub(super) days_later: i64,
}

impl TimeOfDay {
    const fn hour(hour: i8) -> Self {
        Self { hour, minute: 0, second: 0, days_later: 0 }
    }

    /// Returns this time on a date.
    pub(super) fn on(self, date: WallTime) -> Option<WallTime> {
        date.plus_days(self.days_later)?.at_time_of_day(self.hour, self.minute, self.second)
    }
}

/// Returns the time of day that a part of the day stands for.
pub(super) fn of_part(word: &str) -> Option<TimeOfDay> {
    Some(match word {
        "morning" => TimeOfDay::hour(MORNING_HOUR),
        "noon" | "midday" => TimeOfDay::hour(NOON_HOUR),
        "afternoon" => TimeOfDay::hour(AFTERNOON_HOUR),
        "evening" | "eve" => TimeOfDay::hour(EVENING_HOUR),
        "night" => TimeOfDay::hour(NIGHT_HOUR),
        "midnight" => TimeOfDay { days_later: 1, ..TimeOfDay::hour(0) },
        _ => return None,
    })
}

/// Takes a time of day off the beginning, when there is one. A number before the name of a month is a day,
/// and so is `9.10` as long as no day was named.
pub(super) fn take(tokens: &mut Tokens, day_is_named: bool) -> Option<TimeOfDay> {
    let word = tokens.peek()?;
    if let Some(part) = of_part(word) {
        tokens.take(1);
        return Some(part);
    }
    let second = tokens.second();
    if second.is_some_and(|it| super::names::month(it).is_some()) {
        return None;
    }
    let (clock, half) = match ["am", "pm", "a.m.", "p.m."].iter().find(|it| word.ends_with(**it)) {
        Some(half) => (word.strip_suffix(half)?, Some(half.starts_with('p'))),
        None => match second {
            Some("am" | "a.m.") => (word, Some(false)),
            Some("pm" | "p.m.") => (word, Some(true)),
            _ => (word, None),
        },
    };
    let is_apart = half.is_some() && clock == word;
    let mut time = on_clock(clock, day_is_named || half.is_some())?;
    if let Some(is_afternoon) = half {
        if !(1..=12).contains(&time.hour) {
            return None;
        }
        time.hour = time.hour % 12 + if is_afternoon { 12 } else { 0 };
    }
    tokens.take(if is_apart { 2 } else { 1 });
    Some(time)
}

fn on_clock(word: &str, dots_are_times: bool) -> Option<TimeOfDay> {
    let number = |digits: &str, most: i8| {
        let is_number =
            (1..=2).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
        is_number.then(|| digits.parse::<i8>().ok()).flatten().filter(|it| *it <= most)
    };
    let time = |hour: &str, minute: &str, second: &str| {
        (minute.len() == 2).then_some(())?;
        Some(TimeOfDay {
            hour: number(hour, 23)?,
            minute: number(minute, 59)?,
            second: number(second, 59)?,
            days_later: 0,
        })
    };
    if let Some((hour, rest)) = word.split_once(':') {
        let (minute, second) = rest.split_once(':').unwrap_or((rest, "0"));
        return time(hour, minute.trim_end_matches('h'), second);
    }
    if let Some((hour, minute)) = word.split_once('.') {
        let found = time(hour, minute, "0")?;
        let is_date = found.minute.unsigned_abs() <= MONTHS && found.minute > 0;
        return (dots_are_times || !is_date).then_some(found);
    }
    let is_number = word.bytes().all(|it| it.is_ascii_digit());
    match word.len() {
        1 | 2 => time(word, "00", "0"),
        3 | 4 if is_number => {
            let (hour, minute) = word.split_at(word.len() - 2);
            time(hour, minute, "0")
        }
        _ => None,
    }
}
