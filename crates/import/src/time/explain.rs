//! The words for a reading that is no whole moment: what is wrong, what to do, and what to write
//! instead where that is known.

use roost_core::failure::{Code, clip};

use super::day::TimeOfDay;
use super::offset::{civil, later};
use super::reading::{Instant, NumberReading, OffsetMark, TimeReading, Unordered};
use super::rules::{DateRules, Place};
use super::{Trouble, read_text};

/// How much of a cell a message repeats, in characters.
const ECHO_CHARS_MAX: usize = 40;

/// What a person is told of a cell that is no whole moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The kind.
    pub code: Code,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do about it, in a sentence; it works.
    pub remedy: String,
    /// What may be written into the cell instead, where only one thing can be meant.
    pub suggestion: Option<String>,
}

impl TimeReading<'_> {
    /// Returns the kind of trouble; `None` for a blank cell and for a whole moment.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Empty | Self::Wall(_) | Self::Zoned(..) | Self::Instant(_) => None,
            Self::Date(_) => Some(Code::TimeOfDayMissing),
            Self::Time(..) | Self::Invalid(Trouble::TimeOfSpreadsheet(_)) => {
                Some(Code::DateMissing)
            }
            Self::Number(_) => Some(Code::NumberIsNoDate),
            Self::Unordered(_) => Some(Code::DateOrderUnclear),
            Self::Invalid(_) => Some(Code::TimeInvalid),
        }
    }

    /// Returns what to tell of a cell with this text that was expected to hold a whole moment; `None`
    /// for a blank cell and for a whole moment. Of a row with two columns the text is both, with a blank
    /// between.
    #[must_use]
    pub fn explain(&self, text: &str) -> Option<Explanation> {
        let code = self.code()?;
        let echo = clip(text.trim(), ECHO_CHARS_MAX);
        Some(match self {
            Self::Date(day) => Explanation {
                code,
                message: format!("\"{echo}\" is a date without a time of day."),
                remedy: format!("Add the time, such as {day} 09:00."),
                suggestion: None,
            },
            Self::Time(time, _) => time_only(code, &echo, *time),
            Self::Number(number) => looks_like_date(code, &echo, number),
            Self::Unordered(dates) => unordered(code, &echo, dates),
            Self::Invalid(trouble) => invalid(code, &echo, text, *trouble),
            Self::Empty | Self::Wall(_) | Self::Zoned(..) | Self::Instant(_) => return None,
        })
    }

    /// Returns the reading as one would write it: `2027-03-01 09:00`, `2027-03-01T09:00:00+01:00`,
    /// `2027-03-01`, `09:00`. `None` where it is no moment.
    #[must_use]
    pub fn canonical(&self) -> Option<String> {
        match self {
            Self::Wall(wall) => Some(wall.to_string()),
            Self::Zoned(wall, zone) => Some(format!("{wall} {zone}")),
            Self::Instant(instant) => Some(rfc3339(instant)),
            Self::Date(day) => Some(day.to_string()),
            Self::Time(time, _) => Some(time.to_string()),
            Self::Empty | Self::Number(_) | Self::Unordered(_) | Self::Invalid(_) => None,
        }
    }
}

fn time_only(code: Code, echo: &str, time: TimeOfDay) -> Explanation {
    Explanation {
        code,
        message: format!("Only a time stood in the cell: \"{echo}\" has no date."),
        remedy: format!("Add the date, such as 2027-03-01 {time}."),
        suggestion: None,
    }
}

fn looks_like_date(code: Code, echo: &str, number: &NumberReading) -> Explanation {
    use super::reading::NumberMoment::{Date, Instant, Time, Wall};
    let means = number.means;
    let source = match number.means {
        Wall(_) | Date(_) | Time(_) => "from a spreadsheet",
        Instant(_) => number.kind.label(),
    };
    let instead = match means {
        Date(day) => format!("{day} 09:00"),
        Time(time) => format!("2027-03-01 {time}"),
        Wall(_) | Instant(_) => means.reading().canonical().unwrap_or_default(),
    };
    let message = match means {
        Instant(_) => format!("A number is no date: {echo} looks like {means}, {source}."),
        _ => format!("A number is no date: {echo} looks like {means} {source}."),
    };
    Explanation {
        code,
        message,
        remedy: format!(
            "Read the column's numbers as {}, or write {instead}.",
            number.kind.label()
        ),
        suggestion: match means {
            Wall(_) | Instant(_) => Some(instead),
            Date(_) | Time(_) => None,
        },
    }
}

