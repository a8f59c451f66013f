//! CSV and TSV, as spreadsheets and people write them.

mod dialect;
mod split;

use std::ops::Range;

use roost_core::failure::{Code, Problem};

use self::split::{Raw, Record, Splitter};
use super::header;
use super::json::fence;
use super::lines::line_at;
use super::{Limits, ReadOptions};
use crate::error::ImportError;
use crate::fault::RowFault;
use crate::format::{Dialect, Format};
use crate::formula;
use crate::mapping::is_own;
use crate::table::{Column, Kind, RawTable};

/// Bytes of a column's name that are kept.
const NAME_BYTES_MAX: usize = 1_000;

/// Returns whether a text, which no name says to be one, is a table.
pub(super) fn looks_like(text: &str) -> bool {
    let (_, rest) = separator_line(text);
    rest > 0 || block(text).is_some() || dialect::find_in_prose(text).is_some()
}

/// Returns the first fenced block of a larger text whose values are separated.
fn block(text: &str) -> Option<Range<usize>> {
    let mut blocks = fence::blocks(text).into_iter();
    let found = blocks.find(|block| {
        matches!(block.info.as_str(), "csv" | "tsv") || dialect::find_in_prose(block.body).is_some()
    });
    found.map(|block| block.place)
}

/// Reads a text whose values are separated, or the part of it that is.
///
/// # Errors
/// [`ImportError`] where it is larger than the limits.
pub(super) fn text(
    text: &str,
    options: &ReadOptions,
    table: &mut RawTable,
) -> Result<(), ImportError> {
    // A fence in a cell of a whole table is a part of a text.
    let whole = options.format.is_some() || dialect::find_in_prose(text).is_some();
    match block(text).filter(|_| !whole) {
        Some(place) => read_block(text, place, options, table),
        None => read(text, options, table),
    }
}

/// Reads a text whose values are separated.
///
/// # Errors
/// [`ImportError`] where it is larger than the limits.
fn read(text: &str, options: &ReadOptions, table: &mut RawTable) -> Result<(), ImportError> {
    let (named, start) = separator_line(text);
    let chosen = options.separator.and_then(|it| u8::try_from(it).ok()).filter(u8::is_ascii);
    let separator = chosen.or(named).map_or_else(
        || {
            let tabs = options.format == Some(Format::Tsv);
            let guess = dialect::find(&text[start..]);
            if guess.doubtful && !tabs {
                table.notes.push(doubt(guess.separator));
            }
            if tabs { Some(b'\t') } else { guess.separator }
        },
        Some,
    );
    let line = if start == 0 { 1 } else { 2 };
    let splitter = Splitter::new(text, start, line, separator);
    let names = find_header(text, &splitter, options.header);
    table.format = if separator == Some(b'\t') { Format::Tsv } else { Format::Csv };
    table.reading.dialect =
        Some(Dialect { separator: char::from(separator.unwrap_or(b',')), header: names.is_some() });
    reserve(text, separator, table);
    Reader { text, table, limits: &options.limits, named: 0, is_own: false }.read(splitter, names)
}

/// Returns the separator that a line such as `sep=;` names, and where the rest begins.
fn separator_line(text: &str) -> (Option<u8>, usize) {
    let Some(end) = memchr::memchr2(b'\n', b'\r', text.as_bytes()) else {
        return (None, 0);
    };
    let line = text[..end].trim_matches('"');
    let separator = match line.as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] if separator.is_ascii() => {
            *separator
        }
        _ => return (None, 0),
    };
    let rest = &text[end..];
    let after = if rest.starts_with("\r\n") { 2 } else { 1 };
    (Some(separator), end + after)
}

/// Returns how many records stand before the header; `None` where there is none.
fn find_header(text: &str, splitter: &Splitter<'_>, chosen: Option<bool>) -> Option<usize> {
    if chosen == Some(false) {
        return None;
    }
    let mut splitter = splitter.clone();
    let mut record = Record::default();
    let mut rows = Vec::new();
    while rows.len() < header::ROWS_LOOKED_AT && splitter.next(&mut record) {
        let cells = record
            .values
            .iter()
            .map(|value| super::columns::clip_bytes(&text[value.place.clone()], NAME_BYTES_MAX));
        rows.push(cells.collect::<Vec<_>>());
    }
    header::find(&rows).or((chosen == Some(true)).then_some(0))
}

/// Makes room for as many cells as there can be.
fn reserve(text: &str, separator: Option<u8>, table: &mut RawTable) {
    let bytes = text.as_bytes();
    let cells = match separator {
        Some(separator) => memchr::memchr2_iter(separator, b'\n', bytes).count(),
        None => memchr::memchr_iter(b'\n', bytes).count(),
    };
    table.reserve(text.len(), (cells + 1).min(text.len() / 2 + 1));
}

