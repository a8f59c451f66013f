//! Every other style: pieces of a text, taken one after the other, fill in the parts of a moment.
//!
//! What stands in a text is a date, a time of day, an offset or a zone, the day of the week, and words
//! that say nothing. Whatever else is found makes it no date: a part that is not understood could have
//! said something else.

use super::asian;
use super::calendar::Half;
use super::names;
use super::offset;
use super::parts::{ClockNumbers, NumericDate, Parts};
use super::reading::{OffsetMark, Tail, TimeReading};
use super::rules::{DateRules, Place};
use super::tokens::{Piece, Token, cut};
use super::trouble::Trouble;
use super::zone_words;

/// Returns what a text says.
///
/// # Errors
/// Why it is no moment.
pub(super) fn read(text: &str, rules: DateRules) -> Result<TimeReading<'_>, Trouble> {
    let plain = asian::plain(text);
    match scan(&plain, rules.place)?.finish(rules)? {
        TimeReading::Zoned(wall, zone) => Ok(TimeReading::Zoned(wall, original(text, zone)?)),
        TimeReading::Time(time, Tail::Zone(zone)) => {
            Ok(TimeReading::Time(time, Tail::Zone(original(text, zone)?)))
        }
        TimeReading::Time(time, Tail::Offset(minutes, mark)) => {
            Ok(TimeReading::Time(time, Tail::Offset(minutes, mark)))
        }
        TimeReading::Time(time, Tail::Nothing) => Ok(TimeReading::Time(time, Tail::Nothing)),
        TimeReading::Wall(wall) => Ok(TimeReading::Wall(wall)),
        TimeReading::Instant(instant) => Ok(TimeReading::Instant(instant)),
        TimeReading::Date(day) => Ok(TimeReading::Date(day)),
        TimeReading::Unordered(dates) => Ok(TimeReading::Unordered(dates)),
        TimeReading::Invalid(trouble) => Err(trouble),
        TimeReading::Empty | TimeReading::Number(_) => Err(Trouble::NotADate),
    }
}

/// Returns where a zone stands in the text as it was written.
fn original<'t>(text: &'t str, zone: &str) -> Result<&'t str, Trouble> {
    let at = text.find(zone).ok_or(Trouble::NotADate)?;
    Ok(&text[at..at + zone.len()])
}

/// Returns the two numbers in front of the year of a date in numbers alone; `None` where no such date
/// stands there.
pub(super) fn year_last(text: &str) -> Option<(u32, u32)> {
    let begins_with_year =
        text.as_bytes().iter().take(4).filter(|b| b.is_ascii_digit()).count() == 4;
    if begins_with_year || text.len() > super::TEXT_BYTES_MAX {
        return None;
    }
    match scan(&asian::plain(text), Place::Whole).ok()?.date? {
        NumericDate::YearLast { first, second, .. } => Some((first, second)),
        NumericDate::YearFirst(..) => None,
    }
}

fn scan(text: &str, place: Place) -> Result<Parts<'_>, Trouble> {
    let tokens = cut(text).ok_or(Trouble::NotADate)?;
    let mut scanner =
        Scanner { text, tokens, at: 0, place, parts: Parts::default(), is_clock_next: false };
    while let Some(token) = scanner.token(0) {
        match token.piece {
            Piece::Number => scanner.number(token)?,
            Piece::Word => scanner.word(token)?,
            Piece::Mark(mark) => scanner.mark(mark, token)?,
        }
    }
    Ok(scanner.parts)
}

struct Scanner<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    place: Place,
    parts: Parts<'t>,
    /// A word was read that stands in front of a time: `um 9.30`, `kl 9`.
    is_clock_next: bool,
}

impl<'t> Scanner<'t> {
    fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// Returns the number at `ahead`, when one stands there without a blank before it.
    fn close_number(&self, ahead: usize) -> Option<Token> {
        self.token(ahead).filter(|token| token.piece == Piece::Number && !token.is_spaced)
    }

