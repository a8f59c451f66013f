//! Spreadsheets of LibreOffice, cell by cell. (`calamine` repeats repeated cells in memory before it counts
//! them: a small file could ask for all there is.)

use std::io::{BufRead, BufReader};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::sheet::{CELL_BYTES, Merge, SheetCell, SheetWriter};
use super::{archive, choose_sheet, damaged, xlsx};
use crate::error::ImportError;
use crate::source::ReadOptions;
use crate::table::{Kind, RawTable};

/// Rows that a sheet may have.
const ROWS_MAX: u32 = 1_048_576;
/// Bytes that rows and cells may take which stand in the file once and in its sheet often: a few bytes say how
/// often, so that the file's size is no measure of them.
const REPEATED_BYTES_MAX: usize = 16_000_000;
/// Bytes that a row takes in a session, beside its cells.
const ROW_BYTES: usize = 400;
/// Blanks that one mark in a text may stand for.
const BLANKS_MAX: usize = 1_000;
/// Bytes of a cell's text after which blanks are no longer added: it is too large already.
const TEXT_BYTES_MAX: usize = 4_000_000;

/// Reads a spreadsheet whose size was checked.
///
/// # Errors
/// [`ImportError`] where it can't be read, or a sheet has to be chosen.
pub(super) fn read(
    bytes: &[u8],
    options: &ReadOptions,
    table: &mut RawTable,
) -> Result<(), ImportError> {
    let (mut all, mut with_rows) = (Vec::new(), Vec::new());
    each_sheet(bytes, |content, name| {
        let mut filled = false;
        content.sheet(false, &mut |_, cell| {
            filled |= matches!(&cell, Found::Cell { text, .. } if !text.trim().is_empty());
            Ok(())
        })?;
        if filled {
            with_rows.push(name.to_owned());
        }
        all.push(name.to_owned());
        Ok(())
    })?;
    let chosen = choose_sheet(with_rows, &all, options.sheet.as_deref(), table)?;
    let mut writer = Some(SheetWriter::new(table, options, bytes.len()));
    each_sheet(bytes, |content, name| {
        let Some(mut writer) = writer.take_if(|_| name == chosen) else {
            return content.sheet(false, &mut |_, _| Ok(()));
        };
        let mut repeated = Repeated { row: None, bytes: 0 };
        content.sheet(true, &mut |row, found| {
            take(&mut writer, row, found, options.limits.columns, &mut repeated)
        })?;
        writer.finish()
    })
}

/// What repetition alone has made of a sheet.
struct Repeated {
    /// The last row that stands in the file once and in the sheet again.
    row: Option<u32>,
    bytes: usize,
}

impl Repeated {
    /// Counts cells with a text of so many bytes that were made of one.
    fn count(&mut self, row: Option<u32>, cells: u32, text: usize) -> Result<(), ImportError> {
        if row.is_some() && row != self.row {
            self.row = row;
            self.bytes += ROW_BYTES;
        }
        self.bytes = self.bytes.saturating_add(cells as usize * (text + CELL_BYTES));
        if self.bytes > REPEATED_BYTES_MAX {
            return Err(ImportError::TooMuchUnpacked { limit: REPEATED_BYTES_MAX });
        }
        Ok(())
    }
}

fn take(
    writer: &mut SheetWriter<'_>,
    row: u32,
    found: Found,
    columns_max: usize,
    made: &mut Repeated,
) -> Result<(), ImportError> {
    let Found::Cell { column, repeated, rows, kind, text, is_again } = found;
    let last = row.saturating_add(rows.saturating_sub(1));
    // One more than may be is enough to be refused.
    let repeated = repeated.min(u32::try_from(columns_max).unwrap_or(u32::MAX).saturating_add(1));
    let again = is_again.then_some(row);
    made.count(again, if is_again { repeated } else { repeated.saturating_sub(1) }, text.len())?;
    for column in column..column.saturating_add(repeated) {
        writer.merge(Merge { column, first: row, last });
        writer.cell(row, SheetCell { column, kind, text: text.clone() })?;
    }
    Ok(())
}

