//! What was exported is read again to the letter.

use proptest::prelude::*;
use roost_core::clock::UnixMillis;
use roost_core::id::TweetId;
use roost_core::post::Content;
use roost_core::status::Status;
use roost_import::export::{ExportFormat, ExportRow, write};
use roost_import::field::Field;
use roost_import::mapping::Mapping;
use roost_import::source::{ReadOptions, read};
use roost_import::table::{Kind, RawTable};

use crate::posts::{draft, time};

const NOW: UnixMillis = UnixMillis(1_796_000_000_000);

/// Texts that are hard on files: what separates, quotes, runs and ends lines. What has no letter to see
/// is no text of a post, and no file of XML holds the two characters that are none.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\"",
        "'",
        "=",
        "+",
        "-",
        "@",
        ",",
        ";",
        "|",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "\n---\n",
        " ",
        "[",
        "]",
        "\\n",
        "_x000D_",
        "_x005F_",
        "&amp;",
        "<b>",
        "1/",
        "é",
        "漢字",
        "👨‍👩‍👧‍👦",
        "\u{feff}",
        "\u{1}",
        "\u{1f}",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "2027-03-01",
        "0042",
        "1E5",
        "TRUE",
        "sep=;",
        "#REF!",
    ]);
    let piece =
        prop_oneof![3 => pieces.prop_map(str::to_owned), 1 => "[^\u{0}\u{fffe}\u{ffff}]{1,4}"];
    prop::collection::vec(piece, 1..8)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("seen", |text| text.chars().any(char::is_alphanumeric))
}

fn posts() -> impl Strategy<Value = ExportRow> {
    let parts = prop_oneof![
        2 => texts().prop_map(|text| vec![text]),
        1 => prop::collection::vec(texts(), 2..4),
    ];
    let note = prop::option::of(texts().prop_map(|note| note.trim().to_owned()));
    let status = prop::sample::select(&Status::ALL[..]);
    (parts, note, prop::option::of("[a-z0-9=@'-]{1,8}"), any::<bool>(), status, 0_u32..1_000)
        .prop_map(|(parts, note, own_id, timed, status, number)| ExportRow {
            content: Content::of_texts(parts),
            note,
            own_id: own_id.map(|id| (String::new(), id)),
            schedule: timed.then(|| time("2027-03-01 09:00", "Asia/Kolkata")),
            account: Some("ada".to_owned()),
            status,
            tweet_ids: if status == Status::Posted {
                vec![TweetId("17".to_owned())]
            } else {
                vec![]
            },
            ..draft(number, ["-"])
        })
}

/// Returns the texts of a row's cells of a field, in the order of its columns.
fn cell(table: &RawTable, mapping: &Mapping, row: usize, field: Field) -> Option<(Kind, String)> {
    let column = mapping.column_of(field)?;
    let cell = table.row(row)?.cell(column)?;
    Some((cell.kind, cell.text.to_owned()))
}

fn check(rows: &[ExportRow], format: ExportFormat) -> Result<(), TestCaseError> {
    let file = write(rows, format, NOW).expect("a file");
    let name = format!("posts.{}", format.as_str());
    let table = read(&file.bytes, Some(&name), &ReadOptions::default())
        .map_err(|error| TestCaseError::fail(format!("{error}")))?;
    prop_assert!(table.notes.is_empty(), "{:?}", table.notes);
    prop_assert_eq!(table.faults().count(), 0);
    prop_assert_eq!(table.len(), rows.len());
    let mapping = Mapping::recognise(&table);
    prop_assert_eq!(mapping.questions().count(), 0, "{:?}", mapping);
    for (at, row) in rows.iter().enumerate() {
        let text = |field| cell(&table, &mapping, at, field).map(|(_, text)| text);
        let parts = row.content.to_texts();
        match parts.as_slice() {
            [only] => prop_assert_eq!(text(Field::Content), Some(only.clone())),
            several => {
                let thread = text(Field::Thread).unwrap_or_default();
                let listed: Option<Vec<String>> = serde_json::from_str(&thread).ok();
                let read =
                    listed.unwrap_or_else(|| thread.split("\n---\n").map(str::to_owned).collect());
                prop_assert_eq!(&read[..], several);
            }
        }
        prop_assert_eq!(
            text(Field::Note).unwrap_or_default(),
            row.note.clone().unwrap_or_default()
        );
        let own = row.own_id.as_ref().map(|(_, id)| id.clone());
        prop_assert_eq!(text(Field::OwnId), own);
        prop_assert_eq!(
            text(Field::ScheduledAt),
            row.schedule.as_ref().map(|it| it.wall_time.clone())
        );
        prop_assert_eq!(text(Field::TweetId).is_some(), row.status == Status::Posted);
        prop_assert!(text(Field::Status).is_some());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..<_>::default() })]

    #[test]
    fn json_is_read_again_to_the_letter(rows in prop::collection::vec(posts(), 1..5)) {
        check(&rows, ExportFormat::Json)?;
    }

    #[test]
    fn csv_is_read_again_to_the_letter(rows in prop::collection::vec(posts(), 1..5)) {
        check(&rows, ExportFormat::Csv)?;
    }

    #[test]
    fn a_workbook_is_read_again_to_the_letter(rows in prop::collection::vec(posts(), 1..5)) {
        check(&rows, ExportFormat::Xlsx)?;
    }
}
