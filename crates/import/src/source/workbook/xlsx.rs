//! Workbooks of Excel, cell by cell.

use std::io::Cursor;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::sheet::{Merge, SheetCell, SheetWriter};
use super::{choose_sheet, damaged, serial};
use crate::error::ImportError;
use crate::source::ReadOptions;
use crate::table::{Kind, RawTable};

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// Reads a workbook whose size was checked.
///
/// # Errors
/// [`ImportError`] where it can't be read, or a sheet has to be chosen.
pub(super) fn read(
    bytes: &[u8],
    options: &ReadOptions,
    table: &mut RawTable,
) -> Result<(), ImportError> {
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(refused)?;
    let sheets = book.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let (visible, all): (Vec<_>, Vec<_>) =
        sheets.map(|sheet| (sheet.visible == SheetVisible::Visible, sheet.name.clone())).unzip();
    let shown = all.iter().zip(visible).filter(|(_, visible)| *visible).map(|(name, _)| name);
    let mut with_rows = Vec::new();
    for name in shown {
        if has_cells(&mut book, name)? {
            with_rows.push(name.clone());
        }
    }
    let name = choose_sheet(with_rows, &all, options.sheet.as_deref(), table)?;
    let merges = merges(&mut book, &name)?;
    let dates = time_formats(&mut book, &name)?;
    let is_1904 = book.has_1904_epoch();
    let mut cells = book.worksheet_cells_reader(&name).map_err(refused)?;
    let mut writer = SheetWriter::new(table, options, bytes.len());
    for merge in merges {
        writer.merge(merge);
    }
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(refused)? {
        let (row, column) = cell.get_position();
        let with_time = dates.get(style).copied().unwrap_or(true);
        if let Some((kind, text)) = value(cell.get_value(), is_1904, with_time) {
            writer.cell(row, SheetCell { column, kind, text })?;
        }
    }
    writer.finish()
}

fn has_cells(book: &mut Book<'_>, name: &str) -> Result<bool, ImportError> {
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_)) => return Ok(false),
        Err(error) => return Err(refused(error)),
    };
    while let Some(cell) = cells.next_cell().map_err(refused)? {
        if value(cell.get_value(), false, false).is_some_and(|(_, text)| !text.trim().is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn merges(book: &mut Book<'_>, name: &str) -> Result<Vec<Merge>, ImportError> {
    let found = book.merge_cells_by_sheet_name(name).map_err(refused)?;
    let merge = |cells: &calamine::Dimensions| Merge {
        column: cells.start.1,
        first: cells.start.0,
        last: cells.end.0,
    };
    let mut merges: Vec<Merge> = found.iter().map(merge).collect();
    merges.sort_unstable_by_key(|merge| merge.first);
    Ok(merges)
}

/// Returns of each style of the workbook whether it shows a time of day.
fn time_formats(book: &mut Book<'_>, name: &str) -> Result<Vec<bool>, ImportError> {
    let cells = book.worksheet_cells_reader(name).map_err(refused)?;
    let shows_time = |style: &calamine::Style| {
        let format = style.number_format.as_ref();
        let format = format.map(|format| format.format_code.to_ascii_lowercase());
        format.is_some_and(|format| format.contains('h') || format.contains("ss"))
    };
    Ok(cells.styles().iter().map(shows_time).collect())
}

/// Returns what a cell is and says; `None` where it is empty.
fn value(cell: &DataRef<'_>, is_1904: bool, with_time: bool) -> Option<(Kind, String)> {
    Some(match cell {
        DataRef::Empty => return None,
        DataRef::Int(number) => (Kind::Number, number.to_string()),
        DataRef::Float(number) => (Kind::Number, number.to_string()),
        DataRef::String(text) => (Kind::Text, text.clone()),
        DataRef::SharedString(text) => (Kind::Text, (*text).to_owned()),
        DataRef::Bool(it) => (Kind::Bool, it.to_string()),
        DataRef::DateTime(date) => match serial::text(date.as_f64(), is_1904, with_time) {
            Some(text) => (Kind::Date, text),
            None => (Kind::Number, date.as_f64().to_string()),
        },
        DataRef::DateTimeIso(text) => (Kind::Date, iso(text)),
        DataRef::DurationIso(text) => (Kind::Text, text.clone()),
        DataRef::Error(error) => (Kind::Broken, format!("The cell holds the error {error}.")),
    })
}

/// Returns `2027-03-01T09:00:00` as a table has it.
pub(super) fn iso(text: &str) -> String {
    let text = text.trim().replacen('T', " ", 1);
    match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|byte| byte.is_ascii_digit()) => whole.to_owned(),
        _ => text,
    }
}

fn refused(error: XlsxError) -> ImportError {
    match error {
        XlsxError::Password => ImportError::Encrypted,
        other => damaged(other),
    }
}
