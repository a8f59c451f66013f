//! What a person changed of an import: texts of cells, and what becomes of single rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::row::Changes;

/// All that a person changed of an import: with the source, the mapping and the choices it makes the
/// same session again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Edits {
    /// The cells that were changed, by row and field.
    pub cells: Vec<CellChange>,
    /// What becomes of single rows.
    pub decisions: Vec<RowDecision>,
}

/// The text that a person gave a field of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CellChange {
    /// The row, from 1.
    pub row: u32,
    /// The field.
    pub field: Field,
    /// Its text; an empty one takes it away.
    pub text: String,
}

/// What becomes of a row, whatever the choices for all rows say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RowDecision {
    /// The row, from 1.
    pub row: u32,
    /// What becomes of it.
    pub decision: Decision,
}

/// What a person decided about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Decision {
    /// It is left out.
    LeaveOut,
    /// It becomes a draft, whatever is wrong with it.
    Draft,
    /// It takes the next free time of its account.
    NextSlot,
    /// It changes the waiting post that says the same.
    Update,
}

/// What a person decided, by row.
pub(crate) type Decisions = BTreeMap<u32, Decision>;

impl Edits {
    pub(super) fn of(changes: &Changes, decisions: &Decisions) -> Self {
        let cells = changes.iter().flat_map(|(row, fields)| {
            fields.iter().map(|(field, text)| CellChange {
                row: *row,
                field: *field,
                text: text.to_string(),
            })
        });
        let decisions = decisions.iter();
        let decisions =
            decisions.map(|(row, decision)| RowDecision { row: *row, decision: *decision });
        Self { cells: cells.collect(), decisions: decisions.collect() }
    }
}

impl From<Vec<CellChange>> for Edits {
    fn from(cells: Vec<CellChange>) -> Self {
        Self { cells, decisions: Vec::new() }
    }
}

/// Writes a change among the others.
pub(super) fn write(changes: &mut Changes, cell: &CellChange) {
    changes.entry(cell.row).or_default().insert(cell.field, cell.text.as_str().into());
}
