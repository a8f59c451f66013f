//! Which column of a source is which field, and how its dates are to be read.

use serde::{Deserialize, Serialize};

use crate::field::Field;

/// Which column is which field: one entry per column of the table, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Mapping {
    /// One entry per column of the table.
    pub columns: Vec<ColumnUse>,
}

/// What a column is used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ColumnUse {
    /// The field that it is; `None` is left out.
    pub field: Option<Field>,
    /// In which order its dates name day and month; `None` where it holds no date that needs one.
    pub date_order: Option<DateOrder>,
    /// Why it is taken for that field.
    pub recognised_by: RecognisedBy,
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

/// Why a column is taken for its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum RecognisedBy {
    /// Its name.
    Name,
    /// The layout of a known program, such as Hootsuite's.
    Layout,
    /// What its cells hold.
    Contents,
    /// A file of the same shape that was mapped before.
    Remembered,
    /// A person said so.
    Person,
    /// It is not taken for any.
    Nothing,
}