    fn is_mark(&self, ahead: usize, marks: &[char]) -> Option<char> {
        match self.token(ahead)?.piece {
            Piece::Mark(mark) if marks.contains(&mark) => Some(mark),
            _ => None,
        }
    }

    fn close_mark(&self, ahead: usize, marks: &[char]) -> Option<char> {
        self.token(ahead).filter(|token| !token.is_spaced)?;
        self.is_mark(ahead, marks)
    }

    fn small(&self, ahead: usize) -> Option<String> {
        let token = self.token(ahead).filter(|token| token.piece == Piece::Word)?;
        Some(token.text(self.text).to_lowercase())
    }

    fn has_date(&self) -> bool {
        let parts = &self.parts;
        parts.date.is_some() || (parts.month.is_some() && parts.day.is_some())
    }

    fn number(&mut self, token: Token) -> Result<(), Trouble> {
        if self.clock(token)? || self.numeric_date(token)? || self.compact_date(token)? {
            return Ok(());
        }
        let (digits, value) = (token.digits(), token.value(self.text));
        let parts = &mut self.parts;
        let wants_day = parts.day.is_none() && parts.date.is_none() && digits <= 2;
        if wants_day && value >= 1 {
            parts.day = Some(value);
            self.at += 1;
            self.skip_ordinal();
        } else if parts.year.is_none() && parts.date.is_none() && digits == 4 {
            parts.year = i32::try_from(value).ok();
            self.at += 1;
        } else if parts.year.is_none()
            && parts.day.is_some()
            && parts.month.is_some()
            && digits == 2
        {
            parts.year = i32::try_from(value).ok().map(|year| 2000 + year);
            self.at += 1;
        } else if parts.month.is_some() && parts.year.is_none() && digits > 4 {
            return Err(Trouble::NoSuchYear(i32::try_from(value).unwrap_or(i32::MAX)));
        } else {
            return Err(Trouble::NotADate);
        }
        Ok(())
    }

    fn skip_ordinal(&mut self) {
        let is_close = self.token(0).is_some_and(|token| !token.is_spaced);
        let is_ordinal = self.small(0).is_some_and(|word| names::is_ordinal(&word));
        if (is_close && is_ordinal) || self.close_mark(0, &['º', '°']).is_some() {
            self.at += 1;
        }
    }

    /// Takes a time of day: `9:00`, `09:00:30.5`, `9h30`, `9 Uhr`, `9am`, and `9.30` where a time is due.
    fn clock(&mut self, hour: Token) -> Result<bool, Trouble> {
        if hour.digits() > 2 || self.parts.time.is_some() {
            return self.second_clock();
        }
        let hours = hour.value(self.text);
        if self.close_mark(1, &[':', '∶', '：']).is_some() {
            let minute = self.close_number(2).ok_or(Trouble::NotADate)?;
            match minute.digits() {
                1 => return Err(Trouble::OneDigitMinute),
                2 => {}
                _ => return Err(Trouble::NotADate),
            }
            self.at += 3;
            self.parts.time = Some(ClockNumbers {
                hour: hours,
                minute: minute.value(self.text),
                second: 0,
                has_fraction: false,
            });
            return self.seconds().map(|()| true);
        }
        if let Some(minutes) = self.worded_clock()? {
            self.parts.time =
                Some(ClockNumbers { hour: hours, minute: minutes, second: 0, has_fraction: false });
            return Ok(true);
        }
        Ok(false)
    }

    /// A second time of day makes a span of it.
    fn second_clock(&self) -> Result<bool, Trouble> {
        let is_clock = self.parts.time.is_some() && self.close_mark(1, &[':']).is_some();
        if is_clock { Err(Trouble::NotADate) } else { Ok(false) }
    }

