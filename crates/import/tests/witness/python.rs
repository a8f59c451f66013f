//! Python's `csv` and `openpyxl`.

use std::path::Path;
use std::process::Command;

use roost_import::export::{ExportFormat, ExportRow};
use roost_import::formula;
use serde::Deserialize;

use crate::posts::{draft, posted, waiting};
use crate::temporary::Temporary;
use crate::{export, imported};

fn is_there() -> bool {
    let asked = Command::new("python3").args(["-c", "import openpyxl"]).output();
    let is_there = asked.is_ok_and(|answer| answer.status.success());
    if !is_there {
        eprintln!("skipped: python3 with openpyxl is not installed");
    }
    is_there
}

/// Returns what a script of this folder prints.
fn run<T: serde::de::DeserializeOwned>(script: &str, folder: &Path) -> T {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/witness").join(script);
    let mut python = Command::new("python3");
    python.arg(script).arg(folder).env("PYTHONIOENCODING", "utf-8");
    let answer = python.env("PYTHONDONTWRITEBYTECODE", "1").output().expect("python3 runs");
    let words = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{words}");
    serde_json::from_slice(&answer.stdout).expect("JSON")
}

#[test]
fn what_csv_and_openpyxl_write_is_read_as_it_was_meant() {
    if !is_there() {
        return;
    }
    let folder = Temporary::new("python-writes");
    let said: Vec<(String, String)> = run("write.py", folder.path());
    for file in [
        "excel.csv",
        "excel-tab.tsv",
        "unix.csv",
        "semicolon.csv",
        "unicode-text.txt",
        "one-column.xlsx",
        "two-columns.xlsx",
    ] {
        let rows = imported(&folder.path().join(file));
        let read: Vec<(String, String)> = rows
            .iter()
            .map(|row| {
                let wall = row.wall_time.expect("a time").to_string();
                (row.content.first_text().to_owned(), wall)
            })
            .collect();
        let meant: Vec<(String, String)> = said
            .iter()
            .map(|(text, when)| (text.clone(), when.trim_end_matches(":00").to_owned()))
            .map(|(text, when)| (text, if when.len() == 13 { format!("{when}:00") } else { when }))
            .collect();
        assert_eq!(read, meant, "{file}");
    }
}

/// What Python read of our exports.
#[derive(Debug, Deserialize)]
struct Seen {
    csv: Vec<serde_json::Map<String, serde_json::Value>>,
    xlsx: Vec<serde_json::Map<String, serde_json::Value>>,
    types: Vec<String>,
}

#[test]
fn csv_and_openpyxl_read_our_exports_and_find_no_formula() {
    if !is_there() {
        return;
    }
    let folder = Temporary::new("python-reads");
    let texts =
        ["Plain", "=1+1", "+1", "-1", "@ada", "\tone", "a \"b\", c;\nd", "漢字 \u{1f600}", "007"];
    let mut rows: Vec<ExportRow> =
        (1..).zip(texts).map(|(number, text)| draft(number, [text])).collect();
    rows.extend([waiting(20, "Soon"), posted(21, &["One", "Two"])]);
    for format in [ExportFormat::Csv, ExportFormat::Xlsx] {
        export(folder.path(), &rows, format);
    }
    let seen: Seen = run("read.py", folder.path());
    assert_eq!(seen.types, ["s"], "each cell of the workbook is a text");
    assert_eq!((seen.csv.len(), seen.xlsx.len()), (rows.len(), rows.len()));
    for ((row, csv), xlsx) in rows.iter().zip(&seen.csv).zip(&seen.xlsx) {
        let cell = |name: &str| {
            let cell = csv[name].as_str().unwrap();
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            assert_eq!(formula::unescape(cell), xlsx[name].as_str().unwrap(), "{name}");
            formula::unescape(cell).to_owned()
        };
        let texts = row.content.to_texts();
        if texts.len() == 1 {
            assert_eq!(cell("content"), texts[0]);
        } else {
            assert_eq!(cell("thread"), texts.join("\n---\n"));
        }
        let wall = row.schedule.as_ref().map_or("", |time| &time.wall_time);
        assert_eq!(cell("scheduledAt"), wall);
        assert_eq!(cell("status"), row.status.as_str());
        assert_eq!(cell("postId"), row.post_id.to_string());
    }
}
