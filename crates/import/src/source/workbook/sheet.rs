//! The rows of a sheet as they are read: the first ones are kept until the header is found among them.

use std::collections::{HashMap, VecDeque};

use roost_core::failure::{Code, Problem};

use crate::error::ImportError;
use crate::formula;
use crate::mapping::is_own;
use crate::source::ReadOptions;
use crate::source::columns::clip_bytes;
use crate::source::header;
use crate::table::{Column, Kind, RawTable};

/// Cells that a workbook may have.
const CELLS_MAX: usize = 16_000_000;
/// Bytes that a cell takes beside its text.
pub(super) const CELL_BYTES: usize = 12;
/// Bytes of a column's name that are kept.
const NAME_BYTES_MAX: usize = 1_000;
/// Bytes that the cells of a workbook may take, and how many times its size more: cells share texts.
const TEXT_BYTES_MAX: usize = 64_000_000;
const TEXT_TIMES_MAX: usize = 8;
/// Bytes of the rows that are kept until the header is found.
const KEPT_BYTES_MAX: usize = 4_000_000;

/// A cell that spans several rows, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merge {
    /// Its column.
    pub(super) column: u32,
    /// Its first row, which holds its value.
    pub(super) first: u32,
    /// Its last row.
    pub(super) last: u32,
}

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SheetCell {
    /// Its column, from 0.
    pub(super) column: u32,
    /// What it is.
    pub(super) kind: Kind,
    /// Its text.
    pub(super) text: String,
}

/// Takes the cells of a sheet in their order, and writes rows.
pub(super) struct SheetWriter<'w> {
    table: &'w mut RawTable,
    options: &'w ReadOptions,
    /// Rows until the header is found; `None` from then on.
    kept: Option<Vec<(u32, Vec<SheetCell>)>>,
    kept_bytes: usize,
    row: u32,
    cells: Vec<SheetCell>,
    /// The table's column of a sheet's column.
    columns: HashMap<u32, u16>,
    /// Merged cells whose first row is still to come, in the order of the rows.
    merges: VecDeque<Merge>,
    /// Merged cells by column: the last row, and the cell that holds the value.
    merged: HashMap<u32, (u32, usize)>,
    rows_filled: u32,
    /// Whether Roost wrote it: then an apostrophe before a formula is a mark.
    is_own: bool,
    /// Bytes of cells that were taken, and how many may be.
    bytes: usize,
    bytes_max: usize,
    rows: u64,
}

impl<'w> SheetWriter<'w> {
    /// Returns a writer for a workbook of `size` bytes.
    pub(super) fn new(table: &'w mut RawTable, options: &'w ReadOptions, size: usize) -> Self {
        Self {
            table,
            options,
            kept: Some(Vec::new()),
            kept_bytes: 0,
            row: 0,
            cells: Vec::new(),
            columns: HashMap::new(),
            merges: VecDeque::new(),
            merged: HashMap::new(),
            rows_filled: 0,
            is_own: false,
            bytes: 0,
            bytes_max: options.limits.bytes.min(TEXT_BYTES_MAX + TEXT_TIMES_MAX * size),
            rows: 0,
        }
    }

    /// Takes a cell that spans several rows; in the order of their first rows, and before its value.
    pub(super) fn merge(&mut self, merge: Merge) {
        if merge.last > merge.first {
            self.merges.push_back(merge);
        }
    }

    /// Takes a cell of the row `row`, from 0.
    pub(super) fn cell(&mut self, row: u32, cell: SheetCell) -> Result<(), ImportError> {
        if row != self.row {
            self.end_row()?;
            self.row = row;
        }
        self.bytes += cell.text.len() + CELL_BYTES;
        if self.bytes > self.bytes_max || self.table.cell_count() > CELLS_MAX {
            return Err(ImportError::TooMuchUnpacked { limit: self.bytes_max });
        }
        if !cell.text.is_empty() {
            self.cells.push(cell);
        }
        Ok(())
    }

