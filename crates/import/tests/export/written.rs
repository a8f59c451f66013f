//! What stands in a file, to the letter where another program depends on it.

use roost_core::clock::UnixMillis;
use roost_core::post::{MediaSource, Poll, ReplySettings};
use roost_core::status::Status;
use roost_import::export::{ExportError, ExportFormat, ExportRow, write};
use serde_json::{Value, json};

use crate::posts::{draft, posted, time, waiting};

/// 30 November 2026, 0:53:20 UTC.
const NOW: UnixMillis = UnixMillis(1_796_000_000_000);

fn text(rows: &[ExportRow], format: ExportFormat) -> String {
    let exported = write(rows, format, NOW).expect("a file");
    String::from_utf8(exported.bytes).expect("a text")
}

fn json_of(rows: &[ExportRow]) -> Value {
    serde_json::from_str(&text(rows, ExportFormat::Json)).expect("JSON")
}

#[test]
fn json_keeps_the_fields_that_earlier_releases_wrote() {
    let tagged = ExportRow { tags: vec!["launch".to_owned()], ..waiting(1, "Hello") };
    let file = json_of(&[tagged, draft(2, ["One", "Two"])]);
    let (first, second) = (&file["posts"][0], &file["posts"][1]);
    for (name, value) in [
        ("content", json!("Hello")),
        ("scheduledAt", json!("2027-03-01 09:00")),
        ("timezone", json!("Asia/Kolkata")),
        ("account", json!("ada")),
        ("tags", json!(["launch"])),
        ("draft", Value::Null),
        ("thread", Value::Null),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert_eq!(second["thread"], json!(["One", "Two"]));
    assert_eq!((&second["draft"], &second["content"]), (&json!(true), &Value::Null));
}

#[test]
fn json_tells_where_a_post_went() {
    let file = json_of(&[posted(1, &["One", "Two"])]);
    let post = &file["posts"][0];
    assert_eq!(post["status"], "posted");
    assert_eq!(post["tweetId"], json!(["1807", "1817"]));
    assert_eq!(post["tweetUrl"][1], "https://x.com/ada/status/1817");
    assert_eq!(post["postedAt"], "2026-10-01T07:00:01Z");
}

#[test]
fn the_plan_of_all_ids_stands_once_and_plans_that_differ_beside_each() {
    let of = |plan: &str, id: &str| ExportRow {
        own_id: Some((plan.to_owned(), id.to_owned())),
        ..draft(1, ["Hello"])
    };
    let file = json_of(&[of("spring", "a1"), draft(2, ["Other"]), of("spring", "a2")]);
    assert_eq!((&file["plan"], &file["posts"][0]["id"]), (&json!("spring"), &json!("a1")));
    assert_eq!(file["posts"][0]["plan"], Value::Null);
    let file = json_of(&[of("spring", "a1"), of("summer", "a1")]);
    assert_eq!((&file["plan"], &file["posts"][1]["plan"]), (&Value::Null, &json!("summer")));
}

#[test]
fn csv_begins_with_the_mark_by_which_excel_knows_utf_8_and_runs_nothing() {
    let rows = ["=HYPERLINK(\"a\")", "+1", "-1", "@ada", "\tx", "'=1", "plain", "a \"b\", c\nd"];
    let rows: Vec<_> = (1..).zip(rows).map(|(number, text)| waiting(number, text)).collect();
    let csv = text(&rows, ExportFormat::Csv);
    assert!(csv.starts_with("\u{feff}id,content,thread,scheduledAt,"));
    for cell in [
        ",\"'=HYPERLINK(\"\"a\"\")\",",
        ",\"'+1\",",
        ",\"'-1\",",
        ",\"'@ada\",",
        ",\"'\tx\",",
        ",\"''=1\",",
        ",plain,",
        ",\"a \"\"b\"\", c\nd\",",
    ] {
        assert!(csv.contains(cell), "{cell} in {csv}");
    }
    assert_eq!(csv.matches("\r\n").count(), rows.len() + 1);
}

#[test]
fn lists_in_a_table_are_written_as_people_do_where_they_are_read_as_the_same_list() {
    let mut row = draft(1, ["First", "Second"]);
    row.tags = vec!["launch".to_owned(), "how to".to_owned()];
    let first = &mut row.content.parts[0];
    first.reply_settings = Some(ReplySettings::MentionedUsers);
    first.poll =
        Some(Poll { options: vec!["Yes".to_owned(), "No".to_owned()], duration_minutes: 60 });
    let media = |source: &str| MediaSource { source: source.to_owned(), alt_text: None };
    first.media_sources = vec![media("a.png"), media("b.png")];
    let csv = text(&[row], ExportFormat::Csv);
    for cell in [
        "\"First\n---\nSecond\"",
        "\"launch, how to\"",
        "mentioned_users",
        "\"Yes\nNo\"",
        "\"a.png\nb.png\"",
    ] {
        assert!(csv.contains(cell), "{cell} in {csv}");
    }
    let csv = text(&[draft(1, ["First\n---\n", "Second"])], ExportFormat::Csv);
    assert!(csv.contains("[\"\"First\\n---\\n\"\",\"\"Second\"\"]"), "{csv}");
}

#[test]
fn a_post_that_can_only_come_back_as_a_draft_says_so() {
    let untimed = ExportRow { schedule: None, ..waiting(1, "Hello") };
    let rows = [untimed];
    assert!(text(&rows, ExportFormat::Csv).contains(",draft,"));
    assert_eq!(json_of(&rows)["posts"][0]["draft"], true);
}

#[test]
fn a_calendar_has_an_event_for_each_post_with_a_time() {
    let long = "word ".repeat(3_000);
    let rows = [
        ExportRow { tags: vec!["a, b".to_owned()], ..waiting(1, "Hello;\r\nyou, there\r") },
        posted(2, &["One", "Two"]),
        draft(3, ["No time"]),
        waiting(4, &long),
    ];
    let exported = write(&rows, ExportFormat::Ics, NOW).expect("a calendar");
    assert_eq!((exported.posts, exported.left_out), (3, 1));
    let calendar = String::from_utf8(exported.bytes).expect("a text");
    assert!(calendar.lines().all(|line| line.len() <= 75));
    assert!(!calendar.replace("\r\n", "").contains('\r'));
    let unfolded = calendar.replace("\r\n ", "");
    for line in [
        "UID:01890a5d-ac96-774b-bcce-b30200000001",
        "DTSTAMP:20261130T005320Z",
        "DTSTART:20270301T033000Z",
        "SUMMARY:@ada: Hello\\; you\\, there",
        "DESCRIPTION:Hello\\;\\nyou\\, there\\n",
        "CATEGORIES:a\\, b",
        "STATUS:CONFIRMED",
        "DTSTART:20261001T070001Z",
        "DESCRIPTION:One\\n\\nTwo",
        "URL:https://x.com/ada/status/1807",
        "X-ROOST-STATUS:posted",
    ] {
        assert!(unfolded.lines().any(|it| it == line), "{line} in {unfolded}");
    }
}

#[test]
fn a_workbook_refuses_a_text_that_no_cell_holds_and_names_the_post() {
    let row = waiting(7, &"a".repeat(32_768));
    match write(&[row], ExportFormat::Xlsx, NOW) {
        Err(ExportError::CellTooLong { column, units, .. }) => {
            assert_eq!((column, units), ("content", 32_768));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_second_of_two_equal_hours_is_told_by_its_offset() {
    let mut late = time("2027-11-07 01:30", "America/New_York");
    late.at.0 += 3_600_000;
    let row = ExportRow { schedule: Some(late), status: Status::Queued, ..draft(1, ["Hello"]) };
    assert_eq!(json_of(&[row])["posts"][0]["scheduledAt"], "2027-11-07T01:30:00-05:00");
}

#[test]
fn the_files_of_a_threads_later_parts_stand_in_lists_of_their_own() {
    let mut row = draft(1, ["One", "Two", "Three"]);
    let named = |source: &str, alt_text: Option<&str>| MediaSource {
        source: source.to_owned(),
        alt_text: alt_text.map(str::to_owned),
    };
    row.content.parts[1].media_sources = vec![named("a.png", Some("A")), named("b.png", None)];
    let post = &json_of(std::slice::from_ref(&row))["posts"][0];
    assert_eq!(post["media"], json!([[], ["a.png", "b.png"]]));
    assert_eq!(post["altText"], json!([[], ["A", ""]]));
    let csv = text(&[row], ExportFormat::Csv);
    assert!(csv.contains(",\"\n---\na.png\nb.png\","), "{csv}");
}
