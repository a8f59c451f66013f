//! Rows that were not imported come back as a file in the format that they came in. Mended and imported
//! again, together with what was imported at once, they are all rows: nothing lost, nothing double.

use roost_core::failure::Code;
use roost_import::choices::{Choices, ProblemPolicy};
use roost_import::field::Field;
use roost_import::format::Format;
use roost_import::mapping::Mapping;
use roost_import::rejects::{self, RejectsFile};
use roost_import::session::{CellChange, ReadyRow, Session};
use roost_import::source::{self, ReadOptions};
use roost_import::table::RawTable;
use rust_xlsxwriter::Workbook;

use crate::common::{There, connected, errors, ready, with_posts};

/// A plan as a table: two rows are sound, one has no such day, one has no text.
const TABLE: [[&str; 4]; 5] = [
    ["Copy", "When", "Tags", "Who asked"],
    ["The kettle boils at seven.", "2027-05-03 09:00", "tea", "Ines"],
    ["=Seven \"crows\"", "2027-02-30 09:00", "birds, walls", "Rui"],
    ["", "2027-05-05 09:00", "maps", "Ines"],
    ["Two lines\nof one text", "2027-05-06 09:00", "", "Rui"],
];
/// How the two rows are mended.
const MENDED: [(Code, Field, &str); 2] = [
    (Code::TimeInvalid, Field::ScheduledAt, "2027-05-04 09:00"),
    (Code::TextMissing, Field::Content, "Our map has one more street now."),
];

fn chosen() -> Choices {
    Choices {
        zone: Some("America/New_York".to_owned()),
        account: Some("@roost_app".to_owned()),
        problems: ProblemPolicy::Skip,
        ..Choices::default()
    }
}

fn table(bytes: &[u8], name: &str) -> RawTable {
    source::read(bytes, Some(name), &ReadOptions::default()).expect("a readable file")
}

fn opened(bytes: &[u8], name: &str, choices: Choices, there: Vec<There>) -> Session {
    let table = table(bytes, name);
    let mapping = Mapping::recognise(&table);
    Session::open(table, mapping, choices, with_posts(there)).expect("a session")
}

fn cell(row: u32, field: Field, text: &str) -> CellChange {
    CellChange { row, field, text: text.to_owned() }
}

fn separated(separator: char) -> Vec<u8> {
    let quoted = |cell: &&str| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |row: &[&str; 4]| {
        let cells: Vec<String> = row.iter().map(quoted).collect();
        cells.join(&separator.to_string())
    };
    TABLE.iter().map(line).collect::<Vec<_>>().join("\r\n").into_bytes()
}

