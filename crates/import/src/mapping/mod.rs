//! Which column of a source is which field, and how its dates are to be read.
//!
//! Columns are recognised by the layout of a known program, by their names in many languages, and by
//! what their cells hold; what stays open is a [`Question`]. A person's word goes before all of it
//! ([`Mapping::set`]), and is remembered for the next source of that shape ([`Remembered`]).

mod by_hand;
mod dates;
mod layouts;
mod profile;
mod question;
mod recognise;
mod remember;

pub use layouts::{REASON, is_own};
use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::table::RawTable;
pub use crate::time::{DateOrder, NumberDates};
use crate::time::{DateRules, Place};

pub use by_hand::MapError;
pub use question::Question;
pub use remember::{Remembered, RememberedColumn};

/// Which column is which field: one entry per column of the table, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Mapping {
    /// One entry per column of the table.
    pub columns: Vec<ColumnUse>,
}

/// What a column is used for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ColumnUse {
    /// The field that it is; `None` is left out.
    pub field: Option<Field>,
    /// In which order its dates name day and month; `None` where it holds no date that needs one.
    pub date_order: Option<DateOrder>,
    /// What its numbers count, where they are dates; `None` where it has none, or where it is not known.
    #[serde(default)]
    pub numbers: Option<NumberDates>,
    /// Why it is taken for that field.
    pub recognised_by: RecognisedBy,
    /// What a person is to decide about it.
    #[serde(default)]
    pub question: Option<Question>,
}

/// Why a column is taken for its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
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
    #[default]
    Nothing,
}

impl ColumnUse {
    /// Returns a column that is taken for a field.
    #[must_use]
    pub fn of(field: Field, recognised_by: RecognisedBy) -> Self {
        Self { field: Some(field), recognised_by, ..Self::default() }
    }

    /// Returns whether it is for people, so that nothing is lost when it is left out: Roost wrote it.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        self.field.is_none() && self.recognised_by == RecognisedBy::Layout
    }

    /// Returns how its cells are to be read as moments.
    #[must_use]
    pub const fn date_rules(&self) -> DateRules {
        let place = match self.field {
            Some(Field::Date) => Place::Date,
            Some(Field::Time) => Place::Time,
            _ => Place::Whole,
        };
        DateRules { place, order: self.date_order, numbers: self.numbers }
    }
}

impl Mapping {
    /// Returns what the columns of a table seem to be.
    #[must_use]
    pub fn recognise(table: &RawTable) -> Self {
        recognise::mapping(table)
    }

    /// Returns what all sources of the same shape have in common: the names of the columns in whatever
    /// order, and what they hold where they have no names.
    #[must_use]
    pub fn fingerprint(table: &RawTable) -> String {
        remember::fingerprint(table)
    }

    /// Returns the first column of a field.
    #[must_use]
    pub fn column_of(&self, field: Field) -> Option<u16> {
        let at = self.columns.iter().position(|column| column.field == Some(field))?;
        u16::try_from(at).ok()
    }

    /// Returns the columns that are no field.
    pub fn unused(&self) -> impl Iterator<Item = u16> {
        let places = (0_u16..).zip(&self.columns);
        places.filter(|(_, column)| column.field.is_none()).map(|(at, _)| at)
    }

    /// Returns what a person is to decide, with the column that it is about.
    pub fn questions(&self) -> impl Iterator<Item = (u16, &Question)> {
        let places = (0_u16..).zip(&self.columns);
        places.filter_map(|(at, column)| column.question.as_ref().map(|question| (at, question)))
    }
}
