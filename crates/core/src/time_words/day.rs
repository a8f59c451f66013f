//! A day: `today`, `tomorrow`, `fri`, `next fri`, `31 dec`, `dec 31 2027`, `31.12.`, `2027-12-31`, `the 5th`.

use super::NotUnderstood;
use super::names::{month, weekday};
use super::time_of_day::{self, TimeOfDay, of_part};
use super::tokens::Tokens;
use crate::zone::WallTime;

const DAYS_PER_WEEK: i64 = 7;
const NIGHT_HOUR: i8 = 20;
/// A day, named from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// So many days from today.
    InDays(i64),
    /// The same day so many months later, or the last one of that month.
    InMonths(i64),
    /// The next such day of the week, 1 (Monday) to 7; today is one.
    Weekday(i8),
    /// That day of the next week.
    NextWeekday(i8),
    /// A date; without a month the next such day of a month, without a year the next such date.
    Date { year: Option<i16>, month: Option<i8>, day: i8 },
}

/// A day, and the time of day that its name says too.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) day: Day,
    pub(super) time: Option<TimeOfDay>,
}

impl Day {
    /// Returns the first such day from today on, at today's time of day; none where there is none.
    pub(super) fn first(self, today: WallTime) -> Option<WallTime> {
        let ahead = |weekday: i8| i64::from((weekday - today.weekday()).rem_euclid(7));
        match self {
            Self::InDays(days) => today.plus_days(days),
            Self::InMonths(months) => in_months(today, months),
            Self::Weekday(weekday) => today.plus_days(ahead(weekday)),
            Self::NextWeekday(weekday) => {
                let monday = today.plus_days(1 - i64::from(today.weekday()) + DAYS_PER_WEEK)?;
                monday.plus_days(i64::from(weekday) - 1)
            }
            Self::Date { year: Some(year), month, day } => {
                on_date(today, year, month.unwrap_or(1), day)
            }
            Self::Date { year: None, month: Some(month), day } => {
                let this = on_date(today, today.year(), month, day);
                // The 29th of February waits for its year.
                let years = (1..=8).filter_map(|it| on_date(today, today.year() + it, month, day));
                this.filter(|date| date.date() >= today.date()).into_iter().chain(years).next()
            }
            Self::Date { year: None, month: None, day } => (0..=12)
                .filter_map(|months| {
                    let month = in_months(today.at_time_of_day(0, 0, 0)?, months)?;
                    on_date(today, month.year(), month.month(), day)
                })
                .find(|date| date.date() >= today.date()),
        }
    }

    /// Returns after how many days the day comes again, where its name means the next one.
    pub(super) const fn repeats_after_days(self) -> Option<i64> {
        match self {
            Self::Weekday(_) => Some(DAYS_PER_WEEK),
            _ => None,
        }
    }
}

/// Takes a day off the beginning, when there is one.
pub(super) fn take(tokens: &mut Tokens) -> Result<Option<Named>, NotUnderstood> {
    let Some(word) = tokens.peek().map(str::to_owned) else { return Ok(None) };
    let second = tokens.second().map(str::to_owned);
    let found = |day, words| Ok(Some((Named { day, time: None }, words)));
    let named = match (word.as_str(), second.as_deref()) {
        ("today" | "tod", _) => found(Day::InDays(0), 1),
        ("tomorrow" | "tom" | "tmr" | "tmrw", _) => found(Day::InDays(1), 1),
        ("yesterday", _) => found(Day::InDays(-1), 1),
        ("tonight", _) => {
            let time = TimeOfDay { hour: NIGHT_HOUR, minute: 0, second: 0, days_later: 0 };
            Ok(Some((Named { day: Day::InDays(0), time: Some(time) }, 1)))
        }
        ("day", Some("after")) => {
            let is_whole = tokens.rest().get(2).is_some_and(|it| it == "tomorrow");
            if is_whole { found(Day::InDays(2), 3) } else { Ok(None) }
        }
        ("next", Some("week")) => found(Day::InDays(DAYS_PER_WEEK), 2),
        ("next", Some("month")) => found(Day::InMonths(1), 2),
        ("next", Some(name)) => match weekday(name) {
            Some(weekday) => found(Day::NextWeekday(weekday), 2),
            None => Ok(None),
        },
        ("this", Some(name)) => match (weekday(name), of_part(name)) {
            (Some(weekday), _) => found(Day::Weekday(weekday), 2),
            (None, Some(time)) => Ok(Some((Named { day: Day::InDays(0), time: Some(time) }, 2))),
            (None, None) => Ok(None),
        },
        (name, _) if weekday(name).is_some() => {
            found(weekday(name).map_or(Day::InDays(0), Day::Weekday), 1)
        }
        _ => date(tokens).map(|it| it.map(|(day, words)| (Named { day, time: None }, words))),
    }?;
    Ok(named.map(|(named, words)| {
        tokens.take(words);
        named
    }))
}

