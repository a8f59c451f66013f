//! The cells of a source as it has them, before anything is understood of them.
//!
//! A table of a million rows is held in one text and two lists: a cell is a span of the text with its
//! column and kind, a row is a span of the cells. Nothing is allocated per row or per cell.

use std::collections::HashMap;

use roost_core::failure::Problem;

use crate::fault::RowFault;
use crate::format::{Dialect, Format};

/// A column of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Column {
    /// Its name as the source writes it; empty where the source has no header.
    pub name: String,
}

/// What a cell is in its source. A cell that is absent, empty or null is no cell at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A text.
    Text,
    /// A number; its text is as the source writes it.
    Number,
    /// `true` or `false`.
    Bool,
    /// A date, with or without a time, as a workbook knows it; its text is `2027-03-01 09:00:00`,
    /// `2027-03-01` or `09:00:00`.
    Date,
    /// A list; its text is the JSON of it.
    List,
    /// An object; its text is the JSON of it.
    Object,
    /// What can't be read, such as half an emoji; its text says what is wrong, in a sentence.
    Broken,
}

/// A cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'t> {
    /// What it is in its source.
    pub kind: Kind,
    /// Its text; see [`Kind`].
    pub text: &'t str,
}

/// A row of a source.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t> {
    table: &'t RawTable,
    at: usize,
}

/// The cells of a source.
#[derive(Debug, Clone)]
pub struct RawTable {
    /// The format it was read from.
    pub format: Format,
    /// The columns, in the order in which the source names them first.
    pub columns: Vec<Column>,
    /// What the source says of all its rows.
    pub defaults: FileDefaults,
    /// How its bytes were read.
    pub reading: Reading,
    /// What a person should know of how it was read: of the file as a whole, never of one row.
    pub notes: Vec<Problem>,
    text: String,
    cells: Vec<Span>,
    rows: Vec<Start>,
    /// What the reader found wrong in a row, by its place from 0, in the order of the rows.
    faults: Vec<(u32, RowFault)>,
    /// Where the rows of each source begin, from 0, with its name; empty for a table of one source.
    sources: Vec<(u32, String)>,
}

/// How the bytes of a source were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The encoding of a text, such as `UTF-8` or `windows-1252`; `None` for a workbook.
    pub encoding: Option<&'static str>,
    /// How values are separated, where they are.
    pub dialect: Option<Dialect>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// All sheets of the workbook that have rows.
    pub sheets: Vec<String>,
    /// The list of a JSON file that has several.
    pub list: Option<String>,
    /// All lists of the JSON file, where it has several.
    pub lists: Vec<String>,
}

/// What a source says of all its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileDefaults {
    /// The zone of rows that name none.
    pub timezone: Option<String>,
    /// The account of rows that name none.
    pub account: Option<String>,
    /// The name of the person's own plan, within which ids of rows count.
    pub plan: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    length: u32,
    column: u16,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
struct Start {
    line: u32,
    first_cell: u32,
}

impl RawTable {
    /// Returns a table without columns and rows.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            columns: Vec::new(),
            defaults: FileDefaults::default(),
            reading: Reading::default(),
            notes: Vec::new(),
            text: String::new(),
            cells: Vec::new(),
            rows: Vec::new(),
            faults: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Makes room for a text of `bytes` and `cells` cells, so that nothing is copied as it grows.
    pub(crate) fn reserve(&mut self, bytes: usize, cells: usize) {
        self.text.reserve(bytes);
        self.cells.reserve(cells);
    }

    /// Begins a row that stands on `line`, from 1.
    pub fn begin_row(&mut self, line: u32) {
        let first_cell = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.rows.push(Start { line, first_cell });
    }

    /// Adds a cell to the row that was begun last. The caller keeps a source below 4 GB.
    pub fn push(&mut self, column: u16, kind: Kind, text: &str) {
        let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.cells.push(Span { start, length, column, kind });
    }

    /// Adds a cell whose text is written by `write` straight into the table.
    ///
    /// # Errors
    /// That of `write`; no cell is added then.
    pub(crate) fn push_with<E>(
        &mut self,
        column: u16,
        kind: Kind,
        write: impl FnOnce(&mut String) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = self.text.len();
        if let Err(error) = write(&mut self.text) {
            self.text.truncate(before);
            return Err(error);
        }
        let start = u32::try_from(before).unwrap_or(u32::MAX);
        let length = u32::try_from(self.text.len() - before).unwrap_or(u32::MAX);
        self.cells.push(Span { start, length, column, kind });
        Ok(())
    }

    /// Adds a cell that shares the text of the cell that was added as number `of`, from 0.
    pub(crate) fn push_again(&mut self, column: u16, of: usize) {
        let span = self.cells[of];
        self.cells.push(Span { column, ..span });
    }

    /// Returns how many cells there are.
    pub(crate) const fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// Moves all rows down by `lines`: they were read from a part of their source.
    pub(crate) fn move_down(&mut self, lines: u32) {
        for row in &mut self.rows {
            row.line = row.line.saturating_add(lines);
        }
    }

    /// Adds the rows of another source, whose columns go by their names; those without a name by their
    /// place. `own` names the source of the rows that are there, `name` the other.
    pub fn append(&mut self, own: &str, other: &Self, name: &str) {
        if self.sources.is_empty() {
            self.sources.push((0, own.to_owned()));
            self.notes.iter_mut().for_each(|note| name_source(note, own));
        }
        self.notes.extend(other.notes.iter().cloned().map(|mut note| {
            name_source(&mut note, name);
            note
        }));
        let first = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.sources.push((first, name.to_owned()));
        let places = self.places_of(&other.columns);
        let place = |column: u16| places.get(usize::from(column)).copied().unwrap_or(column);
        for row in other.rows() {
            self.begin_row(row.line());
            for (column, cell) in row.cells() {
                self.push(place(column), cell.kind, cell.text);
            }
            for fault in row.faults() {
                self.blame(fault.in_columns(place));
            }
        }
    }

