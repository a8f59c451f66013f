//! Why a cell is no moment.

use super::day::{Day, TimeOfDay, days_in};
use super::names::{month_name, weekday_name};
use super::rules::{DateOrder, NumberDates};
use crate::table::Kind;

/// Why a cell is no moment. Its words are found only when they are to be read ([`Trouble::reason`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is written in no style of dates.
    NotADate,
    /// It is true or false, a list or an object.
    WrongKind(Kind),
    /// The source's own text is broken there.
    Broken,
    /// A word for nothing stands there, such as `N/A`, `null` or `TBD`.
    Placeholder,
    /// The error of a formula stands there, such as `#REF!`.
    FormulaError,
    /// `#####`: the column was too narrow when the sheet was saved as text.
    NarrowColumn,
    /// What an empty date becomes in a database or a program: `0000-00-00`, `1970-01-01`.
    EmptyDate,
    /// Only a time of day was in the sheet: `1899-12-30T09:00:00.000Z`.
    TimeOfSpreadsheet(TimeOfDay),
    /// There is no such year.
    NoSuchYear(i32),
    /// There is no such month.
    NoSuchMonth(u32),
    /// The month has no such day.
    NoSuchDay {
        /// The year.
        year: i16,
        /// The month, 1 to 12.
        month: u32,
        /// The day that there is none of.
        day: u32,
    },
    /// There is no such hour.
    NoSuchHour(u32),
    /// `24:00`.
    Hour24,
    /// A clock of twelve hours has no such hour.
    NoSuchTwelveHour(u32),
    /// There is no such minute.
    NoSuchMinute(u32),
    /// Minutes have two digits.
    OneDigitMinute,
    /// There is no such second.
    NoSuchSecond(u32),
    /// There is no such offset from UTC.
    NoSuchOffset,
    /// The date falls on another day of the week than it says.
    Weekday {
        /// The day that is named, Monday 1 to Sunday 7.
        named: u8,
        /// The date, where there is one.
        day: Day,
    },
    /// The year is missing.
    YearMissing,
    /// The day of the month is missing.
    DayMissing,
    /// A span of time, with a beginning and an end; the end begins at this byte.
    Range(u8),
    /// It says when only from the day on which it is read: `next Friday`.
    Relative,
    /// The column's dates have the other order.
    OtherOrder(DateOrder),
    /// A number that is no date, whatever it counts.
    Number,
    /// The column's numbers are dates of another kind than this one.
    OtherNumber(NumberDates),
    /// Both the column of dates and the column of times say a time of day, and not the same.
    TwoTimes,
    /// The column of times holds a date of its own.
    TwoDates,
}

impl Trouble {
    /// Returns what is wrong, as the part of a sentence that follows a colon.
    #[must_use]
    pub fn reason(self) -> String {
        match self {
            Self::NotADate => "it is written in no style of dates that is known".to_owned(),
            Self::WrongKind(Kind::Bool) => "it is true or false".to_owned(),
            Self::WrongKind(Kind::List) => "it is a list".to_owned(),
            Self::WrongKind(_) => "it is an object".to_owned(),
            Self::Broken => "it holds a character that is broken".to_owned(),
            Self::Placeholder => "the word stands for no date".to_owned(),
            Self::FormulaError => "a formula of the sheet failed".to_owned(),
            Self::NarrowColumn => {
                "the column was too narrow to show it when the sheet was saved".to_owned()
            }
            Self::EmptyDate => "it is what an empty date becomes".to_owned(),
            Self::TimeOfSpreadsheet(_) => {
                "only a time stood in the cell, and a spreadsheet writes it with the day on which it \
                 begins to count"
                    .to_owned()
            }
            Self::NoSuchYear(year) if year > 9998 => {
                format!("the year {year} is too far away; years have four digits")
            }
            Self::NoSuchYear(year) => format!("the year {year:04} is out of range"),
            Self::NoSuchMonth(month) => {
                format!("there is no month {month:02}; months go from 01 to 12")
            }
            Self::NoSuchDay { year, month, day } => {
                let (name, days) = (month_name(month), days_in(year, month));
                format!("{name} {year} has {days} days; there is no day {day:02}")
            }
            Self::NoSuchHour(hour) => format!("there is no hour {hour}; hours go from 00 to 23"),
            Self::Hour24 => "there is no hour 24; midnight is 00:00 of the next day".to_owned(),
            Self::NoSuchTwelveHour(hour) => {
                format!("a clock with AM and PM has no hour {hour}; its hours go from 1 to 12")
            }
            Self::NoSuchMinute(minute) => {
                format!("there is no minute {minute}; minutes go from 00 to 59")
            }
            Self::OneDigitMinute => "minutes have two digits".to_owned(),
            Self::NoSuchSecond(second) => {
                format!("there is no second {second}; seconds go from 00 to 59")
            }
            Self::NoSuchOffset => "there is no such offset from UTC".to_owned(),
            Self::Weekday { named, day } => {
                let is = weekday_name(day.weekday());
                format!("{day} is a {is}, not a {}", weekday_name(named))
            }
            Self::YearMissing => "the year is missing".to_owned(),
            Self::DayMissing => "the day is missing".to_owned(),
            Self::Range(_) => "it is a span of time; a post has one moment".to_owned(),
            Self::Relative => {
                "it says when only from the day on which it is read; a date is needed".to_owned()
            }
            Self::OtherOrder(DateOrder::MonthDayYear) => {
                "the column's dates have the month first, and there is no such month".to_owned()
            }
            Self::OtherOrder(_) => {
                "the column's dates have the day first, and there is no such month".to_owned()
            }
            Self::Number => "a number is no date".to_owned(),
            Self::OtherNumber(kind) => {
                format!("the column's numbers are read as {}, and it is none", kind.label())
            }
            Self::TwoTimes => {
                "the column of dates says another time than the column of times".to_owned()
            }
            Self::TwoDates => "a date stands in the column of times".to_owned(),
        }
    }
}

/// Returns what a cell is that holds a word for nothing or the error of a formula.
pub(super) fn placeholder(text: &str) -> Option<Trouble> {
    const WORDS: &str = "null none nil nan nat n/a na tbd tba tbc todo undefined unscheduled - -- – — \
                         ? ?? ??? . / x invalid_date no_date not_scheduled not_set to_be_decided";
    if text.len() > 16 {
        return None;
    }
    if text.starts_with('#') {
        let is_narrow = text.bytes().all(|byte| byte == b'#');
        return Some(if is_narrow { Trouble::NarrowColumn } else { Trouble::FormulaError });
    }
    if text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let word = text.to_lowercase().replace(' ', "_");
    let is_one = WORDS.split_whitespace().any(|known| known == word);
    is_one.then_some(Trouble::Placeholder)
}