fn unordered(code: Code, echo: &str, dates: &Unordered) -> Explanation {
    let written = |day: Option<super::Day>| {
        let time = dates.time.map_or(String::new(), |time| format!(" {time}"));
        day.map(|day| format!("{day}{time}"))
    };
    let readings = [written(dates.day_first), written(dates.month_first)];
    let message = match &readings {
        [Some(first), Some(second)] => format!("\"{echo}\" may be {first} or {second}."),
        [Some(one), None] | [None, Some(one)] => {
            format!("\"{echo}\" has a year of two digits; it may be {one}.")
        }
        [None, None] => format!("\"{echo}\" is no date."),
    };
    let one =
        readings.into_iter().flatten().next().unwrap_or_else(|| "2027-03-01 09:00".to_owned());
    Explanation {
        code,
        message,
        remedy: format!(
            "Say whether the column's dates have the day or the month first, or write it as {one}."
        ),
        suggestion: None,
    }
}

fn invalid(code: Code, echo: &str, text: &str, trouble: Trouble) -> Explanation {
    let suggestion = suggestion(text, trouble);
    let reason = trouble.reason();
    let message = match trouble {
        Trouble::TimeOfSpreadsheet(_) => format!("\"{echo}\" has no date: {reason}."),
        Trouble::Number => format!("A number is no date, and {echo} looks like none."),
        _ => format!("\"{echo}\" is no date and time: {reason}."),
    };
    let remedy = match (&suggestion, trouble) {
        (Some(instead), Trouble::Range(_)) => format!("Write its beginning alone: {instead}."),
        (Some(instead), Trouble::Hour24) => format!("Write {instead}."),
        (Some(instead), _) => format!("Write {instead}, if that is meant."),
        (None, Trouble::TimeOfSpreadsheet(_)) => {
            "Add the date, such as 2027-03-01 09:00.".to_owned()
        }
        (None, Trouble::NarrowColumn) => {
            "Widen the column in the sheet and save it again.".to_owned()
        }
        (None, Trouble::Placeholder | Trouble::EmptyDate) => {
            "Leave the cell empty, or write a date such as 2027-03-01 09:00.".to_owned()
        }
        (None, Trouble::TwoTimes | Trouble::TwoDates) => "Keep one of them.".to_owned(),
        (None, _) => "Write it as 2027-03-01 09:00.".to_owned(),
    };
    Explanation { code, message, remedy, suggestion }
}

/// Returns what was surely meant instead.
fn suggestion(text: &str, trouble: Trouble) -> Option<String> {
    let rules = DateRules { place: Place::Whole, order: None, numbers: None };
    match trouble {
        Trouble::Range(end) => {
            let beginning = text.trim().get(..usize::from(end))?.trim();
            let reading = read_text(beginning, rules);
            matches!(
                reading,
                TimeReading::Wall(_) | TimeReading::Zoned(..) | TimeReading::Instant(_)
            )
            .then(|| reading.canonical())?
        }
        Trouble::Hour24 => {
            let midnight = text.trim().replacen("24:", "00:", 1);
            match read_text(&midnight, rules) {
                TimeReading::Wall(wall) => later(wall, 86_400).map(|wall| wall.to_string()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns an instant as RFC 3339 writes it, under its own offset.
fn rfc3339(instant: &Instant) -> String {
    let wall = civil(instant.wall);
    if matches!(instant.mark, OffsetMark::Z | OffsetMark::Utc | OffsetMark::Epoch) {
        return format!("{wall}Z");
    }
    let sign = if instant.offset_minutes < 0 { '-' } else { '+' };
    let minutes = instant.offset_minutes.unsigned_abs();
    format!("{wall}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
