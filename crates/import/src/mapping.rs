//! Which column of a source is which field, and how its dates are to be read.

use serde::{Deserialize, Serialize};

use crate::field::Field;
pub use crate::time::DateOrder;

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