fn doubt(separator: Option<u8>) -> Problem {
    let name = match separator {
        Some(b'\t') => "a tab".to_owned(),
        Some(separator) => format!("\"{}\"", char::from(separator)),
        None => "nothing".to_owned(),
    };
    let message = format!("Roost took {name} for what separates the values; not all rows agree.");
    Problem::new(Code::FileDialectGuessed, message)
}

struct Reader<'t, 'w> {
    text: &'t str,
    table: &'w mut RawTable,
    limits: &'w Limits,
    /// Columns that the header has; 0 where there is none.
    named: usize,
    /// Whether Roost wrote it: then an apostrophe before a formula is a mark.
    is_own: bool,
}

impl<'t> Reader<'t, '_> {
    fn read(
        &mut self,
        mut splitter: Splitter<'t>,
        names: Option<usize>,
    ) -> Result<(), ImportError> {
        let mut record = Record::default();
        if let Some(above) = names {
            let mut filled = 0;
            for _ in 0..above {
                splitter.next(&mut record);
                filled += usize::from(!record.is_empty());
            }
            splitter.next(&mut record);
            if filled > 0 {
                self.table.notes.push(above_header(record.line));
            }
            self.header(&record)?;
        }
        let mut rows = 0_u64;
        while splitter.next(&mut record) {
            if record.is_empty() {
                continue;
            }
            rows += 1;
            if self.table.len() < self.limits.rows {
                self.row(&record)?;
            }
        }
        if rows > self.limits.rows as u64 {
            return Err(ImportError::TooManyRows { rows, limit: self.limits.rows });
        }
        Ok(())
    }

    fn header(&mut self, record: &Record) -> Result<(), ImportError> {
        let mut values = record.values.as_slice();
        while let [rest @ .., last] = values
            && last.place.is_empty()
        {
            values = rest;
        }
        for value in values {
            let mut name = String::new();
            let raw = super::columns::clip_bytes(&self.text[value.place.clone()], NAME_BYTES_MAX);
            split::write(raw, value.doubled, &mut name);
            self.add_column(name.trim().to_owned(), record.line)?;
        }
        self.named = self.table.columns.len();
        self.is_own = is_own(&self.table.columns);
        Ok(())
    }

    fn add_column(&mut self, name: String, line: u32) -> Result<(), ImportError> {
        if self.table.columns.len() == self.limits.columns {
            return Err(ImportError::TooManyColumns { line, limit: self.limits.columns });
        }
        self.table.columns.push(Column { name });
        Ok(())
    }

    fn row(&mut self, record: &Record) -> Result<(), ImportError> {
        self.table.begin_row(record.line);
        let mut last = 0;
        for (at, value) in record.values.iter().enumerate() {
            if value.place.is_empty() {
                continue;
            }
            last = at + 1;
            while self.table.columns.len() <= at {
                self.add_column(String::new(), record.line)?;
            }
            self.cell(u16::try_from(at).unwrap_or(u16::MAX), value);
        }
        if let Some(line) = record.broken {
            self.table.blame(RowFault::BrokenQuote { line });
        }
        let cells = last.max(record.values.len().min(self.named));
        if self.named > 0 && cells != self.named {
            let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
            self.table
                .blame(RowFault::Ragged { cells: number(cells), columns: number(self.named) });
        }
        Ok(())
    }

    fn cell(&mut self, column: u16, value: &Raw) {
        let raw = &self.text[value.place.clone()];
        if raw.len() > self.limits.cell_bytes {
            self.table.push(column, Kind::Broken, &self.limits.cell_message(raw.len()));
            return;
        }
        if value.doubled {
            let mut text = String::with_capacity(raw.len());
            split::write(raw, true, &mut text);
            self.text_cell(column, &text);
        } else {
            self.text_cell(column, raw);
        }
    }

    fn text_cell(&mut self, column: u16, cell: &str) {
        let text = if self.is_own { formula::unescape(cell) } else { formula::unwrapped(cell) };
        // A formula that is an empty text is an empty cell.
        if !text.is_empty() {
            self.table.push(column, Kind::Text, text);
        }
    }
}

fn above_header(line: u32) -> Problem {
    let message = match line {
        2 => "Line 1, above the header, is left out.".to_owned(),
        line => format!("Lines 1 to {}, above the header, are left out.", line - 1),
    };
    Problem::new(Code::SourceRepaired, message)
}

/// Reads the table of separated values inside a fenced block of a larger text.
fn read_block(
    text: &str,
    place: Range<usize>,
    options: &ReadOptions,
    table: &mut RawTable,
) -> Result<(), ImportError> {
    let first = line_at(text.as_bytes(), place.start);
    let last = line_at(text.as_bytes(), place.end.saturating_sub(1));
    let message =
        format!("The posts were taken from lines {first} to {last}; the text around is left out.");
    table.notes.push(Problem::new(Code::SourceRepaired, message));
    let inside = &text[place];
    read(inside, options, table)?;
    table.move_down(first - 1);
    Ok(())
}
