//! A time as a person types it: `tue 9`, `in 3h`, `tomorrow 18:30`, `31 dec`, `next slot`. One parser for
//! every host; what is understood is shown in full beside the field, so that no reading is a surprise.
//!
//! A day or a time of day that is named alone lies ahead: `9` is the next nine o'clock. What is named with
//! its date is taken as it stands, past or not.

mod day;
mod length;
mod names;
mod time_of_day;
mod tokens;

use crate::clock::UnixMillis;
use crate::zone::{WallTime, When, Zone, resolve, wall_time_of};
use day::Day;
pub(crate) use names::weekday;
use time_of_day::TimeOfDay;
use tokens::Tokens;

/// Letters that are read; no time takes more.
const LETTERS_MAX: usize = 80;
/// The time of day of a day that is named alone, where the caller knows none.
const USUAL_HOUR: i8 = 9;

/// Against what words are read.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// The moment at which they were typed.
    pub at: UnixMillis,
    /// The zone on whose clocks they are meant.
    pub zone: &'a Zone,
    /// Hour and minute of a day that is named alone, such as those that the field showed before.
    pub usual: Option<(i8, i8)>,
}

/// What the words mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A moment, on the clocks of the zone and as an instant.
    At {
        /// What the clocks show.
        wall: WallTime,
        /// The instant.
        at: UnixMillis,
    },
    /// The next free posting time of the account, which the caller knows.
    NextSlot,
}

/// Words that mean no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotUnderstood {
    /// What is wrong, in one sentence.
    pub reason: String,
}

impl NotUnderstood {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }

    fn word(word: &str) -> Self {
        Self::new(format!("\"{}\" is no time.", crate::failure::clip(word, 30)))
    }
}

/// Returns what a person's words mean at a moment.
///
/// # Errors
/// [`NotUnderstood`] says which word is none of a time, or what is missing.
pub fn read(text: &str, now: Now<'_>) -> Result<Meaning, NotUnderstood> {
    let text: String = text.trim().chars().take(LETTERS_MAX).collect();
    if text.is_empty() {
        return Err(NotUnderstood::new("There is no time yet."));
    }
    // What files and the store write is read as they do.
    match When::parse(&text) {
        Ok(When::Wall(wall)) => return Ok(on_wall(wall, now)),
        Ok(When::Instant(at)) => return Ok(at_instant(at, now)),
        Err(_) => {}
    }
    let mut tokens = Tokens::of(&text);
    if is_next_slot(&tokens) {
        return Ok(Meaning::NextSlot);
    }
    if tokens.take_only("now") {
        return Ok(at_instant(next_minute(now.at), now));
    }
    let today = wall_time_of(now.at, now.zone);
    let length = length::take(&mut tokens)?;
    let mut day = length.and_then(length::Length::day);
    let (mut time, mut time_of_name) = (None, None);
    while let Some(word) = tokens.peek().map(str::to_owned) {
        if time.is_none()
            && let Some(found) = time_of_day::take(&mut tokens, day.is_some())
        {
            time = Some(found);
            continue;
        }
        // "Tue 9 Mar" names the day of the week beside the date, which counts.
        if day.is_none_or(|day| matches!(day, Day::Weekday(_)))
            && let Some(found) = day::take(&mut tokens)?
        {
            time_of_name = found.time;
            day = Some(found.day);
            continue;
        }
        return Err(NotUnderstood::word(&word));
    }
    // "tonight" says a time too, where none is written.
    let time = time.or(time_of_name);
    if let Some(seconds) = length.and_then(length::Length::seconds) {
        return if time.is_some() || day.is_some() {
            Err(NotUnderstood::new("Name a distance or a time of day, not both."))
        } else {
            let at = now.at.0.checked_add(seconds.saturating_mul(1_000));
            at.map(|at| at_instant(next_minute(UnixMillis(at)), now))
                .ok_or_else(|| NotUnderstood::new("That is too far away."))
        };
    }
    place(day, time, today, now).ok_or_else(|| NotUnderstood::new("There is no such day."))
}

/// Puts a day and a time of day together; what is not named follows from now.
fn place(
    day: Option<Day>,
    time: Option<TimeOfDay>,
    today: WallTime,
    now: Now<'_>,
) -> Option<Meaning> {
    let (hour, minute) = now.usual.unwrap_or((USUAL_HOUR, 0));
    let at = time.unwrap_or(TimeOfDay { hour, minute, second: 0, days_later: 0 });
    let named = day.unwrap_or(Day::InDays(0));
    let on = |date: WallTime| at.on(date).map(|wall| on_wall(wall, now));
    let first = on(named.first(today)?)?;
    let Meaning::At { at: instant, .. } = first else { return Some(first) };
    if instant > now.at {
        return Some(first);
    }
    match (day, named.repeats_after_days()) {
        (None, _) => on(today.plus_days(1)?),
        (Some(_), Some(days)) => on(named.first(today)?.plus_days(days)?),
        (Some(_), None) => Some(first),
    }
}

fn is_next_slot(tokens: &Tokens) -> bool {
    let words = tokens.rest();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words[..],
        ["next", "slot" | "free" | "time"]
            | ["slot" | "queue"]
            | ["next", "free", "slot" | "time"]
            | ["next", "posting", "time"]
    )
}

fn on_wall(wall: WallTime, now: Now<'_>) -> Meaning {
    Meaning::At { wall, at: resolve(&wall, now.zone).instant }
}

fn at_instant(at: UnixMillis, now: Now<'_>) -> Meaning {
    Meaning::At { wall: wall_time_of(at, now.zone), at }
}

/// Returns the first whole minute at or after an instant.
fn next_minute(at: UnixMillis) -> UnixMillis {
    const MINUTE_MS: i64 = 60_000;
    UnixMillis(at.0.saturating_add(MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS)
}

#[cfg(test)]
mod tests;
