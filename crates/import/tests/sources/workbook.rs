//! Workbooks. Those under `tests/fixtures/import/workbooks` were written by the programs in their names.

use std::io::{Cursor, Write};

use roost_import::error::ImportError;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/import/workbooks/");
    std::fs::read(format!("{folder}{name}")).expect("a fixture")
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn cells_of_excel_are_what_they_are() {
    let table = table(fixture("openpyxl-kinds.xlsx"));
    assert_eq!((table.format, table.reading.sheet.as_deref()), (Format::Xlsx, Some("Plan")));
    assert_eq!(
        rows(&table),
        [
            "2: Date=2027-03-01 (Date) | Time=09:00:00 (Date) | Copy=Doors open\ntoday | Count=5 (Number) | \
             Approved=true (Bool) | Link=https://example.com",
            "3: Date=2027-03-02 09:30:00 (Date) | Time=00:00:00 (Date) | Copy==not a formula | \
             Count=1.5 (Number) | Approved=false (Bool)",
            "5: Date=2027-03-04 | Time=09:00 | Copy=Texts as they stand | Count=0042 | \
             Link=The cell holds the error #N/A. (Broken)",
            "6: Date=2027-03-05 00:00:00 (Date) | Time=18:15:00 (Date) | Copy=Midnight | \
             Count=1803891600000 (Number)",
        ]
    );
}

#[test]
fn merged_cells_hold_for_each_of_their_rows_and_a_title_is_left_out() {
    let table = table(fixture("openpyxl-merged.xlsx"));
    assert_eq!(
        rows(&table),
        [
            "3: Date=2027-03-01 (Date) | Time=09:00 | Copy=One",
            "4: Time=12:00 | Copy=Two | Date=2027-03-01 (Date)",
            "5: Time=18:00 | Copy=Three | Date=2027-03-01 (Date)",
            "6: Date=2027-03-02 (Date) | Time=09:00 | Copy=Four",
        ]
    );
    assert_eq!(
        notes(&table),
        [
            "source_repaired: Rows 1 to 1, above the header, are left out.",
            "file_cells_merged: Cells are merged over several rows; Roost read their value into 2 more rows.",
        ]
    );
}

#[test]
fn several_sheets_with_rows_are_asked_for_and_hidden_ones_are_not() {
    let bytes = fixture("openpyxl-two-sheets.xlsx");
    let names = vec!["March".to_owned(), "April".to_owned()];
    assert_eq!(refused(&bytes), ImportError::SheetNeeded { names });
    let sheet = |name: &str| {
        let options = ReadOptions { sheet: Some(name.to_owned()), ..ReadOptions::default() };
        read(&bytes, None, &options)
    };
    let table = sheet("April").unwrap();
    assert_eq!(rows(&table), ["2: content=b | scheduledAt=2027-04-01 09:00"]);
    assert_eq!(table.reading.sheets, ["March", "April"]);
    assert_eq!(sheet("Old").unwrap().len(), 1);
    let error = sheet("May").unwrap_err();
    assert_eq!(error.problem().remedy, "Choose one of \"March\", \"April\", \"Old\".");
}

#[test]
fn days_since_1904_are_dates_too_and_the_first_column_may_be_empty() {
    let table = table(fixture("xlsxwriter-1904.xlsx"));
    assert_eq!(
        rows(&table),
        [
            "2: When=2027-03-01 09:00:00 (Date) | Text=Column A is empty",
            "3: When=2027-03-02 09:00:00 (Date) | Text=plain bold plain",
        ]
    );
}

#[test]
fn a_spreadsheet_of_libreoffice_is_read_with_its_repeated_and_covered_cells() {
    let table = named("plan.json", fixture("odfpy-plan.ods"));
    assert_eq!(table.format, Format::Ods);
    assert_eq!(
        rows(&table),
        [
            "2: Date=2027-03-01 (Date) | Time=09:00:00 (Date) | Copy=Two paragraphs &\nsecond | Count=5 (Number)",
            "3: Time=12:30:00 (Date) | Copy=Covered | Date=2027-03-01 (Date)",
            "7: Date=2027-03-05 18:00:00 (Date) | Copy=Last",
        ]
    );
}

