//! Tables of Markdown, as chats answer with them.

use roost_core::failure::{Code, Problem};

use super::limits::Limits;
use crate::error::ImportError;
use crate::fault::RowFault;
use crate::table::{Column, Kind, RawTable};

/// Returns the line of the first table's header, from 0; `None` where there is none.
fn find(text: &str) -> Option<usize> {
    let mut before: Option<&str> = None;
    for (at, line) in text.lines().enumerate() {
        if is_rule(line) && before.is_some_and(is_row) {
            return Some(at - 1);
        }
        before = Some(line);
    }
    None
}

/// Returns whether a text holds a table.
pub(super) fn looks_like(text: &str) -> bool {
    find(text).is_some()
}

/// Reads all tables of a text whose columns have the names of the first one's.
///
/// # Errors
/// [`ImportError`] where it is larger than the limits.
pub(super) fn read(text: &str, table: &mut RawTable, limits: &Limits) -> Result<(), ImportError> {
    let start = find(text).unwrap_or(0);
    let lines = || (1..).zip(text.lines()).skip(start);
    let Some((line, header)) = lines().next() else {
        return Ok(());
    };
    for name in cells(header) {
        if table.columns.len() == limits.columns {
            return Err(ImportError::TooManyColumns { line, limit: limits.columns });
        }
        table.columns.push(Column { name: name.to_owned() });
    }
    let named = table.columns.len();
    let mut rows = 0_u64;
    let mut left_out = start > 0;
    for (line, text) in lines().skip(1) {
        if is_rule(text) || cells(text).eq(cells(header)) {
            continue;
        }
        if !is_row(text) {
            left_out |= !text.trim().is_empty();
            continue;
        }
        rows += 1;
        if table.len() < limits.rows {
            row(table, limits, named, line, text)?;
        }
    }
    if rows > limits.rows as u64 {
        return Err(ImportError::TooManyRows { rows, limit: limits.rows });
    }
    if left_out {
        let message = "The posts were taken from a table; the text around it is left out.";
        table.notes.push(Problem::new(Code::SourceRepaired, message));
    }
    Ok(())
}

fn row(
    table: &mut RawTable,
    limits: &Limits,
    named: usize,
    line: u32,
    text: &str,
) -> Result<(), ImportError> {
    table.begin_row(line);
    let mut count = 0;
    for (at, cell) in cells(text).enumerate() {
        count = at + 1;
        if cell.is_empty() {
            continue;
        }
        while table.columns.len() <= at {
            if table.columns.len() == limits.columns {
                return Err(ImportError::TooManyColumns { line, limit: limits.columns });
            }
            table.columns.push(Column::default());
        }
        let column = u16::try_from(at).unwrap_or(u16::MAX);
        if cell.len() > limits.cell_bytes {
            table.push(column, Kind::Broken, &limits.cell_message(cell.len()));
        } else if cell.contains("\\|") {
            table.push(column, Kind::Text, &cell.replace("\\|", "|"));
        } else {
            table.push(column, Kind::Text, cell);
        }
    }
    if count != named {
        let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        table.blame(RowFault::Ragged { cells: number(count), columns: number(named) });
    }
    Ok(())
}

fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.len() > 2 && line.starts_with('|') && line.ends_with('|')
}

/// Whether a line parts the header from the rows: `| --- | :-: |`.
fn is_rule(line: &str) -> bool {
    is_row(line)
        && line.contains("--")
        && line.trim().chars().all(|it| matches!(it, '|' | '-' | ':' | ' '))
}

/// Returns the cells of a row; a bar with a backslash before it belongs to its cell.
fn cells(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim();
    let mut rest = line.strip_prefix('|').map(|rest| rest.strip_suffix('|').unwrap_or(rest));
    std::iter::from_fn(move || {
        let text = rest?;
        let bars = memchr::memchr_iter(b'|', text.as_bytes());
        let end = bars.into_iter().find(|at| *at == 0 || text.as_bytes()[at - 1] != b'\\');
        rest = end.map(|at| &text[at + 1..]);
        Some(text[..end.unwrap_or(text.len())].trim())
    })
}
