//! CSV and TSV.

use proptest::prelude::*;
use roost_import::format::Dialect;
use roost_import::formula;

use super::*;

fn dialect(table: &RawTable) -> (char, bool) {
    let Dialect { separator, header } = table.reading.dialect.expect("a dialect");
    (separator, header)
}

#[test]
fn a_german_excel_file_is_read_with_its_line_breaks() {
    let table = named(
        "plan.csv",
        "\u{feff}Datum;Uhrzeit;Text;Konto\r\n01.03.2027;09:00;\"Guten Morgen; heute \"\"geöffnet\"\"\";@example\r\n\
         02.03.2027;09:00;\"Zeile eins\r\nZeile zwei\";@example\r\n;;;\r\n03.03.2027;;Ende;\r\n",
    );
    assert_eq!((table.format, dialect(&table)), (Format::Csv, (';', true)));
    assert_eq!(
        rows(&table),
        [
            "2: Datum=01.03.2027 | Uhrzeit=09:00 | Text=Guten Morgen; heute \"geöffnet\" | Konto=@example",
            "3: Datum=02.03.2027 | Uhrzeit=09:00 | Text=Zeile eins\r\nZeile zwei | Konto=@example",
            "6: Datum=03.03.2027 | Text=Ende",
        ]
    );
    assert!(faults(&table).is_empty() && notes(&table).is_empty());
}

#[test]
fn excel_s_unicode_text_and_its_sep_line_are_understood() {
    let text = "Date\tCopy\r\n2027-03-01\tcafé, ja\r\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table = table(bytes);
    assert_eq!((table.format, dialect(&table)), (Format::Tsv, ('\t', true)));
    assert_eq!(rows(&table), ["2: Date=2027-03-01 | Copy=café, ja"]);
    let table = named("a.csv", "sep=|\r\nx|y\r\n1,5|2;3\r\n");
    assert_eq!(dialect(&table).0, '|');
    assert_eq!(rows(&table), ["3: x=1,5 | y=2;3"]);
}

#[test]
fn ragged_rows_are_named_and_lose_nothing() {
    let table = named(
        "a.csv",
        "content,date,tags\nHello, world,2027-03-01,x\nfine,2027-03-02\nfull,2027-03-03,y\nempty,2027-03-04,,,,\n",
    );
    assert_eq!(
        rows(&table),
        [
            "2: content=Hello | date= world | tags=2027-03-01 | =x",
            "3: content=fine | date=2027-03-02",
            "4: content=full | date=2027-03-03 | tags=y",
            "5: content=empty | date=2027-03-04",
        ]
    );
    assert_eq!(
        faults(&table),
        ["1: The row has 4 cells; the header has 3.", "2: The row has 2 cells; the header has 3."]
    );
    let errors: Vec<_> = table.faults().map(|(_, fault)| fault.is_error()).collect();
    assert_eq!(errors, [true, false]);
}

#[test]
fn broken_quotes_are_named_at_their_line_and_swallow_no_row() {
    let table = named(
        "a.csv",
        "content,date\n\"never closed,2027-03-01\nfine,2027-03-02\n\"two\nlines\",2027-03-03\n\
         \"say \"hi\" now\",2027-03-04\n\"open",
    );
    let lines: Vec<_> = table.rows().map(|row| row.line()).collect();
    assert_eq!(lines, [2, 3, 4, 6, 7]);
    let broken = |at: usize| table.row(at).unwrap().faults().any(|fault| fault.is_error());
    assert_eq!([0, 1, 2, 3, 4].map(broken), [true, false, false, true, true]);
    assert!(faults(&table)[0].contains("on line 2"), "{:?}", faults(&table));
}

#[test]
fn a_file_without_a_header_keeps_its_first_row() {
    let table = named("a.csv", "2027-03-01 09:00,Good morning\n2027-03-02 09:00,Good night\n");
    assert_eq!(dialect(&table), (',', false));
    assert_eq!(
        rows(&table),
        ["1: =2027-03-01 09:00 | =Good morning", "2: =2027-03-02 09:00 | =Good night"]
    );
    let options = ReadOptions { header: Some(false), ..ReadOptions::default() };
    let table = read(b"content,date\na,b\n", Some("a.csv"), &options).unwrap();
    assert_eq!(table.len(), 2);
}