    /// Returns where columns of another table stand in this one; those that it lacks are added.
    fn places_of(&mut self, columns: &[Column]) -> Vec<u16> {
        let key = |column: &Column| column.name.to_lowercase();
        let known: HashMap<String, u16> =
            (0..).zip(&self.columns).map(|(place, it)| (key(it), place)).collect();
        let own = self.columns.len();
        let place = |(at, column): (u16, &Column)| {
            let known = if column.name.is_empty() {
                Some(at).filter(|at| usize::from(*at) < own)
            } else {
                known.get(&key(column)).copied()
            };
            known.unwrap_or_else(|| {
                self.columns.push(column.clone());
                u16::try_from(self.columns.len() - 1).unwrap_or(u16::MAX)
            })
        };
        (0..).zip(columns).map(place).collect()
    }

    /// Returns the name of the source of the row at `at`, from 0; `None` where all are of one source.
    #[must_use]
    pub fn source_of(&self, at: usize) -> Option<&str> {
        let next = self.sources.partition_point(|(first, _)| *first as usize <= at);
        let (_, name) = self.sources.get(next.checked_sub(1)?)?;
        Some(name)
    }

    /// Notes what is wrong with the row that was begun last.
    pub fn blame(&mut self, fault: RowFault) {
        let row = u32::try_from(self.rows.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.faults.push((row, fault));
    }

    /// Returns a fault of the row at `at`, from 0, in the shape in which a person is told.
    #[must_use]
    pub fn fault_problem(&self, at: usize, fault: RowFault) -> Problem {
        let column = fault.column().and_then(|column| self.columns.get(usize::from(column)));
        let problem = fault.problem(column.map_or("", |column| &column.name));
        match self.row(at) {
            Some(row) => problem.in_row(row.number(), row.line()),
            None => problem,
        }
    }

    /// Returns what the reader found wrong in any row, with the row's place from 0, in their order.
    pub fn faults(&self) -> impl Iterator<Item = (usize, RowFault)> {
        self.faults.iter().map(|(row, fault)| (*row as usize, *fault))
    }

    /// Returns how many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the row at `at`, from 0; `None` beyond the end.
    #[must_use]
    pub fn row(&self, at: usize) -> Option<Row<'_>> {
        (at < self.rows.len()).then_some(Row { table: self, at })
    }

    /// Returns all rows, in the order of the source.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows.len()).map(|at| Row { table: self, at })
    }

    fn span(&self, at: usize) -> &[Span] {
        let first = self.rows[at].first_cell as usize;
        let end = self.rows.get(at + 1).map_or(self.cells.len(), |next| next.first_cell as usize);
        &self.cells[first..end]
    }
}

/// Says of which source a problem is.
pub(crate) fn name_source(problem: &mut Problem, name: &str) {
    problem.message = format!("{name}: {}", problem.message);
}

impl<'t> Row<'t> {
    /// Returns its place in the source, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        u32::try_from(self.at + 1).unwrap_or(u32::MAX)
    }

    /// Returns the line on which it begins, from 1; in a workbook the row of the sheet.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.table.rows[self.at].line
    }

    /// Returns its cell in a column, where it has one; the first, should the source name it twice.
    #[must_use]
    pub fn cell(&self, column: u16) -> Option<Cell<'t>> {
        let spans = self.table.span(self.at);
        spans.iter().find(|span| span.column == column).map(|span| self.read(span))
    }

    /// Returns what the reader found wrong with it.
    pub fn faults(&self) -> impl Iterator<Item = RowFault> {
        let first = self.table.faults.partition_point(|(row, _)| (*row as usize) < self.at);
        let rest = self.table.faults[first..].iter();
        rest.take_while(|(row, _)| *row as usize == self.at).map(|(_, fault)| *fault)
    }

    /// Returns its cells with their columns, in the order of the source.
    pub fn cells(&self) -> impl Iterator<Item = (u16, Cell<'t>)> {
        self.table.span(self.at).iter().map(|span| (span.column, self.read(span)))
    }

    fn read(&self, span: &Span) -> Cell<'t> {
        let (start, length) = (span.start as usize, span.length as usize);
        Cell { kind: span.kind, text: &self.table.text[start..start + length] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_by_row_and_column_and_an_absent_one_is_none() {
        let mut table = RawTable::new(Format::Csv);
        table.begin_row(2);
        table.push(0, Kind::Text, "é one");
        table.push(2, Kind::Number, "17");
        table.begin_row(3);
        table.begin_row(4);
        table.push(1, Kind::Text, "two");
        let row = table.row(0).unwrap();
        assert_eq!((row.number(), row.line()), (1, 2));
        assert_eq!(row.cell(0), Some(Cell { kind: Kind::Text, text: "é one" }));
        assert_eq!(row.cell(1), None);
        assert_eq!(row.cell(2), Some(Cell { kind: Kind::Number, text: "17" }));
        assert_eq!(table.row(1).unwrap().cells().count(), 0);
        assert_eq!(table.row(2).unwrap().cell(1).unwrap().text, "two");
        assert!(table.row(3).is_none());
    }

    #[test]
    fn a_cell_takes_twelve_bytes_and_a_row_eight() {
        assert_eq!((size_of::<Span>(), size_of::<Start>()), (12, 8));
    }
}