    /// Takes `:30` and `.5` behind hours and minutes.
    fn seconds(&mut self) -> Result<(), Trouble> {
        if self.close_mark(0, &[':']).is_none() {
            return Ok(());
        }
        let second = self.close_number(1).filter(|token| token.digits() == 2);
        let second = second.ok_or(Trouble::NotADate)?.value(self.text);
        self.at += 2;
        let mut has_fraction = false;
        if self.close_mark(0, &['.', ',']).is_some()
            && let Some(fraction) = self.close_number(1)
        {
            has_fraction = fraction.text(self.text).bytes().any(|digit| digit != b'0');
            self.at += 2;
        }
        if let Some(time) = &mut self.parts.time {
            (time.second, time.has_fraction) = (second, has_fraction);
        }
        Ok(())
    }

    /// Takes the minutes of a time that is told by a word or by its place; the hour stands at the
    /// scanner. `None` where it is no time.
    fn worded_clock(&mut self) -> Result<Option<u32>, Trouble> {
        if self.small(1).is_some_and(|word| is_half(&word)) {
            self.at += 1;
            return Ok(Some(0));
        }
        if self
            .small(1)
            .is_some_and(|word| matches!(word.as_str(), "h" | "uhr" | "hs" | "hrs" | "u"))
        {
            let minute = self.token(2).filter(|token| token.piece == Piece::Number);
            let minute = minute.filter(|token| token.digits() == 2);
            self.at += 2 + usize::from(minute.is_some());
            if self.small(0).is_some_and(|word| matches!(word.as_str(), "m" | "min")) {
                self.at += 1;
            }
            return Ok(Some(minute.map_or(0, |token| token.value(self.text))));
        }
        let minute = self.close_number(2).filter(|token| token.digits() == 2);
        let (Some(_), Some(minute)) = (self.close_mark(1, &['.']), minute) else { return Ok(None) };
        let word_behind =
            self.small(3).is_some_and(|word| is_half(&word) || word == "uhr" || word == "h");
        let is_last = self.close_mark(3, &['.', '/', '-']).is_none();
        let is_due = self.has_date() || self.place == Place::Time || self.is_clock_next;
        if !(is_last && (word_behind || is_due)) {
            return Ok(None);
        }
        self.at += 3;
        if self.small(0).is_some_and(|word| word == "uhr" || word == "h") {
            self.at += 1;
        }
        Ok(Some(minute.value(self.text)))
    }

    /// Takes a date in numbers: `2027-03-01`, `1/3/2027`, `01.03.2027`, `3/1/27`.
    fn numeric_date(&mut self, first: Token) -> Result<bool, Trouble> {
        let Some(mark) = self.close_mark(1, &['-', '/', '.', '‑', '‐']) else {
            return Ok(false);
        };
        let spaced_dots = mark == '.';
        let at = |ahead| {
            let token = self.token(ahead).filter(|token| token.piece == Piece::Number)?;
            (spaced_dots || !token.is_spaced).then_some(token)
        };
        let Some(second) = at(2) else { return Ok(false) };
        // In `1.3. 9:00` the third number is the hour.
        let is_hour = self.close_mark(5, &[':']).is_some();
        let third = self.close_mark(3, &[mark]).and_then(|_| at(4)).filter(|_| !is_hour);
        let Some(third) = third else {
            let is_short = first.digits() <= 2 && second.digits() <= 2 && !self.has_date();
            return if is_short { Err(Trouble::YearMissing) } else { Ok(false) };
        };
        if self.parts.date.is_some() {
            return Err(Trouble::NotADate);
        }
        let [one, two, three] = [first, second, third].map(|token| token.value(self.text));
        let year = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
        self.parts.date = Some(match [first, second, third].map(|token| token.digits()) {
            [4, 1..=2, 1..=2] => NumericDate::YearFirst(year(one), two, three),
            [1..=2, 1..=2, 4] => NumericDate::YearLast {
                first: one,
                second: two,
                year: year(three),
                is_short: false,
            },
            [1..=2, 1..=2, 2] => NumericDate::YearLast {
                first: one,
                second: two,
                year: 2000 + year(three),
                is_short: true,
            },
            [5..=usize::MAX, _, _] => return Err(Trouble::NoSuchYear(year(one))),
            [_, _, 5..=usize::MAX] => return Err(Trouble::NoSuchYear(year(three))),
            _ => return Err(Trouble::NotADate),
        });
        self.at += 5;
        Ok(true)
    }

