//! The weekly posting times of an account: rows without a time take the next free ones.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_core::zone::Zone;
use roost_import::slots::WeeklySchedule;
use roost_import::surroundings::WeeklySlot;
use roost_store::{PostingSlot, PostingSlots};

use crate::api::{AccountSlots, SetSlots};
use crate::open_import::refused;
use crate::state::EngineState;
use crate::{Change, Error, Result, preferences};

/// Times that a week may have.
const SLOTS_MAX: usize = 500;
/// Free times that are shown.
const NEXT_FREE: usize = 3;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Returns the weekly posting times of an account.
pub(crate) async fn get(state: &EngineState, x_user_id: XUserId) -> Result<AccountSlots> {
    let (of, now) = (x_user_id.clone(), state.now());
    let (is_known, kept, taken) = state
        .read(move |store| {
            let taken = store.taken_times(Some(&of), now)?;
            Ok((store.account(&of)?.is_some(), store.posting_slots(&of)?, taken))
        })
        .await?;
    if !is_known {
        return Err(Error::UnknownAccount { name: x_user_id.0, connected: String::new() });
    }
    let zone = match kept.zone {
        Some(zone) => zone,
        None => preferences::zone(state).await?.name().to_owned(),
    };
    let slots: Vec<WeeklySlot> = kept.slots.into_iter().map(weekly).collect();
    let taken: HashSet<UnixMillis> = taken.into_iter().collect();
    let free = WeeklySchedule::new(&slots, Zone::parse(&zone)?).next_free(
        now,
        |at| taken.contains(&at),
        NEXT_FREE,
    );
    let next_free = free.into_iter().map(|slot| slot.at).collect();
    Ok(AccountSlots { x_user_id, zone, text: words(&slots), slots, next_free })
}

/// Sets the weekly posting times of an account.
pub(crate) async fn set(state: &EngineState, set: SetSlots) -> Result<AccountSlots> {
    let SetSlots { x_user_id, zone, slots } = set;
    // It is known: otherwise this says so.
    get(state, x_user_id.clone()).await?;
    if slots.len() > SLOTS_MAX {
        let message =
            format!("These are {} times a week; at most {SLOTS_MAX} are kept.", slots.len());
        return Err(refused(Code::BadRequest, message));
    }
    if slots.iter().any(|it| !(1..=7).contains(&it.weekday) || it.hour > 23 || it.minute > 59) {
        let message = "A posting time is on a day from 1 to 7, and from 0:00 to 23:59.";
        return Err(refused(Code::BadRequest, message));
    }
    let zone = zone.map(|zone| Zone::parse(&zone)).transpose()?;
    let of = x_user_id.clone();
    state
        .write("slots.set", move |store| {
            let kept = store.posting_slots(&of)?.zone;
            let zone = zone.map(|zone| zone.name().to_owned()).or(kept);
            let slots = slots.into_iter().map(stored).collect();
            store.save_posting_slots(&of, &PostingSlots { zone, slots })?;
            Ok(())
        })
        .await?;
    state.publish(Change::Accounts);
    get(state, x_user_id).await
}

/// Returns a time of the week with hour and minute.
pub(super) const fn weekly(slot: PostingSlot) -> WeeklySlot {
    #[expect(clippy::cast_possible_truncation, reason = "a day has 1440 minutes")]
    let (hour, minute) = ((slot.minute / 60) as u8, (slot.minute % 60) as u8);
    WeeklySlot { weekday: slot.weekday, hour, minute }
}

fn stored(slot: WeeklySlot) -> PostingSlot {
    let minute = u16::from(slot.hour) * 60 + u16::from(slot.minute);
    PostingSlot { weekday: slot.weekday, minute }
}

/// Returns the times as a person writes them: days of the same times together, `Mon-Fri 9:00, 13:30`.
fn words(slots: &[WeeklySlot]) -> String {
    let times_of = |day: u8| {
        let of_day = slots.iter().filter(|slot| slot.weekday == day);
        let times: Vec<_> = of_day.map(|it| format!("{}:{:02}", it.hour, it.minute)).collect();
        times.join(", ")
    };
    let mut said: Vec<String> = Vec::new();
    let mut day = 1;
    while day <= 7 {
        let times = times_of(day);
        let mut last = day;
        while last < 7 && times_of(last + 1) == times {
            last += 1;
        }
        if !times.is_empty() {
            let name = |day: u8| DAYS[usize::from(day) - 1];
            let days = match last - day {
                0 => name(day).to_owned(),
                1 => format!("{}, {}", name(day), name(last)),
                _ => format!("{}-{}", name(day), name(last)),
            };
            said.push(format!("{days} {times}"));
        }
        day = last + 1;
    }
    said.join("; ")
}