#[test]
fn a_title_above_the_header_is_left_out_and_told() {
    let table = named("a.csv", "Plan for March,,\n,,\nDate,Time,Copy\n2027-03-01,09:00,Hello\n");
    assert_eq!(rows(&table), ["4: Date=2027-03-01 | Time=09:00 | Copy=Hello"]);
    assert_eq!(notes(&table), ["source_repaired: Lines 1 to 2, above the header, are left out."]);
}

#[test]
fn a_column_of_texts_is_not_cut_at_its_commas() {
    let table = named("a.csv", "content\nHello, world\n\"Quoted, too\"\n");
    assert_eq!(rows(&table), ["2: content=Hello, world", "3: content=Quoted, too"]);
}

#[test]
fn what_a_spreadsheet_would_run_comes_back_as_it_was() {
    let cells = "'=HYPERLINK(1),\"=\"\"0042\"\"\"\n'@ada says hi,x\n=HYPERLINK(2),it's\n";
    for (names, mark) in
        [("content,link", "'"), ("content,link,status,postId", ""), ("content,reason", "")]
    {
        let second = names.split(',').nth(1).unwrap();
        let table = named("a.csv", format!("{names}\n{cells}"));
        assert_eq!(
            rows(&table),
            [
                format!("2: content={mark}=HYPERLINK(1) | {second}=0042"),
                format!("3: content={mark}@ada says hi | {second}=x"),
                format!("4: content==HYPERLINK(2) | {second}=it's"),
            ],
            "an apostrophe is a mark where Roost wrote it"
        );
    }
}

#[test]
fn a_pasted_table_needs_no_name() {
    let table = table("Date\tCopy\n2027-03-01\tHello, world\n");
    assert_eq!(rows(&table), ["2: Date=2027-03-01 | Copy=Hello, world"]);
    assert_eq!(
        rows(&self::table("content,date\n\"a\",2027-03-01\n")),
        ["2: content=a | date=2027-03-01"]
    );
}

#[test]
fn json_named_csv_is_json_and_csv_named_json_is_csv() {
    assert_eq!(named("a.csv", "[{\"content\": \"a\"}]").format, Format::Json);
    assert_eq!(named("a.json", "content,date\na,2027-03-01\n").format, Format::Csv);
}

#[test]
fn limits_of_rows_columns_and_cells_are_named_with_their_figures() {
    let read_with = |text: &str, limits: Limits| {
        let options = ReadOptions { limits, ..ReadOptions::default() };
        read(text.as_bytes(), Some("a.csv"), &options)
    };
    let limits = Limits { rows: 2, columns: 2, cell_bytes: 8, ..Limits::default() };
    let error = read_with("content,date\n1,2\n3,4\n5,6\n7,8\n", limits).unwrap_err();
    assert_eq!(error, ImportError::TooManyRows { rows: 4, limit: 2 });
    let error = read_with("content,date,tags\n1,2,3\n", limits).unwrap_err();
    assert_eq!(error, ImportError::TooManyColumns { line: 1, limit: 2 });
    let error = read_with("content,date\n1,2\n1,2,3\n", limits).unwrap_err();
    assert_eq!(error, ImportError::TooManyColumns { line: 3, limit: 2 });
    let table = read_with("content,date\n123456789,2\n", limits).unwrap();
    assert_eq!(table.row(0).unwrap().cell(0).unwrap().kind, Kind::Broken);
    assert_eq!(table.row(0).unwrap().cell(1).unwrap().text, "2");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The `csv` package is the witness: what it writes is read back to the letter.
    #[test]
    fn what_the_csv_package_writes_is_read_to_the_letter(
        texts in prop::collection::vec(("[^\0]{1,20}|[\",;\\\\\r\n'= a]{1,9}", "[^\0]{0,9}"), 1..9),
        separator in prop::sample::select(&b",;\t|"[..]),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        writer.write_record(["content", "scheduledAt", "tags"]).unwrap();
        for (content, tags) in &texts {
            writer.write_record([content.as_str(), "2027-03-01 09:00", tags.as_str()]).unwrap();
        }
        let table = named("a.csv", writer.into_inner().unwrap());
        prop_assert_eq!(table.len(), texts.len());
        for (row, (content, tags)) in table.rows().zip(&texts) {
            let cell = |column| row.cell(column).map_or("", |cell| cell.text);
            prop_assert_eq!(cell(0), formula::unwrapped(content));
            prop_assert_eq!(cell(2), formula::unwrapped(tags));
            prop_assert_eq!(row.faults().count(), 0);
        }
    }
}