/// What stands in a row.
#[derive(Debug, Clone)]
enum Found {
    /// A cell with a value.
    Cell {
        column: u32,
        repeated: u32,
        rows: u32,
        kind: Kind,
        text: String,
        /// Whether its row stands in the file once and in the sheet again.
        is_again: bool,
    },
}

type Take<'f> = dyn FnMut(u32, Found) -> Result<(), ImportError> + 'f;

/// Calls `visit` at each sheet, which has to read it to its end.
fn each_sheet(
    bytes: &[u8],
    mut visit: impl FnMut(&mut Content<'_>, &str) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut archive = archive::open(bytes)?;
    let file = archive.by_name("content.xml").map_err(damaged)?;
    let input: Box<dyn BufRead + '_> = Box::new(BufReader::new(file));
    let mut reader = Reader::from_reader(input);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_end_names = false;
    let mut content = Content { reader, buffer: Vec::new() };
    loop {
        content.buffer.clear();
        match content.reader.read_event_into(&mut content.buffer).map_err(damaged)? {
            Event::Start(start) if start.name().as_ref() == "table:table" => {
                let name = attribute(&start, "table:name")?.unwrap_or_default();
                visit(&mut content, &name)?;
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The contents of a spreadsheet, read from their start to their end.
struct Content<'b> {
    reader: Reader<Box<dyn BufRead + 'b>>,
    buffer: Vec<u8>,
}

impl Content<'_> {
    /// Reads a sheet to its end; its rows as often as they are in it, or once.
    fn sheet(&mut self, often: bool, take: &mut Take<'_>) -> Result<(), ImportError> {
        let mut row = 0_u32;
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer).map_err(damaged)? {
                Event::Start(start) if start.name().as_ref() == "table:table-row" => {
                    let repeated = number(&start, "table:number-rows-repeated")?.unwrap_or(1);
                    let cells = self.row()?;
                    // Empty rows are repeated to the end of the sheet, filled ones hardly ever.
                    let rows = if cells.is_empty() { 0 } else { repeated };
                    let rows = if often { rows } else { rows.min(1) };
                    for at in row..row.saturating_add(rows).min(ROWS_MAX) {
                        for cell in &cells {
                            let mut cell = cell.clone();
                            let Found::Cell { is_again, .. } = &mut cell;
                            *is_again = at > row;
                            take(at, cell)?;
                        }
                    }
                    row = row.saturating_add(repeated);
                }
                Event::End(end) if end.name().as_ref() == "table:table" => return Ok(()),
                Event::Eof => return Err(damaged("a sheet has no end")),
                _ => {}
            }
        }
    }

    /// Reads a row to its end.
    fn row(&mut self) -> Result<Vec<Found>, ImportError> {
        let mut cells = Vec::new();
        let mut column = 0_u32;
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer).map_err(damaged)? {
                Event::Start(start)
                    if matches!(
                        start.name().as_ref(),
                        "table:table-cell" | "table:covered-table-cell"
                    ) =>
                {
                    let repeated = number(&start, "table:number-columns-repeated")?.unwrap_or(1);
                    let rows = number(&start, "table:number-rows-spanned")?.unwrap_or(1);
                    let covered = start.name().as_ref() == "table:covered-table-cell";
                    let value = value(&start)?;
                    let written = self.text()?;
                    let (kind, text) = value.unwrap_or((Kind::Text, written));
                    if !text.is_empty() && !covered {
                        let is_again = false;
                        cells.push(Found::Cell { column, repeated, rows, kind, text, is_again });
                    }
                    column = column.saturating_add(repeated);
                }
                Event::End(end) if end.name().as_ref() == "table:table-row" => return Ok(cells),
                Event::Eof => return Err(damaged("a row has no end")),
                _ => {}
            }
        }
    }

    /// Reads the text of a cell to the cell's end.
    fn text(&mut self) -> Result<String, ImportError> {
        let mut text = String::new();
        let (mut paragraphs, mut notes) = (0, 0_usize);
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer).map_err(damaged)? {
                Event::Start(start) => match start.name().as_ref() {
                    "office:annotation" => notes += 1,
                    _ if notes > 0 || text.len() > TEXT_BYTES_MAX => {}
                    "text:p" => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs += 1;
                    }
                    "text:s" => {
                        let count = number(&start, "text:c")?.unwrap_or(1) as usize;
                        text.extend(std::iter::repeat_n(' ', count.min(BLANKS_MAX)));
                    }
                    "text:tab" => text.push('\t'),
                    "text:line-break" => text.push('\n'),
                    _ => {}
                },
                Event::Text(part) if notes == 0 && paragraphs > 0 => {
                    text.push_str(&part.xml10_content());
                }
                Event::CData(part) if notes == 0 && paragraphs > 0 => {
                    text.push_str(&part.xml10_content());
                }
                Event::GeneralRef(name) if notes == 0 => {
                    let letter = name.resolve_char_ref().map_err(damaged)?;
                    let named = quick_xml::escape::resolve_xml_entity(name.as_ref());
                    text.extend(letter);
                    text.push_str(named.unwrap_or_default());
                }
                Event::End(end) => match end.name().as_ref() {
                    "office:annotation" => notes = notes.saturating_sub(1),
                    "table:table-cell" | "table:covered-table-cell" => return Ok(text),
                    _ => {}
                },
                Event::Eof => return Err(damaged("a cell has no end")),
                _ => {}
            }
        }
    }
}

