//! Weekly posting times as a person writes them: `Mon-Fri 9, 13, 18; Sat 10:30`.

use std::fmt::Write as _;

use roost_core::failure::clip;

use crate::surroundings::WeeklySlot;
use crate::time::names::weekday;

/// Longer texts, in bytes, are refused unread.
const TEXT_BYTES_MAX: usize = 4_000;
/// How much of a text an error repeats, in characters.
const ECHO_CHARS_MAX: usize = 30;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A text that names no posting times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSlots(String);

/// Reads weekly posting times: days and behind them their times, group after group. Days are names,
/// spans (`Mon-Fri`), `weekdays`, `weekends` or `daily`; times without days count for every day. Times are
/// `9`, `9:30`, `0930`, `9am`, `18h`, `noon`. No text is no time.
///
/// # Errors
/// What can't be read, with what to write instead.
pub fn parse(text: &str) -> Result<Vec<WeeklySlot>, InvalidSlots> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(InvalidSlots("The text is too long for posting times.".to_owned()));
    }
    let pieces = pieces(text)?;
    let mut slots = Vec::new();
    let mut days: Vec<u8> = Vec::new();
    let mut has_times = false;
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        match piece {
            Piece::Days(named) => {
                if has_times {
                    (days, has_times) = (Vec::new(), false);
                }
                match (named.as_slice(), pieces.get(at), pieces.get(at + 1)) {
                    ([first], Some(Piece::Span), Some(Piece::Days(last))) if last.len() == 1 => {
                        days.extend(span(*first, last[0]));
                        at += 2;
                    }
                    _ => days.extend(named),
                }
            }
            Piece::Time(hour, minute) => {
                if let (Some(Piece::Span), Some(Piece::Time(..))) =
                    (pieces.get(at), pieces.get(at + 1))
                {
                    return Err(InvalidSlots(
                        "A span of times is no posting time. Name each: 9, 11, 13.".to_owned(),
                    ));
                }
                has_times = true;
                let all = [1, 2, 3, 4, 5, 6, 7];
                let on = if days.is_empty() { &all[..] } else { &days[..] };
                slots.extend(on.iter().map(|weekday| WeeklySlot {
                    weekday: *weekday,
                    hour: *hour,
                    minute: *minute,
                }));
            }
            Piece::Span => {
                return Err(InvalidSlots(
                    "A dash stands between two days, as in Mon-Fri.".to_owned(),
                ));
            }
        }
    }
    if !days.is_empty() && !has_times {
        return Err(InvalidSlots(format!(
            "{} has no time. Write the times behind the days, as in Mon-Fri 9, 13, 18.",
            DAYS[usize::from(days[days.len() - 1]) - 1]
        )));
    }
    slots.sort_unstable();
    slots.dedup();
    Ok(slots)
}

/// Days of the week, and the hours and minutes that they all have.
type Group = (Vec<u8>, Vec<(u8, u8)>);

/// Returns weekly posting times as a person would write them; [`parse`] reads them back.
#[must_use]
pub fn print(slots: &[WeeklySlot]) -> String {
    let mut groups: Vec<Group> = Vec::new();
    for day in 1..=7 {
        let on_day = slots.iter().filter(|slot| slot.weekday == day);
        let mut times: Vec<_> = on_day.map(|slot| (slot.hour, slot.minute)).collect();
        times.sort_unstable();
        times.dedup();
        match groups.iter_mut().find(|(_, known)| *known == times) {
            _ if times.is_empty() => {}
            Some((days, _)) => days.push(day),
            None => groups.push((vec![day], times)),
        }
    }
    let group = |(days, times): &Group| {
        let times: Vec<_> =
            times.iter().map(|(hour, minute)| format!("{hour}:{minute:02}")).collect();
        format!("{} {}", print_days(days), times.join(", "))
    };
    groups.iter().map(group).collect::<Vec<_>>().join("; ")
}

fn print_days(days: &[u8]) -> String {
    if days.len() == 7 {
        return "Every day".to_owned();
    }
    let mut text = String::new();
    let mut at = 0;
    while at < days.len() {
        let run =
            days[at..].iter().zip(days[at]..).take_while(|(day, next)| **day == *next).count();
        let name = |day: u8| DAYS[usize::from(day) - 1];
        let separator = if text.is_empty() { "" } else { ", " };
        // Writing into a text can't fail.
        let _ = if run >= 3 {
            let last = days[at + run - 1];
            at += run;
            write!(text, "{separator}{}-{}", name(days[at - run]), name(last))
        } else {
            at += 1;
            write!(text, "{separator}{}", name(days[at - 1]))
        };
    }
    text
}

enum Piece {
    Days(Vec<u8>),
    Time(u8, u8),
    Span,
}

/// Returns the days from one to another, over the end of the week where that is meant.
fn span(first: u8, last: u8) -> Vec<u8> {
    let count = (last + 7 - first) % 7 + 1;
    (0..count).map(|step| (first - 1 + step) % 7 + 1).collect()
}

