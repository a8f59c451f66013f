//! From JSON values to the rows and cells of a table.

use super::text;
use super::walk::{Value, Walk};
use crate::error::ImportError;
use crate::fault::{RowFault, Shape};
use crate::source::columns::Columns;
use crate::source::limits::Limits;
use crate::source::lines::LineCounter;
use crate::table::{Kind, RawTable};

/// What a cell says that holds half a character.
pub(in crate::source) const HALF_A_CHARACTER: &str =
    "Half a character stands in it, such as a part of an emoji: the text was cut.";
/// The column of rows that are nothing but a text.
const TEXT_COLUMN: &str = "content";
/// The object in which some programs wrap the fields of a row, beside what they keep themselves.
const WRAPPER: &str = "fields";

/// Writes rows into a table.
pub(super) struct RowWriter<'t, 'w> {
    pub(super) table: &'w mut RawTable,
    pub(super) limits: &'w Limits,
    columns: Columns,
    lines: LineCounter<'t>,
    /// Lines before the text.
    lines_before: u32,
    /// The cell whose text is [`HALF_A_CHARACTER`], which all such cells share.
    half: Option<usize>,
    /// A name whose escapes were read.
    name: String,
}

impl<'t, 'w> RowWriter<'t, 'w> {
    pub(super) fn new(
        text: &'t str,
        lines_before: u32,
        table: &'w mut RawTable,
        limits: &'w Limits,
    ) -> Self {
        let columns = Columns::of(table);
        let lines = LineCounter::new(text);
        Self { table, limits, columns, lines, lines_before, half: None, name: String::new() }
    }

    /// Writes the list that begins at `walk`; a single object is a list of one.
    pub(super) fn list(&mut self, walk: &mut Walk<'t>) -> Result<(), ImportError> {
        if walk.shape() != Shape::List {
            return self.row(walk);
        }
        walk.enter();
        while walk.next() {
            if self.table.len() == self.limits.rows {
                return Err(self.too_many_rows(walk)?);
            }
            self.row(walk)?;
        }
        Ok(())
    }

    fn too_many_rows(&self, walk: &mut Walk<'t>) -> Result<ImportError, ImportError> {
        let mut rows = self.table.len() as u64;
        loop {
            walk.value()?;
            rows += 1;
            if !walk.next() {
                return Ok(ImportError::TooManyRows { rows, limit: self.limits.rows });
            }
        }
    }

    /// Writes a row of which nothing can be read; it begins at the byte `at`.
    pub(super) fn blame_row(&mut self, at: usize, fault: RowFault) {
        let line = self.lines_before + self.lines.line(at);
        self.table.begin_row(line);
        self.table.blame(fault);
    }

    /// Writes the row that begins at `walk`.
    pub(super) fn row(&mut self, walk: &mut Walk<'t>) -> Result<(), ImportError> {
        let line = self.lines_before + self.lines.line(walk.place());
        self.table.begin_row(line);
        self.columns.begin_row();
        match walk.shape() {
            Shape::Object => self.members(walk, false),
            Shape::Text => {
                let value = walk.value()?;
                self.member(TEXT_COLUMN, value)
            }
            shape => {
                walk.value()?;
                self.table.blame(RowFault::NotObject(shape));
                Ok(())
            }
        }
    }

    fn members(&mut self, walk: &mut Walk<'t>, wrapped: bool) -> Result<(), ImportError> {
        walk.enter();
        while walk.next() {
            let key = walk.key();
            if !wrapped && key == WRAPPER && walk.shape() == Shape::Object {
                self.members(walk, true)?;
                continue;
            }
            let value = walk.value()?;
            self.member(key, value)?;
        }
        Ok(())
    }

    fn member(&mut self, key: &str, value: Value<'t>) -> Result<(), ImportError> {
        if value.shape == Shape::Null || value.raw == "\"\"" {
            return Ok(());
        }
        let row = u32::try_from(self.table.len()).unwrap_or(u32::MAX);
        let (lines, before) = (&mut self.lines, self.lines_before);
        let mut name = std::mem::take(&mut self.name);
        let key = if memchr::memchr(b'\\', key.as_bytes()).is_some() {
            name.clear();
            let sound = text::unescape(key, &mut name).is_ok();
            if sound { name.as_str() } else { key }
        } else {
            key
        };
        let line = || before + lines.line(value.start);
        let found = self.columns.find(self.table, key, row, line, self.limits);
        self.name = name;
        let (column, repeated) = found?;
        if repeated {
            self.table.blame(RowFault::RepeatedField { column });
        }
        self.cell(column, &value);
        Ok(())
    }

    fn cell(&mut self, column: u16, value: &Value<'t>) {
        if value.raw.len() > self.limits.cell_bytes {
            let message = self.limits.cell_message(value.raw.len());
            self.table.push(column, Kind::Broken, &message);
            return;
        }
        match value.shape {
            Shape::Text => self.text_cell(column, value.inner()),
            Shape::Number => self.table.push(column, Kind::Number, value.raw),
            Shape::Bool => self.table.push(column, Kind::Bool, value.raw),
            // Which element of a list holds half of a character is told when the list is read.
            Shape::List => self.table.push(column, Kind::List, value.raw),
            Shape::Object => self.object_cell(column, value.raw),
            Shape::Null => {}
        }
    }

    fn text_cell(&mut self, column: u16, inner: &str) {
        if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
            self.table.push(column, Kind::Text, inner);
        } else if self.table.push_with(column, Kind::Text, |to| text::unescape(inner, to)).is_err()
        {
            self.half_cell(column);
        }
    }

    /// Writes an object as its JSON, where it holds no half of a character.
    fn object_cell(&mut self, column: u16, raw: &str) {
        let surrogate = memchr::memmem::find(raw.as_bytes(), b"\\u").is_some()
            && serde_json::from_str::<serde_json::Value>(raw).is_err();
        if surrogate {
            self.half_cell(column);
        } else {
            self.table.push(column, Kind::Object, raw);
        }
    }

    fn half_cell(&mut self, column: u16) {
        if let Some(half) = self.half {
            self.table.push_again(column, half);
        } else {
            self.half = Some(self.table.cell_count());
            self.table.push(column, Kind::Broken, HALF_A_CHARACTER);
        }
    }
}