    /// Takes `20270301`, and the time behind it: `20270301T0900`.
    fn compact_date(&mut self, token: Token) -> Result<bool, Trouble> {
        if token.digits() != 8 || self.has_date() {
            return Ok(false);
        }
        let value = token.value(self.text);
        let year = i32::try_from(value / 10_000).unwrap_or(i32::MAX);
        self.parts.date = Some(NumericDate::YearFirst(year, value / 100 % 100, value % 100));
        self.at += 1;
        let time = self.close_number(1).filter(|_| self.small(0).as_deref() == Some("t"));
        let Some(time) = time else { return Ok(true) };
        let (digits, value) = (time.digits(), time.value(self.text));
        let (hour, minute, second) = match digits {
            4 => (value / 100, value % 100, 0),
            6 => (value / 10_000, value / 100 % 100, value % 100),
            _ => return Ok(true),
        };
        self.parts.time = Some(ClockNumbers { hour, minute, second, has_fraction: false });
        self.at += 2;
        Ok(true)
    }

    fn word(&mut self, token: Token) -> Result<(), Trouble> {
        let word = token.text(self.text).to_lowercase();
        let has_time = self.parts.time.is_some();
        let is_before_number = self.token(1).is_some_and(|next| next.piece == Piece::Number);
        if word == "t" && self.has_date() && !has_time && is_before_number {
            self.at += 1;
        } else if self.offset_word(&word, token)? || self.half(&word) || self.named_day(&word) {
            // Taken.
        } else if has_time && self.has_date() && names::is_range(&word) && is_before_number {
            return Err(self.range(token));
        } else if names::is_filler(&word) {
            self.is_clock_next = is_before_number;
            self.at += 1;
        } else if has_time && self.zone(token) {
            // Taken.
        } else if names::is_relative(&word) {
            return Err(Trouble::Relative);
        } else {
            return Err(Trouble::NotADate);
        }
        Ok(())
    }

    /// Takes `Z`, `UTC`, `GMT+1`, behind a time.
    fn offset_word(&mut self, word: &str, token: Token) -> Result<bool, Trouble> {
        if self.parts.time.is_none() || self.parts.tail != Tail::Nothing {
            return Ok(false);
        }
        match word {
            "z" => self.parts.tail = Tail::Offset(0, OffsetMark::Z),
            "utc" | "gmt" if self.is_mark(1, &['+', '-', '−']).is_some() => {
                self.at += 1;
                return self.signed_offset().map(|()| true);
            }
            "utc" => self.parts.tail = Tail::Offset(0, OffsetMark::Utc),
            "gmt" => self.parts.tail = Tail::Zone(token.text(self.text)),
            _ => return Ok(false),
        }
        self.at += 1;
        Ok(true)
    }

    /// Takes `+01:00`, `+0100`, `+1`, from its sign on.
    fn signed_offset(&mut self) -> Result<(), Trouble> {
        let is_west = self.is_mark(0, &['-', '−']).is_some();
        let hours = self.close_number(1).ok_or(Trouble::NoSuchOffset)?;
        let value = hours.value(self.text);
        self.at += 2;
        let minutes = match hours.digits() {
            1 | 2 if self.close_mark(0, &[':', '.']).is_some() => {
                let minutes = self.close_number(1).filter(|token| token.digits() == 2);
                self.at += 2;
                offset::minutes(
                    is_west,
                    value,
                    minutes.ok_or(Trouble::NoSuchOffset)?.value(self.text),
                )
            }
            1 | 2 => offset::minutes(is_west, value, 0),
            4 => offset::minutes(is_west, value / 100, value % 100),
            _ => Err(Trouble::NoSuchOffset),
        }?;
        self.parts.tail = Tail::Offset(minutes, OffsetMark::Number);
        Ok(())
    }

