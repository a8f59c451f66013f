//! A cell of a column of dates becomes a moment, or is named for what it is.
//!
//! [`read`] is the one way in. Nothing is guessed: a date whose day and month could be either way
//! round stays [`TimeReading::Unordered`] until its column decides or a person does, and a number stays
//! [`TimeReading::Number`], with the date that it means, until a person says that it is one. Readings
//! carry no words, so that a file full of errors costs no more than a good one; [`TimeReading::explain`]
//! finds them.

mod asian;
mod calendar;
mod day;
mod explain;
mod grammar;
mod iso;
mod join;
pub(crate) mod names;
mod numbers;
mod offset;
pub mod order;
mod parts;
mod reading;
mod rules;
mod tokens;
mod trouble;
pub mod zone_words;

pub use day::{Day, TimeOfDay};
pub use explain::Explanation;
pub use join::join;
pub use reading::{Instant, NumberMoment, NumberReading, OffsetMark, Tail, TimeReading, Unordered};
pub use rules::{DateOrder, DateRules, NumberDates, Place};
pub use trouble::Trouble;

use crate::table::{Cell, Kind};

/// The texts that a file of JSON should hold, as a pattern of its schema: year, month and day, then the
/// time of day, then an offset where there is one. All that it matches is read, unless there is no such
/// date; what else is read beside it are the many styles of spreadsheets.
pub const SCHEMA_PATTERN: &str = concat!(
    r"^[ \t\r\n]*[0-9]{4}(-(0?[1-9]|1[0-2])-|/(0?[1-9]|1[0-2])/)(0?[1-9]|[12][0-9]|3[01])( +|[Tt])",
    r"((0?[0-9]|1[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?( ?([Zz]|UTC))?",
    r"|(0?[1-9]|1[0-2]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)? ?[AaPp][Mm]( ([Zz]|UTC))?",
    r"|((0?[0-9]|1[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?",
    r"|(0?[1-9]|1[0-2]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)? ?[AaPp][Mm])",
    r" ?[+-]((0?[0-9]|1[0-7])(:[0-5][0-9])?|(0[0-9]|1[0-7])[0-5][0-9]|18(:?00)?))[ \t\r\n]*$",
);

/// Longer texts, in bytes, are no dates and are not looked into.
const TEXT_BYTES_MAX: usize = 120;

/// Returns what a cell says of a moment. A blank cell is [`TimeReading::Empty`].
#[must_use]
pub fn read<'t>(cell: Cell<'t>, rules: DateRules) -> TimeReading<'t> {
    match cell.kind {
        Kind::Text | Kind::Date => read_text(cell.text, rules),
        Kind::Number => numbers::read(cell.text.trim(), rules),
        Kind::Bool | Kind::List | Kind::Object => {
            TimeReading::Invalid(Trouble::WrongKind(cell.kind))
        }
        Kind::Broken => TimeReading::Invalid(Trouble::Broken),
    }
}

/// Returns what a text says of a moment, as [`read`] does of a cell of text.
#[must_use]
pub fn read_text(text: &str, rules: DateRules) -> TimeReading<'_> {
    let text = text.trim();
    if let Some(reading) = iso::read(text) {
        return reading;
    }
    if text.is_empty() {
        return TimeReading::Empty;
    }
    if text.len() > TEXT_BYTES_MAX {
        return TimeReading::Invalid(Trouble::NotADate);
    }
    if let Some(trouble) = trouble::placeholder(text) {
        return TimeReading::Invalid(trouble);
    }
    if numbers::is_number(text, rules.place) {
        return numbers::read(text, rules);
    }
    grammar::read(text, rules).unwrap_or_else(TimeReading::Invalid)
}
