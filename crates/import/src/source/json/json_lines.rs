//! JSON Lines: one object a line. A bad line is a bad row and spoils no other.

use super::rows::RowWriter;
use super::syntax;
use super::walk::Walk;
use crate::error::ImportError;
use crate::fault::RowFault;
use crate::source::limits::Limits;
use crate::table::RawTable;

/// Lines that are looked at to find out whether a text is JSON Lines.
const LINES_LOOKED_AT: usize = 20;

/// Returns whether a text, which as a whole is no JSON, is one object a line.
pub(super) fn looks_like(text: &str) -> bool {
    let lines = || text.lines().map(value_of).filter(|line| !line.is_empty()).take(LINES_LOOKED_AT);
    let sound = lines().filter(|line| line.starts_with('{') && syntax::check_line(line).is_none());
    let (sound, all) = (sound.count(), lines().count());
    all > 1 && sound * 2 >= all
}

/// Returns what a line holds without the comma of a list whose brackets are missing.
fn value_of(line: &str) -> &str {
    let line = line.trim();
    line.strip_suffix(',').unwrap_or(line).trim_end()
}

/// Reads one object a line.
pub(super) fn read(text: &str, table: &mut RawTable, limits: &Limits) -> Result<(), ImportError> {
    let mut writer = RowWriter::new(text, 0, table, limits);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let value = value_of(line);
        let at = start + (line.len() - line.trim_start().len());
        start += line.len();
        if value.is_empty() {
            continue;
        }
        if writer.table.len() == limits.rows {
            let rows = limits.rows as u64
                + text[at..].lines().filter(|it| !it.trim().is_empty()).count() as u64;
            return Err(ImportError::TooManyRows { rows, limit: limits.rows });
        }
        match syntax::check_line(value) {
            None => writer.row(&mut Walk::new(text, at, 0))?,
            Some(column) => writer.blame_row(at, RowFault::NotJson { column }),
        }
    }
    Ok(())
}