    /// Takes `AM`, `p.m.`, `a. m.`.
    fn half(&mut self, word: &str) -> bool {
        let dotted = matches!(word, "a" | "p")
            && self.is_mark(1, &['.']).is_some()
            && self.small(2).as_deref() == Some("m");
        let half = match word {
            "am" => Half::Morning,
            "pm" => Half::Afternoon,
            "a" if dotted => Half::Morning,
            "p" if dotted => Half::Afternoon,
            _ => return false,
        };
        if self.parts.half.is_some() {
            return false;
        }
        self.parts.half = Some(half);
        self.at += if dotted { 3 } else { 1 };
        true
    }

    /// Takes the name of a month or of a day of the week.
    fn named_day(&mut self, word: &str) -> bool {
        let month_follows = (1..=3)
            .any(|ahead| self.small(ahead).is_some_and(|next| names::month(&next).is_some()));
        let month = names::month(word).filter(|_| self.parts.month.is_none());
        if let Some(month) = month.filter(|_| !month_follows && self.parts.date.is_none()) {
            self.parts.month = Some(u32::from(month));
        } else if let Some(weekday) = names::weekday(word) {
            // `di` and its kind are words of other languages too: only the first counts.
            self.parts.weekday = self.parts.weekday.or(Some(weekday));
        } else if word == "mar" && month_follows {
            self.parts.weekday = Some(2);
        } else {
            return false;
        }
        self.at += 1;
        true
    }

    /// Takes the name of a zone behind a time: a word such as `EST`, a path such as `Europe/Berlin`, or
    /// words such as `Eastern Time`, up to a parenthesis or the end.
    fn zone(&mut self, first: Token) -> bool {
        let mut end = first.end;
        let mut ahead = 1;
        while let Some(token) = self.token(ahead) {
            let is_part = match token.piece {
                Piece::Word => true,
                Piece::Mark(mark) => matches!(mark, '/' | '_' | '-') && !token.is_spaced,
                Piece::Number => false,
            };
            if !is_part {
                break;
            }
            end = token.end;
            ahead += 1;
        }
        // Behind an offset it is a comment: `GMT+0530 (India Standard Time)`. A zone in brackets
        // behind an offset is one too: the offset is exact.
        if self.parts.tail == Tail::Nothing {
            let zone = &self.text[first.start..end];
            if !is_zone_name(zone) {
                return false;
            }
            self.parts.tail = Tail::Zone(zone);
        }
        self.at += ahead;
        true
    }

    fn mark(&mut self, mark: char, token: Token) -> Result<(), Trouble> {
        let next = self.token(1);
        let has_time = self.parts.time.is_some();
        match mark {
            ',' | '(' | ')' | '[' | ']' | '@' | '|' | '\'' | '·' => {}
            '.' if !token.is_spaced => {}
            '→' | '⟶' | '➔' | '–' | '—' | '~' | '…' if self.has_date() || has_time => {
                return Err(self.range(token));
            }
            '-' if token.is_spaced && next.is_some_and(|next| next.is_spaced) && has_time => {
                return Err(self.range(token));
            }
            '+' | '-' | '−' if has_time && self.parts.tail == Tail::Nothing => {
                let is_span = mark != '+' && self.place == Place::Time && !self.has_date();
                if is_span {
                    return Err(self.range(token));
                }
                return self.signed_offset();
            }
            // Between the parts of `1-Mar-2027`, and of `2027-03-01 - 09:00`.
            '-' | '/' if !has_time => {}
            _ => return Err(Trouble::NotADate),
        }
        self.at += 1;
        Ok(())
    }

    fn range(&self, token: Token) -> Trouble {
        u8::try_from(token.start).map_or(Trouble::NotADate, Trouble::Range)
    }
}

/// Returns whether a text looks like the name of a zone: `EST`, `Europe/Berlin`, `Eastern Time`.
fn is_zone_name(text: &str) -> bool {
    let is_abbreviation = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_path = text.is_ascii() && text.contains('/');
    is_abbreviation || is_path || zone_words::meaning(text).is_some()
}

fn is_half(word: &str) -> bool {
    matches!(word, "am" | "pm")
}
