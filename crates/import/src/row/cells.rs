//! The cells of one row, sorted by the fields that the mapping makes of their columns.

use std::collections::BTreeMap;

use crate::field::Field;
use crate::mapping::{ColumnUse, Mapping};
use crate::table::{Kind, Row};

/// More than there are fields.
const FIELDS_MAX: usize = 32;

/// What a person changed: the text of a field of a row; an empty one takes the cells away.
pub type Changes = BTreeMap<u32, BTreeMap<Field, Box<str>>>;

/// A cell with what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldCell<'t> {
    /// Its column; `None` where a person wrote it.
    pub column: Option<u16>,
    /// What it is in its source.
    pub kind: Kind,
    /// Its text; see [`Kind`].
    pub text: &'t str,
    /// Whether its source has kinds of values, so that a number is no text.
    pub is_typed: bool,
}

/// The cells of one row by field.
#[derive(Debug)]
pub struct FieldCells<'t> {
    first: [Option<FieldCell<'t>>; FIELDS_MAX],
    /// Further cells of fields that have several columns.
    further: Vec<(Field, FieldCell<'t>)>,
    /// Cells of columns that are no field.
    unknown: Vec<(u16, &'t str)>,
}

impl<'t> FieldCells<'t> {
    /// Sorts the cells of a row. What a person wrote into a field replaces all cells of it; of a column
    /// that the row names twice the first cell counts.
    pub fn of(row: &Row<'t>, mapping: &Mapping, is_typed: bool, changes: &'t Changes) -> Self {
        let mut cells =
            Self { first: [None; FIELDS_MAX], further: Vec::new(), unknown: Vec::new() };
        for (column, cell) in row.cells() {
            let used = mapping.columns.get(usize::from(column));
            match used.and_then(|it| it.field) {
                None if used.is_some_and(ColumnUse::is_for_people) => {}
                Some(field) => {
                    let (kind, text) = (cell.kind, cell.text);
                    cells.add(field, FieldCell { column: Some(column), kind, text, is_typed });
                }
                None => cells.unknown.push((column, cell.text)),
            }
        }
        if let Some(changes) = changes.get(&row.number()) {
            cells.change(changes);
        }
        cells
    }

    /// Returns the first cell of a field.
    #[must_use]
    pub const fn first(&self, field: Field) -> Option<FieldCell<'t>> {
        self.first[field as usize]
    }

    /// Returns all cells of a field, in the order of the source.
    pub fn all(&self, field: Field) -> impl Iterator<Item = FieldCell<'t>> {
        let further = self.further.iter().filter(move |(it, _)| *it == field);
        self.first(field).into_iter().chain(further.map(|(_, cell)| *cell))
    }

    /// Returns whether a field has cells of several columns.
    #[must_use]
    pub fn has_several(&self, field: Field) -> bool {
        self.further.iter().any(|(it, _)| *it == field)
    }

    /// Returns the cells of columns that are no field.
    pub fn unknown(&self) -> impl Iterator<Item = (u16, &'t str)> {
        self.unknown.iter().copied()
    }

    fn add(&mut self, field: Field, cell: FieldCell<'t>) {
        match &mut self.first[field as usize] {
            place @ None => *place = Some(cell),
            Some(first) if first.column == cell.column => {}
            Some(_) => self.further.push((field, cell)),
        }
    }

    fn change(&mut self, changes: &'t BTreeMap<Field, Box<str>>) {
        for (field, text) in changes {
            self.further.retain(|(it, _)| it != field);
            let cell = FieldCell { column: None, kind: Kind::Text, text, is_typed: false };
            self.first[*field as usize] = (!text.trim().is_empty()).then_some(cell);
        }
    }
}
