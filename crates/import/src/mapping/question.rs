//! What a person is to decide about a column.

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::time::NumberDates;

/// What a person is to decide about a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Question {
    /// Whether its dates have the day or the month first.
    DateOrder {
        /// A cell that could be either.
        text: String,
        /// What it means when the day stands first.
        day_first: String,
        /// What it means when the month stands first.
        month_first: String,
    },
    /// Whether its numbers are dates of that kind.
    NumberDates {
        /// A cell with such a number.
        text: String,
        /// What it seems to count.
        counts: NumberDates,
        /// What it means then.
        means: String,
    },
    /// Whether its name is a slip.
    DidYouMean {
        /// The field whose name is near.
        field: Field,
    },
    /// Whether it, and not the column that was taken, is the field.
    InsteadOf {
        /// The field.
        field: Field,
        /// The column that was taken for it, from 0.
        column: u16,
    },
}

impl Question {
    /// Returns the question in words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::DateOrder { text, day_first, month_first } => {
                format!("Is \"{text}\" {day_first} (day first) or {month_first} (month first)?")
            }
            Self::NumberDates { text, counts, means } => {
                format!("Are the numbers {}? {text} is {means} then.", counts.label())
            }
            Self::DidYouMean { field } => format!("Did you mean \"{}\"?", field.label()),
            Self::InsteadOf { field, .. } => {
                format!("Another column is taken for \"{}\". Is it this one?", field.label())
            }
        }
    }
}
