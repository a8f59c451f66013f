//! LibreOffice, which opens our exports, saves them in its own formats, and is read again.

use std::path::{Path, PathBuf};
use std::process::Command;

use roost_import::export::{ExportFormat, ExportRow};
use roost_import::session::ReadyRow;

use crate::posts::{draft, posted, waiting};
use crate::temporary::Temporary;
use crate::{export, imported};

/// How a CSV is written: a comma between values, quotation marks, UTF-8, the first line first, texts
/// quoted, and cells as they are shown.
const CSV: &str = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false";

/// How a CSV is read, as a person says it in LibreOffice's dialog: commas, quotation marks, UTF-8.
const READ_CSV: &str = "--infilter=CSV:44,34,76,1";

fn is_there() -> bool {
    let is_there = Command::new("soffice").arg("--version").output().is_ok();
    if !is_there {
        eprintln!("skipped: LibreOffice is not installed");
    }
    is_there
}

/// Returns the file that LibreOffice makes of another, in a folder of its own.
fn converted(folder: &Path, file: &Path, to: &str) -> PathBuf {
    let format = to.split(':').next().expect("a format");
    let stem = file.file_name().and_then(|name| name.to_str()).expect("a name");
    let out = folder.join(format!("{stem}-as-{format}"));
    // A profile of its own: a LibreOffice that runs already would take the call over.
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let mut office = Command::new("soffice");
    office.arg(profile).args(["--headless", "--norestore", "--convert-to", to]);
    if file.extension().is_some_and(|ending| ending == "csv") {
        office.arg(READ_CSV);
    }
    let answer = office.arg("--outdir").arg(&out).arg(file).output().expect("soffice runs");
    let made = out.join(file.with_extension(format).file_name().expect("a name"));
    let words = String::from_utf8_lossy(&answer.stderr);
    assert!(made.exists(), "{}: {words}", made.display());
    made
}

fn rows() -> Vec<ExportRow> {
    let texts = [
        "The kettle boils at seven.",
        "=SUM of all birds",
        "@ada looks up",
        "- one\n- two",
        "Tea, milk; and \"sugar\"",
        "漢字 \u{1f600} é",
    ];
    let mut rows: Vec<ExportRow> = (1..)
        .zip(texts)
        .map(|(number, text)| ExportRow {
            own_id: Some((String::new(), format!("wall-{number}"))),
            note: Some(format!("{text}?")),
            ..draft(number, [text])
        })
        .collect();
    // No account is connected: a post that names none waits for one.
    let soon = ExportRow { account: None, ..waiting(20, "Soon") };
    rows.extend([soon, posted(21, &["One", "Two"])]);
    let thread =
        ExportRow { schedule: waiting(0, "-").schedule, ..draft(22, ["One", "Two\n\nmore"]) };
    rows.push(thread);
    rows
}

/// Fails unless the posts are those that were exported and are still to go out.
fn assert_came_back(made: &[ReadyRow], rows: &[ExportRow], file: &Path) {
    let back: Vec<&ExportRow> = rows.iter().filter(|row| row.tweet_ids.is_empty()).collect();
    assert_eq!(made.len(), back.len(), "{}", file.display());
    for (made, row) in made.iter().zip(back) {
        assert_eq!(made.content, row.content, "{}", file.display());
        assert_eq!(made.note, row.note, "{}", file.display());
        assert_eq!(made.own_id, row.own_id.as_ref().map(|(_, id)| id.clone()));
        assert_eq!(made.scheduled_at, row.schedule.as_ref().map(|time| time.at));
        if let Some(time) = &row.schedule {
            assert_eq!(made.zone.name(), time.zone, "{}", file.display());
        }
    }
}

fn goes_through_libreoffice(format: ExportFormat, ways: &[&[&str]]) {
    if !is_there() {
        return;
    }
    let folder = Temporary::new(&format!("libreoffice-{}", format.as_str()));
    let rows = rows();
    export(folder.path(), &rows, format);
    let ours = folder.path().join(format!("posts.{}", format.as_str()));
    for way in ways {
        let file = way.iter().fold(ours.clone(), |file, to| converted(folder.path(), &file, to));
        assert_came_back(&imported(&file), &rows, &file);
    }
}

#[test]
fn a_workbook_of_ours_comes_back_from_libreoffice_in_each_of_its_formats() {
    goes_through_libreoffice(ExportFormat::Xlsx, &[&["xlsx"], &["ods", "xlsx"], &["ods"], &[CSV]]);
}

#[test]
fn a_csv_of_ours_comes_back_from_libreoffice_in_each_of_its_formats() {
    goes_through_libreoffice(ExportFormat::Csv, &[&[CSV], &["xlsx"], &["ods"], &["ods", CSV]]);
}