/// Reads times as a person writes them: days or spans of days, then times; groups between semicolons.
///
/// # Errors
/// In a sentence, when a word is neither a day nor a time.
pub fn parse(text: &str) -> std::result::Result<Vec<WeeklySlot>, String> {
    let mut slots = Vec::new();
    for group in text.split([';', '\n']).filter(|group| !group.trim().is_empty()) {
        let (mut days, mut times) = (Vec::new(), Vec::new());
        for word in group.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
            if word.starts_with(|letter: char| letter.is_ascii_digit()) {
                times.push(time(word)?);
            } else if times.is_empty() {
                days.extend(span(word)?);
            } else {
                return Err(format!(
                    "\"{word}\" stands behind a time. Put a semicolon before the next days: \"Mon-Fri \
                     9, 13; Sat 10\"."
                ));
            }
        }
        if days.is_empty() {
            days.extend(1..=7);
        }
        if times.is_empty() {
            return Err(format!(
                "\"{}\" names no time. Write it as \"Mon-Fri 9, 13:30\".",
                group.trim()
            ));
        }
        for day in days {
            for (hour, minute) in &times {
                slots.push(WeeklySlot { weekday: day, hour: *hour, minute: *minute });
            }
        }
    }
    slots.sort_unstable();
    slots.dedup();
    Ok(slots)
}

fn span(word: &str) -> std::result::Result<Vec<u8>, String> {
    if word.eq_ignore_ascii_case("daily") {
        return Ok((1..=7).collect());
    }
    let Some((first, last)) = word.split_once(['-', '–']) else { return Ok(vec![day(word)?]) };
    let (first, last) = (day(first)?, day(last)?);
    // Over the end of the week, too: Sat-Mon.
    let days = if last < first { last + 7 - first } else { last - first };
    Ok((0..=days).map(|after| (first - 1 + after) % 7 + 1).collect())
}

fn day(word: &str) -> std::result::Result<u8, String> {
    let small = word.trim().to_ascii_lowercase();
    let place = DAYS
        .iter()
        .position(|day| small.len() >= 3 && small.starts_with(&day.to_ascii_lowercase()));
    let place = place.and_then(|place| u8::try_from(place + 1).ok());
    place.ok_or_else(|| format!("\"{word}\" is no day. Days are {}.", DAYS.join(", ")))
}

fn time(word: &str) -> std::result::Result<(u8, u8), String> {
    let small = word.to_ascii_lowercase();
    let (digits, half) = match (small.strip_suffix("am"), small.strip_suffix("pm")) {
        (Some(digits), _) => (digits.to_owned(), Some(0)),
        (_, Some(digits)) => (digits.to_owned(), Some(12)),
        _ => (small.clone(), None),
    };
    let (hour, minute) = digits.split_once(':').unwrap_or((&digits, "0"));
    let read = || {
        let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
        let hour = match half {
            Some(half) => (1..=12).contains(&hour).then_some(hour % 12 + half)?,
            None => hour,
        };
        (hour < 24 && minute < 60).then_some((hour, minute))
    };
    read().ok_or_else(|| format!("\"{word}\" is no time of day. Write it as 9, 13:30 or 6pm."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        words(&parse(text).unwrap())
    }

    #[test]
    fn times_are_read_as_people_write_them_and_said_the_same() {
        assert_eq!(said("Mon-Fri 9,13,18"), "Mon-Fri 9:00, 13:00, 18:00");
        assert_eq!(said("mon, wed 09:30; Saturday 6pm"), "Mon 9:30; Wed 9:30; Sat 18:00");
        assert_eq!(said("Sat-Mon 12am"), "Mon 0:00; Sat, Sun 0:00");
        assert_eq!(said("9:00"), "Mon-Sun 9:00");
        assert_eq!(said(&said("Tue 8; daily 20:15")), said("Tue 8; daily 20:15"));
        assert_eq!(said(""), "");
    }

    #[test]
    fn what_is_no_day_or_time_is_named() {
        for (text, word) in [
            ("Mon 25", "25"),
            ("Mun 9", "Mun"),
            ("Mon", "Mon"),
            ("9 Mon 10", "Mon"),
            ("13pm", "13pm"),
        ] {
            let said = parse(text).unwrap_err();
            assert!(said.contains(word), "{said}");
        }
    }
}
