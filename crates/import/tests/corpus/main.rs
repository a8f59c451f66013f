//! Files as people have them, good and bad, each with the report that stands beside it: how it was read,
//! what becomes of each row, and what is told. With `ROOST_WRITE_SNAPSHOTS` the reports are written anew;
//! otherwise they must be what would be written.

#[path = "../session/common.rs"]
#[expect(dead_code, reason = "what other tests of sessions use of it")]
mod common;
mod quirks;
mod report;
mod surroundings;

use std::fs;
use std::path::{Path, PathBuf};

/// What the name of a report ends in.
const REPORT: &str = "report.json";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import")
}

fn files() -> Vec<PathBuf> {
    let folders = ["good", "bad"].map(|name| fs::read_dir(folder().join(name)).expect("a folder"));
    let files = folders.into_iter().flatten().map(|file| file.expect("a file").path());
    let mut files: Vec<_> =
        files.filter(|path| !path.to_string_lossy().ends_with(REPORT)).collect();
    files.sort();
    files
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
        let made = format!("{:#}\n", report::of(&path));
        let beside = report_path(&path);
        if std::env::var_os("ROOST_WRITE_SNAPSHOTS").is_some() {
            fs::write(&beside, made).expect("a report");
        } else if fs::read_to_string(&beside).unwrap_or_default() != made {
            wrong.push(format!("{}:\n{made}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