/// Returns the date at the beginning and how many words it takes.
fn date(tokens: &Tokens) -> Result<Option<(Day, usize)>, NotUnderstood> {
    let Some(word) = tokens.peek() else { return Ok(None) };
    if let Some(found) = in_digits(word)? {
        return Ok(Some((found, 1)));
    }
    let year_at = |place: usize| {
        let word = tokens.rest().get(place)?;
        let is_year = word.len() == 4 && word.starts_with("20");
        let is_clock = time_of_day::take(&mut Tokens::of(word), true).is_some();
        // "31 dec 2030" is a year; a time of day is written after it.
        (is_year || !is_clock).then(|| word.parse::<i16>().ok()).flatten()
    };
    let (day, month) = match (day_of_month(word), month(word), tokens.second()) {
        (Some(day), _, Some(second)) if super::names::month(second).is_some() => {
            (day, super::names::month(second))
        }
        (_, Some(month), Some(second)) => match day_of_month(second) {
            Some(day) => (day, Some(month)),
            None => return Ok(None),
        },
        _ if is_ordinal(word) => {
            let day = day_of_month(word);
            return Ok(day.map(|day| (Day::Date { year: None, month: None, day }, 1)));
        }
        _ => return Ok(None),
    };
    let year = year_at(2);
    Ok(Some((Day::Date { year, month, day }, if year.is_some() { 3 } else { 2 })))
}

/// Reads `2027-12-31`, `31.12.`, `31.12.2027`, `31/12`, `12/31/2027`.
fn in_digits(word: &str) -> Result<Option<Day>, NotUnderstood> {
    let numbers = |sign: char| -> Option<Vec<i16>> {
        let parts: Vec<&str> = word.trim_end_matches(sign).split(sign).collect();
        let are_numbers = (2..=3).contains(&parts.len())
            && parts.iter().all(|it| !it.is_empty() && it.len() <= 4);
        are_numbers.then(|| parts.iter().map(|it| it.parse().ok()).collect()).flatten()
    };
    let small = |number: i16| i8::try_from(number).unwrap_or(i8::MAX);
    let date = |day: i16, month: i16, year: Option<i16>| {
        Some(Day::Date { year: year.map(whole_year), month: Some(small(month)), day: small(day) })
    };
    if let Some([year, month, day]) = numbers('-').as_deref() {
        return Ok(date(*day, *month, Some(*year)));
    }
    if let Some([day, month, rest @ ..]) = numbers('.').as_deref() {
        return Ok(date(*day, *month, rest.first().copied()));
    }
    if let Some([one, other, rest @ ..]) = numbers('/').as_deref() {
        return match (*one > 12, *other > 12) {
            (true, _) => Ok(date(*one, *other, rest.first().copied())),
            (_, true) => Ok(date(*other, *one, rest.first().copied())),
            _ if one == other => Ok(date(*one, *other, rest.first().copied())),
            _ => Err(NotUnderstood::new(format!(
                "\"{word}\" may be two days. Write the month's name, such as \"3 apr\"."
            ))),
        };
    }
    Ok(None)
}

const fn whole_year(year: i16) -> i16 {
    if year < 100 { year + 2000 } else { year }
}

fn is_ordinal(word: &str) -> bool {
    word.starts_with(|it: char| it.is_ascii_digit())
        && ["st", "nd", "rd", "th"].iter().any(|it| word.ends_with(it))
}

fn day_of_month(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h', '.']);
    let is_short = (1..=2).contains(&digits.len());
    is_short.then(|| digits.parse().ok()).flatten().filter(|day| (1..=31).contains(day))
}

fn on_date(today: WallTime, year: i16, month: i8, day: i8) -> Option<WallTime> {
    WallTime::new(year, month, day, today.hour(), today.minute(), today.second())
}

/// Returns the same day of a later month, or that month's last one.
fn in_months(today: WallTime, months: i64) -> Option<WallTime> {
    let months = i64::from(today.year()) * 12 + i64::from(today.month()) - 1 + months;
    let year = i16::try_from(months.div_euclid(12)).ok()?;
    let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
    (28..=today.day().max(28))
        .rev()
        .chain([today.day()])
        .filter(|day| *day <= today.day())
        .find_map(|day| on_date(today, year, month, day))
}
