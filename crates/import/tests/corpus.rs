//! Files as people have them, good and bad, each with the report that stands beside it. With
//! `ROOST_WRITE_SNAPSHOTS` the reports are written anew; otherwise they must be what would be written.

use std::fs;
use std::path::{Path, PathBuf};

use roost_import::error::ImportError;
use roost_import::mapping::Mapping;
use roost_import::source::{ReadOptions, read};
use roost_import::table::RawTable;
use serde_json::{Value, json};

/// Rows whose cells a report shows.
const ROWS_SHOWN: usize = 4;
/// What the name of a report ends in.
const REPORT: &str = "report.json";

fn files() -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    let folders =
        ["good", "bad"].map(|folder| fs::read_dir(corpus.join(folder)).expect("a folder"));
    let files = folders.into_iter().flatten().map(|file| file.expect("a file").path());
    let mut files: Vec<_> =
        files.filter(|path| !path.to_string_lossy().ends_with(REPORT)).collect();
    files.sort();
    files
}

fn report(path: &Path) -> Value {
    let bytes = fs::read(path).expect("a file");
    let name = path.file_name().and_then(|name| name.to_str());
    match read(&bytes, name, &ReadOptions::default()) {
        Ok(table) => accepted(&table),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ImportError) -> Value {
    let problem = error.problem();
    json!({ "refused": { "code": problem.code, "message": problem.message, "remedy": problem.remedy } })
}

fn accepted(table: &RawTable) -> Value {
    let mapping = Mapping::recognise(table);
    let columns = table.columns.iter().zip(&mapping.columns).map(|(column, used)| {
        json!({
            "name": column.name,
            "field": used.field,
            "recognised_by": used.recognised_by,
            "date_order": used.date_order,
            "question": used.question.as_ref().map(|question| question.sentence()),
        })
    });
    let rows = table.rows().take(ROWS_SHOWN).map(|row| {
        let cells = row.cells().map(|(column, cell)| json!([column, cell.text]));
        json!({ "line": row.line(), "cells": cells.collect::<Vec<_>>() })
    });
    let notes =
        table.notes.iter().map(|note| json!({ "code": note.code, "message": note.message }));
    let faults = table.faults().map(|(row, fault)| {
        let problem = table.fault_problem(row, fault);
        json!({ "row": row + 1, "code": problem.code, "message": problem.message })
    });
    json!({
        "format": table.format,
        "encoding": table.reading.encoding,
        "timezone": table.defaults.timezone,
        "columns": columns.collect::<Vec<_>>(),
        "notes": notes.collect::<Vec<_>>(),
        "faults": faults.collect::<Vec<_>>(),
        "rows": table.len(),
        "first": rows.collect::<Vec<_>>(),
    })
}

fn report_path(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    path.with_file_name(format!("{name}.{REPORT}"))
}

#[test]
fn each_file_of_the_corpus_has_the_report_that_stands_beside_it() {
    let files = files();
    assert!(files.len() >= 80, "{}", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let made = format!("{:#}\n", report(&path));
        let beside = report_path(&path);
        if std::env::var_os("ROOST_WRITE_SNAPSHOTS").is_some() {
            fs::write(&beside, made).expect("a report");
        } else if fs::read_to_string(&beside).unwrap_or_default() != made {
            wrong.push(format!("{}:\n{made}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
