//! The cells of one row, sorted by the fields that the mapping makes of their columns.

use std::collections::BTreeMap;

use crate::fault::RowFault;
use crate::field::Field;
use crate::mapping::Mapping;
use crate::table::{Kind, Row};

/// More than there are fields.
const FIELDS_MAX: usize = 32;

/// What a person changed: the text of a field of a row; an empty one takes the cells away.
pub type Changes = BTreeMap<(u32, Field), Box<str>>;

/// A cell with the field that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldCell<'t> {
    /// Its column; `None` where a person wrote it.
    pub column: Option<u16>,
    /// What it is in its source.
    pub kind: Kind,
    /// Its text; see [`Kind`].
    pub text: &'t str,
}

/// The cells of one row by field.
#[derive(Debug)]
pub struct FieldCells<'t> {
    first: [Option<FieldCell<'t>>; FIELDS_MAX],
    /// Further cells of fields that have several columns.
    further: Vec<(Field, FieldCell<'t>)>,
    /// A column that the source names twice in this row.
    pub repeated: Option<u16>,
    /// What the reader of the source found wrong with the row.
    pub faults: Vec<RowFault>,
    /// Cells of columns that are no field.
    pub unknown: Vec<(u16, &'t str)>,
}

impl<'t> FieldCells<'t> {
    /// Sorts the cells of a row. What a person wrote into a field replaces all cells of it.
    pub fn of(row: &Row<'t>, mapping: &Mapping, changes: &'t Changes) -> Self {
        let mut cells = Self {
            first: [None; FIELDS_MAX],
            further: Vec::new(),
            repeated: None,
            faults: row.faults().collect(),
            unknown: Vec::new(),
        };
        let mut previous = None;
        for (column, cell) in row.cells() {
            // A source names its columns in order, or a few of them anew: either is seen here.
            if previous.is_some_and(|at| column <= at) && cells.has_column(column) {
                cells.repeated = Some(column);
                continue;
            }
            previous = Some(column);
            match mapping.columns.get(usize::from(column)).and_then(|it| it.field) {
                Some(field) => {
                    let cell = FieldCell { column: Some(column), kind: cell.kind, text: cell.text };
                    cells.add(field, cell);
                }
                None => cells.unknown.push((column, cell.text)),
            }
        }
        if !changes.is_empty() {
            cells.change(row.number(), changes);
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

    fn has_column(&self, column: u16) -> bool {
        let known = self.first.iter().flatten().chain(self.further.iter().map(|(_, cell)| cell));
        known.map(|cell| cell.column).any(|it| it == Some(column))
            || self.unknown.iter().any(|(it, _)| *it == column)
    }

    fn add(&mut self, field: Field, cell: FieldCell<'t>) {
        match &mut self.first[field as usize] {
            place @ None => *place = Some(cell),
            Some(_) => self.further.push((field, cell)),
        }
    }

    fn change(&mut self, row: u32, changes: &'t Changes) {
        for ((_, field), text) in changes.range((row, Field::Content)..(row + 1, Field::Content)) {
            self.further.retain(|(it, _)| it != field);
            let cell = FieldCell { column: None, kind: Kind::Text, text };
            self.first[*field as usize] = (!text.trim().is_empty()).then_some(cell);
        }
    }
}