/// Returns what a cell is whose value stands in its attributes; `None` where it is its text.
fn value(start: &BytesStart<'_>) -> Result<Option<(Kind, String)>, ImportError> {
    let of_type = attribute(start, "office:value-type")?;
    let of_error = attribute(start, "calcext:value-type")?;
    if of_error.as_deref() == Some("error") {
        return Ok(Some((Kind::Broken, "The cell holds an error.".to_owned())));
    }
    let (kind, name) = match of_type.as_deref() {
        Some("float" | "percentage" | "currency") => (Kind::Number, "office:value"),
        Some("date") => (Kind::Date, "office:date-value"),
        Some("time") => (Kind::Date, "office:time-value"),
        Some("boolean") => (Kind::Bool, "office:boolean-value"),
        Some("string") => (Kind::Text, "office:string-value"),
        _ => return Ok(None),
    };
    let Some(text) = attribute(start, name)? else {
        return Ok(None);
    };
    Ok(Some(match name {
        "office:date-value" => (kind, xlsx::iso(&text)),
        "office:time-value" => match time_of_day(&text) {
            Some(text) => (kind, text),
            None => (Kind::Text, text),
        },
        _ => (kind, text),
    }))
}

/// Returns a duration such as `PT09H00M00S` as a time of day.
fn time_of_day(text: &str) -> Option<String> {
    let rest = text.strip_prefix("PT")?;
    let (hours, rest) = rest.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?.split(['.', ',']).next()?;
    let number = |text: &str| text.parse::<u8>().ok();
    let (hours, minutes, seconds) = (number(hours)?, number(minutes)?, number(seconds)?);
    (hours < 24).then(|| format!("{hours:02}:{minutes:02}:{seconds:02}"))
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, ImportError> {
    let Some(found) = start.try_get_attribute(name).map_err(damaged)? else {
        return Ok(None);
    };
    let text = quick_xml::escape::unescape(&found.value).map_err(damaged)?;
    Ok(Some(text.into_owned()))
}

fn number(start: &BytesStart<'_>, name: &str) -> Result<Option<u32>, ImportError> {
    Ok(attribute(start, name)?.and_then(|text| text.parse().ok()))
}
