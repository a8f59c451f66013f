//! An export as a workbook of Excel: every cell a text, so that nothing in it runs and no id, date or
//! number is taken for another.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::cells::{COLUMNS, cells};
use super::{ExportError, ExportRow};
use crate::formula;

/// UTF-16 units that Excel keeps of a cell.
const CELL_UNITS_MAX: usize = 32_767;
/// Rows of a sheet.
const SHEET_ROWS: usize = 1_048_576;
/// The name of the sheet.
const SHEET: &str = "Posts";
/// Widths of columns, in characters; the others keep Excel's own.
const WIDTHS: [(u16, u16); 4] = [(1, 60), (2, 60), (3, 18), (4, 20)];

/// Returns the posts as a workbook with one sheet.
pub(super) fn write(rows: &[ExportRow]) -> Result<Vec<u8>, ExportError> {
    let limit = SHEET_ROWS - 1;
    if rows.len() > limit {
        return Err(ExportError::TooManyRows { posts: rows.len(), limit });
    }
    let mut table = Table::new(&COLUMNS)?;
    for (line, row) in (1..).zip(rows) {
        let cells = cells(row);
        for (cell, column) in cells.iter().zip(COLUMNS) {
            let units = formula::marked(cell).encode_utf16().count();
            if units > CELL_UNITS_MAX {
                let (post, limit) = (row.post_id, CELL_UNITS_MAX);
                return Err(ExportError::CellTooLong { post, column, units, limit });
            }
        }
        table.row(line, &cells)?;
    }
    table.finish()
}

/// A workbook with one sheet of texts.
pub(crate) struct Table {
    workbook: Workbook,
    text: Format,
}

impl Table {
    /// Begins a sheet with these columns.
    pub(crate) fn new(columns: &[&str]) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        // "@" is Excel's format for text: what is typed into such a cell stays as it was typed.
        let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
        let header = text.clone().set_bold();
        let sheet = workbook.add_worksheet();
        begin(sheet, columns, &text, &header).map_err(unwritable)?;
        Ok(Self { workbook, text })
    }

    /// Writes a row; the header is row 0.
    pub(crate) fn row<T: AsRef<str>>(&mut self, line: u32, cells: &[T]) -> Result<(), ExportError> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(unwritable)?;
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.as_ref().is_empty()) {
            let cell = formula::marked(cell.as_ref());
            sheet.write_string_with_format(line, column, &*cell, &self.text).map_err(unwritable)?;
        }
        Ok(())
    }

    /// Returns the file.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, ExportError> {
        self.workbook.save_to_buffer().map_err(unwritable)
    }
}

fn begin(
    sheet: &mut Worksheet,
    columns: &[&str],
    text: &Format,
    header: &Format,
) -> Result<(), XlsxError> {
    sheet.set_name(SHEET)?;
    for (column, name) in (0..).zip(columns) {
        sheet.set_column_format(column, text)?;
        sheet.write_string_with_format(0, column, *name, header)?;
    }
    for (column, width) in WIDTHS {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn unwritable(error: XlsxError) -> ExportError {
    ExportError::Unwritable(error.to_string())
}
