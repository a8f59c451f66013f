//! What memory a workbook may take that was made to take much of a little: for the whole of a session, not
//! for its reading alone. The allocator counts what is in use at most.
#![expect(unsafe_code, reason = "an allocator that counts is one")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{Cursor, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use roost_core::clock::UnixMillis;
use roost_import::choices::Choices;
use roost_import::mapping::Mapping;
use roost_import::session::{RowFilter, Session};
use roost_import::source::{self, ReadOptions};
use roost_import::surroundings::Surroundings;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn add(bytes: usize) {
    let now = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(now, Ordering::Relaxed);
}

// SAFETY: everything is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller keeps what `alloc` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps what `dealloc` asks for.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while one is copied into the other.
        add(size);
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps what `realloc` asks for.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What an import of a small workbook may take, whatever stands in it.
const BASE_BYTES: usize = 40_000_000;
/// How often the file's own size it takes beside that.
const TIMES: usize = 8;

/// Opens the bytes as a session, looks at it and drops it. Returns how many rows it had; none where the
/// file is refused as a whole.
fn whole_session(bytes: &[u8], name: &str) -> Option<u32> {
    let table = match source::read(bytes, Some(name), &ReadOptions::default()) {
        Ok(table) => table,
        Err(error) => {
            assert!(!error.problem().message.is_empty());
            return None;
        }
    };
    let mapping = Mapping::recognise(&table);
    // 2027-01-01 00:00 UTC.
    let surroundings = Surroundings::empty(UnixMillis(1_798_761_600_000));
    let session = Session::open(table, mapping, Choices::default(), surroundings).expect("opened");
    session.page(&RowFilter::default(), 0, 50).expect("a page");
    let summary = session.summary();
    assert_eq!(
        summary.ready + summary.drafts + summary.skipped + summary.refused,
        session.rows(),
        "{name}: no row is lost"
    );
    assert!(session.findings(1_000).len() <= 1_000);
    assert_eq!(session.rejects().count(), (summary.skipped + summary.refused) as usize);
    assert_eq!(session.ready().count(), (summary.ready + summary.drafts) as usize);
    Some(session.rows())
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a file");
        archive.write_all(bytes).expect("memory takes everything");
    }
    archive.finish().expect("memory takes everything").into_inner()
}

fn workbook(texts: &[u8], sheet: &[u8]) -> Vec<u8> {
    archive(&[
        (
            "_rels/.rels",
            b"<Relationships><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/\
              officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships><Relationship Id=\"r1\" Type=\"a/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            b"<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", b"<styleSheet/>"),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn spreadsheet(rows: &str) -> Vec<u8> {
    let content = format!("<table:table table:name=\"A\">{rows}</table:table>");
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    archive(&[("mimetype", kind), ("content.xml", content.as_bytes())])
}

/// A row that stands in its sheet so often, with a cell that stands in it so often.
fn repeated(rows: u32, columns: u32, cells: usize) -> String {
    let cell = format!(
        "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"{columns}\">\
         <text:p>content</text:p></table:table-cell>"
    );
    let cells = cell.repeat(cells);
    format!("<table:table-row table:number-rows-repeated=\"{rows}\">{cells}</table:table-row>")
}

fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let text = "x".repeat(5_000);
    let texts = format!("<sst><si><t>{text}</t></si></sst>");
    let references = "<c t=\"s\"><v>0</v></c>".repeat(2_500);
    let shared = format!("<worksheet><sheetData><row>{references}</row></sheetData></worksheet>");
    let far = "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1048576\">\
        <c r=\"XFD1048576\" t=\"inlineStr\"><is><t>a</t></is></c></row></sheetData></worksheet>";
    let blanks = vec![b' '; 10_000_000];
    vec![
        ("rows and columns", spreadsheet(&repeated(1_000_000, 900, 1).repeat(20))),
        ("rows", spreadsheet(&repeated(1_000_000, 1, 1))),
        ("columns", spreadsheet(&repeated(1, 2_000_000_000, 1))),
        ("many rows of many cells", spreadsheet(&repeated(1_000_000, 1, 900))),
        ("shared texts", workbook(texts.as_bytes(), shared.as_bytes())),
        ("a far cell", workbook(b"<sst/>", far.as_bytes())),
        ("blanks", workbook(b"<sst/>", &blanks)),
    ]
}

#[test]
fn a_small_workbook_takes_a_base_and_eight_times_its_size_whatever_it_repeats() {
    for (name, bytes) in hostile() {
        let before = IN_USE.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let rows = whole_session(&bytes, name);
        let taken = PEAK.load(Ordering::Relaxed).saturating_sub(before);
        let size = bytes.len();
        println!("{name}: {size} bytes, {rows:?} rows, {taken} bytes at most");
        assert!(taken <= BASE_BYTES + TIMES * size, "{name}: {taken} bytes for a file of {size}");
    }
}

#[test]
fn rows_that_a_person_repeats_are_read() {
    let table = source::read(&spreadsheet(&repeated(40, 1, 1)), None, &ReadOptions::default());
    assert!(table.expect("a table").len() >= 39);
}
