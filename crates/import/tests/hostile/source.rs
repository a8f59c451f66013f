//! What no bytes may do to the reading of a file, one function per format. Also the fuzz targets' bodies.

use std::io::{Cursor, Write};

use roost_import::format::Format;
use roost_import::source::{Limits, ReadOptions, read};
use roost_import::table::RawTable;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Any bytes, of which nothing is known.
pub(crate) fn anything(data: &[u8]) {
    reads(data, None, None);
}

/// Any bytes as JSON.
pub(crate) fn json(data: &[u8]) {
    reads(data, None, Some(Format::Json));
}

/// Any bytes as JSON Lines.
pub(crate) fn json_lines(data: &[u8]) {
    reads(data, Some("a.jsonl"), Some(Format::JsonLines));
}

/// Any bytes as CSV, and as TSV.
pub(crate) fn separated(data: &[u8]) {
    reads(data, Some("a.csv"), None);
    reads(data, Some("a.tsv"), Some(Format::Tsv));
}

/// Any bytes as plain text, and as Markdown.
pub(crate) fn prose(data: &[u8]) {
    reads(data, Some("a.txt"), Some(Format::Text));
    reads(data, Some("a.md"), Some(Format::Markdown));
}

/// Any bytes as a part of X's archive.
pub(crate) fn x_archive(data: &[u8]) {
    let start = b"window.YTD.tweets.part0 = ";
    reads(&[start, data].concat(), None, None);
    reads(data, None, Some(Format::XArchive));
}

/// Any bytes as the sheet of a workbook of Excel, or as its shared texts, styles and sheet with zero bytes
/// between them.
pub(crate) fn xlsx(data: &[u8]) {
    let parts: Vec<&[u8]> = data.split(|byte| *byte == 0).collect();
    let [texts, styles, sheet]: [&[u8]; 3] = match parts.as_slice() {
        [texts, styles, sheet, ..] => [*texts, *styles, *sheet],
        [texts, sheet] => [*texts, b"<styleSheet/>", *sheet],
        _ => [&b"<sst><si><t>content</t></si></sst>"[..], b"<styleSheet/>", data],
    };
    let rels = b"<Relationships><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
        relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
    let book_rels = b"<Relationships><Relationship Id=\"r1\" Type=\"a/worksheet\" \
        Target=\"worksheets/sheet1.xml\"/></Relationships>";
    let book =
        b"<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>";
    let bytes = archive(&[
        ("_rels/.rels", rels),
        ("xl/_rels/workbook.xml.rels", book_rels),
        ("xl/workbook.xml", book),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", sheet),
    ]);
    reads(&bytes, None, None);
}

/// Any bytes as the contents of a spreadsheet of LibreOffice.
pub(crate) fn ods(data: &[u8]) {
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    reads(&archive(&[("mimetype", kind), ("content.xml", data)]), None, None);
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a file of an archive");
        archive.write_all(bytes).expect("memory takes everything");
    }
    archive.finish().expect("memory takes everything").into_inner()
}

/// The bytes are read or refused; what is read holds together.
fn reads(data: &[u8], name: Option<&str>, format: Option<Format>) {
    let limits = Limits { rows: 10_000, columns: 100, cell_bytes: 10_000, ..Limits::default() };
    let options = ReadOptions { format, limits, ..ReadOptions::default() };
    match read(data, name, &options) {
        Ok(table) => holds_together(&table, &limits),
        Err(error) => {
            let problem = error.problem();
            assert!(!problem.message.is_empty() && !problem.remedy.is_empty());
        }
    }
}

fn holds_together(table: &RawTable, limits: &Limits) {
    assert!(table.len() <= limits.rows && table.columns.len() <= limits.columns);
    for row in table.rows() {
        assert!(row.line() > 0);
        for (column, cell) in row.cells() {
            assert!(usize::from(column) < table.columns.len());
            assert!(!cell.text.is_empty() && cell.text.len() <= limits.cell_bytes);
        }
    }
    for (at, fault) in table.faults() {
        let problem = table.fault_problem(at, fault);
        assert!(problem.row.is_some() && !problem.message.is_empty() && !problem.remedy.is_empty());
    }
    assert!(table.notes.iter().all(|note| !note.message.is_empty() && note.row.is_none()));
}
