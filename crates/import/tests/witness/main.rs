//! Programs that know nothing of Roost write files that an import reads, and read what an export writes:
//! Python's `csv`, `openpyxl`, and LibreOffice. Where one is not installed its test is skipped; `cargo
//! xtask setup` installs them.

mod libreoffice;
#[path = "../export/posts.rs"]
mod posts;
mod python;
mod temporary;

use std::path::Path;

use roost_core::clock::UnixMillis;
use roost_import::choices::Choices;
use roost_import::export::{ExportFormat, ExportRow, write};
use roost_import::mapping::Mapping;
use roost_import::session::{ReadyRow, Session};
use roost_import::source::{ReadOptions, read};
use roost_import::surroundings::Surroundings;

/// 2027-01-01 00:00 UTC.
const NOW: UnixMillis = UnixMillis(1_798_761_600_000);

/// Returns the posts that an import makes of a file.
fn imported(path: &Path) -> Vec<ReadyRow> {
    let bytes = std::fs::read(path).expect("a file");
    let name = path.file_name().and_then(|name| name.to_str());
    let table = read(&bytes, name, &ReadOptions::default()).expect("a table");
    let mapping = Mapping::recognise(&table);
    let surroundings = Surroundings::empty(NOW);
    let session = Session::open(table, mapping, Choices::default(), surroundings);
    let session = session.expect("a session");
    assert_eq!(session.summary().refused, 0, "{}: {:#?}", path.display(), session.findings(10));
    session.ready().collect()
}

/// Writes an export into a folder, as `posts` with the format's ending.
fn export(folder: &Path, rows: &[ExportRow], format: ExportFormat) {
    let file = write(rows, format, NOW).expect("a file");
    let path = folder.join(format!("posts.{}", format.as_str()));
    std::fs::write(path, file.bytes).expect("a file");
}