fn pieces(text: &str) -> Result<Vec<Piece>, InvalidSlots> {
    // As long as the text itself, so that what is wrong is repeated as it was written.
    let small = text.to_ascii_lowercase();
    let mut pieces = Vec::new();
    let mut rest = small.as_str();
    while let Some(letter) = rest.chars().next() {
        let length = |belongs: fn(char) -> bool| {
            rest.find(|other: char| !belongs(other)).unwrap_or(rest.len())
        };
        if letter.is_ascii_digit() {
            let (time, after) = time(rest)?;
            pieces.push(time);
            rest = after;
        } else if letter.is_alphabetic() {
            let (word, after) = rest.split_at(length(char::is_alphabetic));
            let read = self::word(&word.to_lowercase());
            pieces.extend(read.ok_or_else(|| unknown(&text[text.len() - rest.len()..]))?);
            rest = after;
        } else {
            match letter {
                '-' | '–' | '—' | '‑' => pieces.push(Piece::Span),
                ',' | ';' | '.' | ':' | '/' | '|' | '&' | '+' | '@' | '·' => {}
                _ if letter.is_whitespace() => {}
                _ => return Err(unknown(&text[text.len() - rest.len()..])),
            }
            rest = &rest[letter.len_utf8()..];
        }
    }
    Ok(pieces)
}

fn unknown(rest: &str) -> InvalidSlots {
    let word: String = rest.split([',', ';', ' ', '\n']).next().unwrap_or(rest).to_owned();
    InvalidSlots(format!(
        "\"{}\" is no day and no time. Write it as Mon-Fri 9, 13, 18; Sat 10:30.",
        clip(&word, ECHO_CHARS_MAX)
    ))
}

/// Returns what a word in small letters says, and nothing for one that only joins others; `None` for a
/// word that is not known.
fn word(word: &str) -> Option<Option<Piece>> {
    Some(Some(match word {
        "at" | "and" | "on" | "every" | "each" | "um" | "à" => return Some(None),
        "to" | "through" | "thru" | "until" | "till" | "bis" => Piece::Span,
        "weekday" | "weekdays" | "workday" | "workdays" | "werktags" => {
            Piece::Days(vec![1, 2, 3, 4, 5])
        }
        "weekend" | "weekends" | "wochenende" => Piece::Days(vec![6, 7]),
        "day" | "days" | "daily" | "everyday" | "all" | "täglich" => {
            Piece::Days((1..=7).collect())
        }
        "noon" | "midday" => Piece::Time(12, 0),
        "midnight" => Piece::Time(0, 0),
        _ => {
            let day = weekday(word).or_else(|| weekday(word.strip_suffix('s')?));
            Piece::Days(vec![day?])
        }
    }))
}

/// Reads a time at the front of a text, and returns what stands behind it.
fn time(text: &str) -> Result<(Piece, &str), InvalidSlots> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let wrong = |reason: &str| {
        let end = text.find([',', ';', ' ', '\n']).unwrap_or(text.len());
        InvalidSlots(format!("\"{}\" is no time: {reason}.", clip(&text[..end], ECHO_CHARS_MAX)))
    };
    let (whole, mut rest) = text.split_at(digits(text));
    let number = |part: &str| part.parse::<u8>().unwrap_or(u8::MAX);
    let (hour, minute) = match whole.len() {
        1 | 2 => {
            let behind = rest.strip_prefix([':', '.', 'h']).unwrap_or("");
            let minutes = digits(behind);
            if minutes == 2 {
                rest = &behind[2..];
                (number(whole), number(&behind[..2]))
            } else if minutes > 0 && rest.starts_with(':') {
                return Err(wrong("minutes have two digits"));
            } else {
                rest = rest.strip_prefix('h').unwrap_or(rest);
                (number(whole), 0)
            }
        }
        3 | 4 => {
            let (hours, minutes) = whole.split_at(whole.len() - 2);
            (number(hours), number(minutes))
        }
        _ => return Err(wrong("write it as 9:30")),
    };
    let (hour, rest) = half(hour, rest).ok_or_else(|| wrong("AM and PM go from 1 to 12"))?;
    match (hour, minute) {
        (24, 0) => Err(wrong("midnight is 0:00, of the next day")),
        (24.., _) => Err(wrong("hours go from 0 to 23")),
        (_, 60..) => Err(wrong("minutes go from 00 to 59")),
        _ => Ok((Piece::Time(hour, minute), rest)),
    }
}

/// Takes `am`, `p.m.` and the like behind an hour; `None` where there is no such hour.
fn half(hour: u8, text: &str) -> Option<(u8, &str)> {
    let behind = text.trim_start();
    let find = |forms: [&str; 2]| {
        let after = forms.into_iter().find_map(|form| behind.strip_prefix(form))?;
        (!after.starts_with(char::is_alphanumeric)).then_some(after)
    };
    match (find(["am", "a.m."]), find(["pm", "p.m."])) {
        (Some(rest), _) => (1..=12).contains(&hour).then_some((hour % 12, rest)),
        (_, Some(rest)) => (1..=12).contains(&hour).then_some((hour % 12 + 12, rest)),
        (None, None) => Some((hour, text)),
    }
}