fn objects() -> Vec<serde_json::Map<String, serde_json::Value>> {
    let object = |row: &[&str; 4]| {
        let cells = TABLE[0].iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let value = |name: &str, cell: &str| match name {
            "Tags" => cell.split(", ").collect::<Vec<_>>().into(),
            _ => cell.into(),
        };
        cells.map(|(name, cell)| ((*name).to_owned(), value(name, cell))).collect()
    };
    TABLE[1..].iter().map(object).collect()
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip(TABLE) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// What a row says, when, where and with which tags.
fn said(row: &ReadyRow) -> (String, String, String, Vec<String>) {
    let wall = row.wall_time.expect("a time").to_string();
    let zone = format!("{} {:?}", row.zone.name(), row.account);
    (row.content.first_text().to_owned(), wall, zone, row.tags.clone())
}

fn mended_and_imported_again(bytes: &[u8], name: &str, format: Format) {
    let first = opened(bytes, name, chosen(), Vec::new());
    assert_eq!((first.summary().ready, first.summary().skipped), (2, 2), "{name}");
    let RejectsFile { bytes: left_out, rows, format: written } =
        rejects::file(&first).expect("a file").expect("rows");
    assert_eq!((rows, written), (2, format), "{name}");

    // The same file once more: what is there already is left out, and comes back with its reason.
    let there: Vec<There> = first.ready().map(There::of_row).collect();
    let again = opened(bytes, name, chosen(), there.clone());
    assert_eq!((again.summary().ready, rejects::file(&again).unwrap().unwrap().rows), (0, 4));

    let mut second = opened(&left_out, name, Choices::default(), there);
    let reasons: Vec<String> = {
        let table = second.table();
        let at = table.columns.iter().position(|column| column.name == rejects::REASON).unwrap();
        let at = u16::try_from(at).unwrap();
        table.rows().map(|row| row.cell(at).unwrap().text.to_owned()).collect()
    };
    assert!(reasons[0].contains("2027-02-30"), "{reasons:?}");
    assert!(reasons[1].contains("no text"), "{reasons:?}");
    let of_file = second.file_findings();
    let told: Vec<_> = of_file.iter().map(|it| it.problem.field.clone().unwrap()).collect();
    assert_eq!(told, ["Who asked"], "{name}: the reason is no column that is missed");
    for (code, field, text) in MENDED {
        let row = errors(&second).iter().find(|it| it.problem.code == code).unwrap().problem.row;
        second.set_cells(&[cell(row.unwrap(), field, text)]).unwrap();
    }
    assert_eq!(second.summary().ready, 2, "{name}: {:#?}", errors(&second));

    let mut all: Vec<_> = first.ready().chain(second.ready()).map(|row| said(&row)).collect();
    all.sort();
    let mut whole = opened(bytes, name, chosen(), Vec::new());
    whole.set_cells(&[cell(2, MENDED[0].1, MENDED[0].2)]).unwrap();
    whole.set_cells(&[cell(3, MENDED[1].1, MENDED[1].2)]).unwrap();
    let mut meant: Vec<_> = ready(&whole).iter().map(said).collect();
    meant.sort();
    assert_eq!(all, meant, "{name}");
    assert_eq!(all.len(), 4);
}

#[test]
fn rejects_mended_and_imported_again_lose_nothing_and_double_nothing() {
    let json = serde_json::json!({ "plan": "May", "posts": objects() }).to_string();
    let lines: Vec<String> =
        objects().into_iter().map(|it| serde_json::Value::Object(it).to_string()).collect();
    for (bytes, name, format) in [
        (separated(','), "plan.csv", Format::Csv),
        (separated('\t'), "plan.tsv", Format::Tsv),
        (workbook(), "plan.xlsx", Format::Xlsx),
        (json.into_bytes(), "plan.json", Format::Json),
        (lines.join("\n").into_bytes(), "plan.jsonl", Format::JsonLines),
    ] {
        mended_and_imported_again(&bytes, name, format);
    }
}

#[test]
fn rows_of_an_open_document_come_back_as_a_workbook_of_excel() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/import/workbooks/odfpy-plan.ods");
    let bytes = std::fs::read(path).unwrap();
    let mut session = opened(&bytes, "plan.ods", chosen(), Vec::new());
    session.set_cells(&[cell(2, Field::Content, "")]).unwrap();
    let file = rejects::file(&session).unwrap().unwrap();
    assert_eq!((file.format, file.rows), (Format::Xlsx, 1));
    let mut mended = opened(&file.bytes, "left-out.xlsx", Choices::default(), Vec::new());
    assert_eq!(mended.table().format, Format::Xlsx);
    mended.set_cells(&[cell(1, Field::Content, "Covered")]).unwrap();
    let row = &ready(&mended)[0];
    assert_eq!(row.wall_time.unwrap().to_string(), "2027-03-01 12:30");
    assert_eq!(row.zone.name(), "America/New_York");
}

#[test]
fn a_column_that_a_person_named_is_known_again_in_the_rejects() {
    let text = "Kapitel,Wann\nThe kettle boils at seven.,2027-05-03 09:00\nToo,never\n";
    let table = table(text.as_bytes(), "plan.csv");
    let mut mapping = Mapping::recognise(&table);
    for (column, field) in [(0, Field::Note), (1, Field::ScheduledAt)] {
        mapping.set(&table, column, Some(field), None, None);
    }
    let session = Session::open(table, mapping, chosen(), connected()).unwrap();
    let file = rejects::file(&session).unwrap().unwrap();
    let again = opened(&file.bytes, "left-out.csv", Choices::default(), Vec::new());
    let fields: Vec<_> = again.mapping().columns.iter().map(|column| column.field).collect();
    let expected = [Some(Field::Note), Some(Field::ScheduledAt)];
    assert_eq!(fields[..2], expected);
}

#[test]
fn half_a_character_is_told_by_the_reason_and_is_no_text_of_the_row() {
    let text = r#"[{"content":"cut \ud83d","scheduledAt":"2027-05-04 09:00"}]"#;
    let session = opened(text.as_bytes(), "plan.json", chosen(), Vec::new());
    let file = rejects::file(&session).unwrap().unwrap();
    let written: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap();
    let row = &written["posts"][0];
    assert_eq!(row["content"], serde_json::Value::Null, "{written}");
    assert!(row["reason"].as_str().unwrap().contains("Half a character"), "{written}");
}
