//! The mapping of a source, kept for the next one of the same shape.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::profile::Profile;
use super::recognise::decide_dates;
use super::{ColumnUse, DateOrder, Mapping, NumberDates, RecognisedBy};
use crate::field::Field;
use crate::field::names::key;
use crate::table::RawTable;

/// Hexadecimal digits of a fingerprint.
const FINGERPRINT_DIGITS: usize = 32;

/// A mapping by the names of columns, so that it holds for sources whose columns stand in another order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Remembered {
    /// The columns, in the order of the source that it was made for.
    pub columns: Vec<RememberedColumn>,
}

/// What a column of this name is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedColumn {
    /// The name as the source wrote it.
    pub name: String,
    /// The field; `None` was left out.
    pub field: Option<Field>,
    /// In which order its dates name day and month.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// What its numbers count.
    #[serde(default)]
    pub numbers: Option<NumberDates>,
}

impl Mapping {
    /// Returns what is to be kept of it for the next source of this shape.
    #[must_use]
    pub fn remember(&self, table: &RawTable) -> Remembered {
        let columns =
            table.columns.iter().zip(&self.columns).map(|(column, entry)| RememberedColumn {
                name: column.name.clone(),
                field: entry.field,
                date_order: entry.date_order.filter(|order| *order != DateOrder::Unclear),
                numbers: entry.numbers,
            });
        Remembered { columns: columns.collect() }
    }
}

impl Remembered {
    /// Returns the mapping of another source of the same shape. What its own cells decide goes before
    /// what is remembered: dates that contradict the order are asked about again.
    #[must_use]
    pub fn apply(&self, table: &RawTable) -> Mapping {
        let mut mapping = Mapping::recognise(table);
        let mut left: Vec<Option<&RememberedColumn>> = self.columns.iter().map(Some).collect();
        for (column, entry) in table.columns.iter().zip(&mut mapping.columns) {
            let name = key(&column.name);
            let place = left.iter().position(|it| it.is_some_and(|it| key(&it.name) == name));
            if let Some(known) = place.and_then(|at| left[at].take()) {
                *entry = ColumnUse {
                    field: known.field,
                    date_order: known.date_order,
                    numbers: known.numbers,
                    recognised_by: RecognisedBy::Remembered,
                    question: None,
                };
            }
        }
        decide_dates(table, &mut mapping);
        mapping
    }
}

/// Returns the shape of a table, as hexadecimal digits.
pub(super) fn fingerprint(table: &RawTable) -> String {
    let mut names: Vec<String> = table.columns.iter().map(|column| key(&column.name)).collect();
    if names.iter().all(String::is_empty) {
        // Columns without names stand in their order, and go by what they hold.
        names = Profile::of_all(table).iter().map(kind_of).collect();
    } else {
        names.sort_unstable();
    }
    let digest = Sha256::digest(names.join("\n").as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits[..FINGERPRINT_DIGITS].to_owned()
}

fn kind_of(profile: &Profile) -> String {
    let kind = if profile.are_mostly_moments() {
        "moments"
    } else if profile.are_mostly(profile.links) {
        "links"
    } else if profile.are_mostly(profile.handles) {
        "handles"
    } else if profile.cells == 0 {
        "nothing"
    } else {
        "texts"
    };
    format!("\u{1}{kind}")
}
