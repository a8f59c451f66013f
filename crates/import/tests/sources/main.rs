//! What reading a file keeps: every cell as it stands there, every row with its line, and what is wrong
//! with one row stays with that row.

mod json;
mod prose;
mod separated;
mod workbook;

use roost_import::error::ImportError;
use roost_import::format::Format;
use roost_import::source::{Limits, ReadOptions, read};
use roost_import::table::{Kind, RawTable};

fn table(bytes: impl AsRef<[u8]>) -> RawTable {
    read(bytes.as_ref(), None, &ReadOptions::default()).expect("a readable file")
}

fn named(name: &str, bytes: impl AsRef<[u8]>) -> RawTable {
    read(bytes.as_ref(), Some(name), &ReadOptions::default()).expect("a readable file")
}

fn refused(bytes: impl AsRef<[u8]>) -> ImportError {
    read(bytes.as_ref(), None, &ReadOptions::default()).expect_err("a file that is refused")
}

/// Each row as `line: name=text | …`; a cell that is no text has its kind behind it.
fn rows(table: &RawTable) -> Vec<String> {
    let row = |row: roost_import::table::Row<'_>| {
        let cells: Vec<_> = row
            .cells()
            .map(|(column, cell)| {
                let name = &table.columns[usize::from(column)].name;
                match cell.kind {
                    Kind::Text => format!("{name}={}", cell.text),
                    kind => format!("{name}={} ({kind:?})", cell.text),
                }
            })
            .collect();
        format!("{}: {}", row.line(), cells.join(" | "))
    };
    table.rows().map(row).collect()
}

/// The faults of the rows, as `row: what is wrong`.
fn faults(table: &RawTable) -> Vec<String> {
    let faults = table.faults();
    faults
        .map(|(at, fault)| format!("{}: {}", at + 1, table.fault_problem(at, fault).message))
        .collect()
}

/// What is told of the file as a whole.
fn notes(table: &RawTable) -> Vec<String> {
    table.notes.iter().map(|note| format!("{}: {}", note.code, note.message)).collect()
}
