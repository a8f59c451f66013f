//! The columns of a table, found by name while its rows are read.

use std::collections::HashMap;

use super::limits::Limits;
use crate::error::ImportError;
use crate::table::{Column, RawTable};

/// Bytes of a column's name that are kept.
const NAME_BYTES_MAX: usize = 1_000;

/// The columns by name.
#[derive(Debug, Default)]
pub(super) struct Columns {
    by_name: HashMap<String, u16>,
    /// By column: the number of the last row that named it, from 1.
    named_by: Vec<u32>,
    /// The column after the one that was asked for last: most rows name them in the same order.
    expected: usize,
}

impl Columns {
    /// Returns the columns of a table that has some.
    pub(super) fn of(table: &RawTable) -> Self {
        let mut columns = Self::default();
        for (at, column) in (0..).zip(&table.columns) {
            columns.by_name.entry(column.name.clone()).or_insert(at);
            columns.named_by.push(0);
        }
        columns
    }

    /// Returns the column called `name` and whether `row`, from 1, named it before; a new one where there
    /// is none of that name. `line` is where it is named.
    pub(super) fn find(
        &mut self,
        table: &mut RawTable,
        name: &str,
        row: u32,
        line: impl FnOnce() -> u32,
        limits: &Limits,
    ) -> Result<(u16, bool), ImportError> {
        let name = clip_bytes(name, NAME_BYTES_MAX);
        let at = match table.columns.get(self.expected) {
            Some(column) if column.name == name => self.expected,
            _ => match self.by_name.get(name) {
                Some(at) => usize::from(*at),
                None => self.add(table, name, line, limits)?,
            },
        };
        self.expected = at + 1;
        let repeated = self.named_by[at] == row;
        self.named_by[at] = row;
        Ok((u16::try_from(at).unwrap_or(u16::MAX), repeated))
    }

    /// Begins a row: its first column is likely the first.
    pub(super) const fn begin_row(&mut self) {
        self.expected = 0;
    }

    fn add(
        &mut self,
        table: &mut RawTable,
        name: &str,
        line: impl FnOnce() -> u32,
        limits: &Limits,
    ) -> Result<usize, ImportError> {
        let at = table.columns.len();
        let Some(number) = u16::try_from(at).ok().filter(|_| at < limits.columns) else {
            return Err(ImportError::TooManyColumns { line: line(), limit: limits.columns });
        };
        table.columns.push(Column { name: name.to_owned() });
        self.by_name.insert(name.to_owned(), number);
        self.named_by.push(0);
        Ok(at)
    }
}

/// Returns `text` cut to at most `most` bytes, between two characters.
pub(super) fn clip_bytes(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
