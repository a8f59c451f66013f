//! How the cells of a column of dates are to be read.

use serde::{Deserialize, Serialize};

/// How the dates of a column are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DateRules {
    /// What stands in the column.
    pub place: Place,
    /// In which order day and month are named, where the column has an order.
    pub order: Option<DateOrder>,
    /// What its numbers are; `None` while it is not known that they are dates.
    pub numbers: Option<NumberDates>,
}

/// What a column of dates is expected to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// Date and time in one.
    #[default]
    Whole,
    /// The date; the time stands in a column of its own.
    Date,
    /// The time of day.
    Time,
}

/// In which order a date names day and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum DateOrder {
    /// `31.12.2027`
    DayMonthYear,
    /// `12/31/2027`
    MonthDayYear,
    /// The column alone does not decide it: a person is asked, and its dates are errors until then.
    Unclear,
}

/// What the numbers in a column of dates count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum NumberDates {
    /// Days of a spreadsheet, counted from 1900.
    #[serde(rename = "serial_1900")]
    Serial1900,
    /// Days of a spreadsheet, counted from 1904, as old ones of a Mac are.
    #[serde(rename = "serial_1904")]
    Serial1904,
    /// Seconds since 1970, UTC.
    EpochSeconds,
    /// Milliseconds since 1970, UTC.
    EpochMillis,
}

impl NumberDates {
    /// Returns what it is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Serial1900 => "dates of a spreadsheet",
            Self::Serial1904 => "dates of a spreadsheet that counts from 1904",
            Self::EpochSeconds => "seconds since 1970",
            Self::EpochMillis => "milliseconds since 1970",
        }
    }
}