    /// Takes the end of the sheet.
    pub(super) fn finish(mut self) -> Result<(), ImportError> {
        self.end_row()?;
        self.decide_header()?;
        if self.rows > self.options.limits.rows as u64 {
            return Err(ImportError::TooManyRows {
                rows: self.rows,
                limit: self.options.limits.rows,
            });
        }
        if self.rows_filled > 0 {
            let rows = match self.rows_filled {
                1 => "1 more row".to_owned(),
                several => format!("{several} more rows"),
            };
            let message =
                format!("Cells are merged over several rows; Roost read their value into {rows}.");
            self.table.notes.push(Problem::new(Code::FileCellsMerged, message));
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ImportError> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let cells = std::mem::take(&mut self.cells);
        let Some(kept) = &mut self.kept else {
            return self.write(self.row, cells);
        };
        self.kept_bytes += cells.iter().map(|cell| cell.text.len()).sum::<usize>();
        kept.push((self.row, cells));
        if kept.len() == header::ROWS_LOOKED_AT || self.kept_bytes > KEPT_BYTES_MAX {
            self.decide_header()?;
        }
        Ok(())
    }

    /// Finds the header among the rows that were kept, and writes the others.
    fn decide_header(&mut self) -> Result<(), ImportError> {
        let Some(kept) = self.kept.take() else {
            return Ok(());
        };
        let above = match self.options.header {
            Some(false) => None,
            chosen => find_header(&kept).or((chosen == Some(true)).then_some(0)),
        };
        if let Some(above) = above {
            if above > 0 {
                let row = kept[above].0;
                let message = format!("Rows 1 to {row}, above the header, are left out.");
                self.table.notes.push(Problem::new(Code::SourceRepaired, message));
            }
            for cell in &kept[above].1 {
                let name = clip_bytes(cell.text.trim(), NAME_BYTES_MAX).to_owned();
                self.column(cell.column, kept[above].0, name)?;
            }
            self.is_own = is_own(&self.table.columns);
        }
        let first = above.map_or(0, |above| above + 1);
        for (row, cells) in kept.into_iter().skip(first) {
            self.write(row, cells)?;
        }
        Ok(())
    }

    fn column(&mut self, column: u32, row: u32, name: String) -> Result<u16, ImportError> {
        if let Some(at) = self.columns.get(&column) {
            return Ok(*at);
        }
        let limit = self.options.limits.columns;
        let at = self.table.columns.len();
        let Some(at) = u16::try_from(at).ok().filter(|_| at < limit) else {
            return Err(ImportError::TooManyColumns { line: row + 1, limit });
        };
        self.table.columns.push(Column { name });
        self.columns.insert(column, at);
        Ok(at)
    }

    fn write(&mut self, row: u32, cells: Vec<SheetCell>) -> Result<(), ImportError> {
        self.rows += 1;
        if self.table.len() >= self.options.limits.rows {
            return Ok(());
        }
        self.table.begin_row(row.saturating_add(1));
        let begins: Vec<Merge> = self.merges_from(row);
        let mut filled: Vec<u32> = Vec::new();
        for cell in cells {
            let at = self.column(cell.column, row, String::new())?;
            let place = self.push(at, &cell);
            filled.push(cell.column);
            if let Some(merge) = begins.iter().find(|merge| merge.column == cell.column) {
                self.merged.insert(cell.column, (merge.last, place));
            }
        }
        self.fill_merged(row, &filled)
    }

    /// Takes the merged cells that begin on a row.
    fn merges_from(&mut self, row: u32) -> Vec<Merge> {
        let mut begin = Vec::new();
        while let Some(merge) = self.merges.front().copied().filter(|merge| merge.first <= row) {
            self.merges.pop_front();
            if merge.first == row {
                begin.push(merge);
            }
        }
        begin
    }

    fn fill_merged(&mut self, row: u32, filled: &[u32]) -> Result<(), ImportError> {
        if self.merged.is_empty() {
            return Ok(());
        }
        self.merged.retain(|_, (last, _)| *last >= row);
        let missing = self.merged.iter().filter(|(column, _)| !filled.contains(column));
        let mut missing: Vec<_> = missing.map(|(column, (_, place))| (*column, *place)).collect();
        missing.sort_unstable();
        for (column, place) in &missing {
            let at = self.column(*column, row, String::new())?;
            self.table.push_again(at, *place);
        }
        self.rows_filled += u32::from(!missing.is_empty());
        Ok(())
    }

    /// Writes a cell, and returns which one it is.
    fn push(&mut self, column: u16, cell: &SheetCell) -> usize {
        let place = self.table.cell_count();
        let bytes = cell.text.len();
        if bytes > self.options.limits.cell_bytes {
            let message = self.options.limits.cell_message(bytes);
            self.table.push(column, Kind::Broken, &message);
        } else {
            let may_be_marked = self.is_own && cell.kind == Kind::Text;
            let text = if may_be_marked { formula::unmarked(&cell.text) } else { &cell.text };
            self.table.push(column, cell.kind, text);
        }
        place
    }
}

fn find_header(kept: &[(u32, Vec<SheetCell>)]) -> Option<usize> {
    let width = kept.iter().flat_map(|(_, cells)| cells).map(|cell| cell.column + 1).max()?;
    let width = usize::try_from(width).ok()?.min(200);
    let rows: Vec<Vec<&str>> = kept
        .iter()
        .map(|(_, cells)| {
            let mut row = vec![""; width];
            for cell in cells {
                if let Some(place) = row.get_mut(cell.column as usize) {
                    *place = clip_bytes(&cell.text, NAME_BYTES_MAX);
                }
            }
            row
        })
        .collect();
    header::find(&rows)
}