#[test]
fn what_is_protected_or_no_workbook_is_named() {
    assert_eq!(refused(fixture("msoffcrypto-protected.xlsx")), ImportError::Encrypted);
    for (files, words) in [
        (
            &[("posts.json", &b"[]"[..])][..],
            "a ZIP archive, not a file of posts; it holds posts.json",
        ),
        (&[("word/document.xml", b"<a/>")], "a Word document"),
        (&[("xl/workbook.bin", b"")], "a binary workbook"),
        (&[("Index/Document.iwa", b"")], "Apple's Numbers"),
        (&[("data/tweets.js", b"")], "X's archive as a whole"),
        (
            &[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"")],
            "no spreadsheet",
        ),
        (&[("xl/workbook.xml", b"<workbook")], "damaged"),
        (&[], "a ZIP archive"),
    ] {
        let error = read(&archive(files), Some("plan.json"), &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    old.extend("Workbook".encode_utf16().flat_map(u16::to_le_bytes));
    assert!(refused(old).to_string().contains(".xls"));
    let whole = fixture("openpyxl-kinds.xlsx");
    assert!(matches!(refused(&whole[..whole.len() / 2]), ImportError::Damaged { .. }));
}

#[test]
fn json_named_xlsx_is_json() {
    assert_eq!(named("plan.xlsx", "[{\"content\": \"a\"}]").format, Format::Json);
}

/// A workbook with one sheet of these rows, and these shared texts.
fn workbook(texts: &[u8], sheet: &[u8]) -> Vec<u8> {
    archive(&[
        (
            "[Content_Types].xml",
            b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
        ),
        (
            "_rels/.rels",
            b"<Relationships><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
              relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships><Relationship Id=\"r1\" Type=\"a/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
              <Relationship Id=\"r2\" Type=\"a/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>",
        ),
        ("xl/workbook.xml", b"<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

#[test]
fn what_unpacks_to_more_than_it_may_is_refused_with_its_figure() {
    let texts =
        [b"<sst>".to_vec(), b"<si><t>a</t></si>".repeat(2_000_000), b"</sst>".to_vec()].concat();
    let bytes = workbook(&texts, b"<worksheet><sheetData/></worksheet>");
    assert!(bytes.len() < 1_000_000, "{}", bytes.len());
    assert!(matches!(refused(bytes), ImportError::TooMuchUnpacked { .. }));

    // One long text that a hundred thousand cells share.
    let texts = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(900_000));
    let cells = "<row><c t=\"s\"><v>0</v></c></row>".repeat(100_000);
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    let error = refused(workbook(texts.as_bytes(), sheet.as_bytes()));
    assert!(matches!(error, ImportError::TooMuchUnpacked { .. }), "{error}");

    // A row of LibreOffice that is there a million times, in a thousand columns.
    let content = b"<office:document-content><table:table table:name=\"A\"><table:table-row \
        table:number-rows-repeated=\"1000000000\"><table:table-cell office:value-type=\"string\" \
        table:number-columns-repeated=\"900\"><text:p>a</text:p></table:table-cell></table:table-row>\
        </table:table></office:document-content>";
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    let error = refused(archive(&[("mimetype", kind), ("content.xml", content)]));
    assert!(matches!(error, ImportError::TooMuchUnpacked { .. }), "{error}");

    // A cell of marks that stand for a thousand blanks each is an error of its row.
    let marks = "<text:s text:c=\"1000\"/>".repeat(10_000);
    let content = format!(
        "<x><table:table table:name=\"A\"><table:table-row><table:table-cell><text:p>a{marks}</text:p>\
         </table:table-cell></table:table-row></table:table></x>"
    );
    let table = table(archive(&[("mimetype", kind), ("content.xml", content.as_bytes())]));
    assert_eq!(table.row(0).unwrap().cell(0).unwrap().kind, Kind::Broken);
}

#[test]
fn a_cell_far_away_costs_no_more_than_a_near_one() {
    let sheet = b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>content</t></is></c></row>\
        <row r=\"1048576\"><c r=\"A1048576\" t=\"inlineStr\"><is><t>Far</t></is></c>\
        <c r=\"XFD1048576\" t=\"inlineStr\"><is><t>away</t></is></c></row></sheetData></worksheet>";
    let table = table(workbook(b"<sst/>", sheet));
    assert_eq!(rows(&table), ["1048576: content=Far | =away"]);
}

#[test]
fn what_libreoffice_makes_of_one_file_is_the_same_in_both_of_its_formats() {
    for (name, format) in
        [("libreoffice-plan.ods", Format::Ods), ("libreoffice-plan.xlsx", Format::Xlsx)]
    {
        let table = table(fixture(name));
        assert_eq!(table.format, format);
        assert_eq!(
            rows(&table),
            [
                "2: Date=2027-03-01 (Date) | Time=09:00 | Copy=Zeile eins, ja\nZeile zwei | Count=5 (Number) | Done=TRUE",
                "3: Date=2027-03-02 (Date) | Copy=2 (Number) | Count=1.5 (Number) | Done=FALSE",
                "4: Date=2027-03-02 (Date) | Copy=Doppelt",
                "5: Date=2027-03-02 (Date) | Copy=Doppelt",
            ]
        );
    }
}
