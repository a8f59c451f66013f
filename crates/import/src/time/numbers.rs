//! Numbers in a column of dates: days of a spreadsheet, seconds and milliseconds since 1970, and the
//! digits of a date written without marks.

use jiff::civil::Date;
use roost_core::clock::UnixMillis;
use roost_core::zone::{Zone, wall_time_of};

use super::calendar;
use super::day::{Day, TimeOfDay};
use super::reading::{Instant, NumberMoment, NumberReading, OffsetMark, Tail, TimeReading};
use super::rules::{DateRules, NumberDates, Place};
use super::trouble::Trouble;

/// Serials from 2000-01-01 to 2199-12-31: what a plan of posts can mean.
const SERIALS: std::ops::Range<f64> = 36_526.0..109_575.0;
/// Days from the beginning of the count of 1900 to that of 1904.
const DAYS_1904: f64 = 1_462.0;
/// Seconds since 1970 from 2001-09-09 to 2286-11-20: ten digits.
const EPOCH_SECONDS: std::ops::Range<f64> = 1e9..1e10;
/// Milliseconds of the same span: thirteen digits.
const EPOCH_MILLIS: std::ops::Range<f64> = 1e12..1e13;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Returns whether a text is to be read as a number: digits with at most one dot or comma, unless it is
/// a time such as `9.30` in a column of times.
pub(super) fn is_number(text: &str, place: Place) -> bool {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = bare.split_once(['.', ',']).map_or((bare, None), |(w, f)| (w, Some(f)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) {
        return false;
    }
    let is_clock = |minutes: &str| minutes.len() == 2 && whole.len() <= 2 && whole != "0";
    !(place == Place::Time && fraction.is_some_and(is_clock))
}

/// Returns what a number says of a moment.
pub(super) fn read(text: &str, rules: DateRules) -> TimeReading<'static> {
    if let Some(reading) = compact(text) {
        return reading;
    }
    if rules.place == Place::Time && text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return clock(text);
    }
    let Some(value) = text.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite())
    else {
        return TimeReading::Invalid(Trouble::NotADate);
    };
    match rules.numbers {
        Some(kind) => {
            let means = meaning(value, kind).map(NumberMoment::reading);
            means.unwrap_or(TimeReading::Invalid(Trouble::OtherNumber(kind)))
        }
        None => {
            recognised(value).map_or(TimeReading::Invalid(Trouble::Number), TimeReading::Number)
        }
    }
}

/// Returns what a number seems to count, and the date that it means then.
fn recognised(value: f64) -> Option<NumberReading> {
    let kind = if (0.0..1.0).contains(&value) || SERIALS.contains(&value) {
        NumberDates::Serial1900
    } else if EPOCH_SECONDS.contains(&value) {
        NumberDates::EpochSeconds
    } else if EPOCH_MILLIS.contains(&value) {
        NumberDates::EpochMillis
    } else {
        return None;
    };
    meaning(value, kind).map(|means| NumberReading { kind, means })
}

/// Returns the date that a number means when it counts `kind`; `None` where that is no date of ours.
fn meaning(value: f64, kind: NumberDates) -> Option<NumberMoment> {
    match kind {
        NumberDates::Serial1900 => serial(value, 0.0),
        NumberDates::Serial1904 => serial(value, DAYS_1904),
        NumberDates::EpochSeconds => {
            EPOCH_SECONDS.contains(&value).then(|| epoch(value.ceil() as i64))
        }
        NumberDates::EpochMillis => {
            EPOCH_MILLIS.contains(&value).then(|| epoch((value / 1000.0).ceil() as i64))
        }
    }
}

fn epoch(seconds: i64) -> NumberMoment {
    let at = UnixMillis::from_seconds(seconds);
    let utc = Zone::parse("UTC").expect("the compiled-in database has UTC");
    let wall = wall_time_of(at, &utc);
    NumberMoment::Instant(Instant { at, wall, offset_minutes: 0, mark: OffsetMark::Epoch })
}

/// Returns the moment of a serial: days since 1899-12-30, a fraction of one being the time of day. The
/// nearest second is taken: the fraction of a double hits none exactly.
fn serial(value: f64, shift: f64) -> Option<NumberMoment> {
    let seconds = (value * SECONDS_PER_DAY).round();
    if (0.0..SECONDS_PER_DAY).contains(&seconds) && value < 1.0 {
        return time(seconds as i32).map(NumberMoment::Time);
    }
    if !SERIALS.contains(&(value + shift)) {
        return None;
    }
    let seconds = seconds as i64 + (shift * SECONDS_PER_DAY) as i64;
    let days = seconds.div_euclid(SECONDS_PER_DAY as i64);
    let first = Date::constant(1899, 12, 30);
    let date = first.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    let day = Day::new(date.year(), date.month(), date.day())?;
    if value.fract() == 0.0 {
        return Some(NumberMoment::Date(day));
    }
    let time = time(seconds.rem_euclid(SECONDS_PER_DAY as i64) as i32)?;
    Some(NumberMoment::Wall(day.at(time)))
}

fn time(seconds: i32) -> Option<TimeOfDay> {
    let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(i8::try_from);
    let [Ok(hour), Ok(minute), Ok(second)] = parts else { return None };
    TimeOfDay::new(hour, minute, second)
}

/// Reads `20270301`, `202703010900` and `20270301090000`: a date, and a time, without marks.
fn compact(text: &str) -> Option<TimeReading<'static>> {
    let is_plain = matches!(text.len(), 8 | 12 | 14) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_plain {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to).unwrap_or("0").parse::<u32>().ok();
    let year = number(0, 4).filter(|year| (1900..2200).contains(year))?;
    let day = calendar::day(i32::try_from(year).ok()?, number(4, 6)?, number(6, 8)?).ok()?;
    if text.len() == 8 {
        return Some(TimeReading::Date(day));
    }
    let second = if text.len() == 14 { number(12, 14)? } else { 0 };
    let time = calendar::time(number(8, 10)?, number(10, 12)?, second, None).ok()?;
    Some(TimeReading::Wall(day.at(time)))
}

/// Reads `0930`, in a column of times.
fn clock(text: &str) -> TimeReading<'static> {
    let number = |from: usize| text[from..from + 2].parse().unwrap_or(u32::MAX);
    calendar::time(number(0), number(2), 0, None)
        .map_or_else(TimeReading::Invalid, |time| TimeReading::Time(time, Tail::Nothing))
}
