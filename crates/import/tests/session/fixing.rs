//! Fixes of one click: for one row, for all such rows, and nothing else.

use roost_core::failure::Code;
use roost_core::post::DuplicatePolicy;
use roost_core::text::weigh;
use roost_import::choices::{Choices, UtcTimes};
use roost_import::field::Field;
use roost_import::finding::FixId;
use roost_import::session::{RowView, Scope, Session};

use crate::common::*;

const AT: &str = "2027-03-02 09:00";

fn has(row: &RowView, code: Code) -> bool {
    row.findings.iter().any(|it| it.problem.code == code)
}

/// A file of three rows, of which the first and the last have a finding: a fix takes it from the first
/// alone, and then from all, and changes nothing else. Returns the session.
fn fixed(rows: [String; 3], fix: FixId, code: Code, choices: Choices) -> Session {
    let rows = rows.each_ref().map(String::as_str);
    let mut session = open(&file(&rows), choices, connected());
    let before = views(&session);
    let found: Vec<bool> = before.iter().map(|row| has(row, code)).collect();
    assert_eq!(found, [true, false, true], "{before:#?}");
    assert!(session.apply(fix, Scope::Row(2)).unwrap().fixed.is_empty());
    assert_eq!(views(&session), before);

    let one = session.apply(fix, Scope::Row(1)).unwrap();
    assert_eq!(one.fixed, [1], "{fix:?}");
    assert!(one.judged.contains(&1));
    let after = views(&session);
    assert!(!has(&after[0], code), "{fix:?}: {:#?}", after[0]);
    assert_eq!(after[1..], before[1..], "{fix:?} of one row leaves the others");
    assert!(session.changes().all(|cell| cell.row == 1));
    assert_adds_up(&session);

    let all = session.apply(fix, Scope::All).unwrap();
    assert_eq!(all.fixed, [3], "{fix:?}");
    let last = views(&session);
    assert_eq!(last[..2], after[..2], "{fix:?} of all leaves rows without the finding");
    assert!(!has(&last[2], code), "{fix:?}: {:#?}", last[2]);
    let others = |row: &RowView| {
        let kept = row.findings.iter().map(|it| it.problem.code).filter(|it| *it != code);
        kept.collect::<Vec<_>>()
    };
    assert_eq!(others(&last[0]), others(&before[0]), "{fix:?} leaves other findings");
    assert_eq!(others(&last[2]), others(&before[2]), "{fix:?} leaves other findings");
    assert!(session.apply(fix, Scope::All).unwrap().fixed.is_empty());
    assert_adds_up(&session);
    session
}

#[test]
fn a_fix_of_a_text_mends_one_row_and_then_all_such_rows() {
    for (written, mended, fix, code) in [
        ("Q&amp;A **now**", "Q&A **now**", FixId::DecodeEntities, Code::HtmlEntities),
        ("<b>Big</b> &amp;", "Big &amp;", FixId::RemoveTags, Code::HtmlTags),
        ("a\\nb **c**", "a\nb **c**", FixId::DecodeEscapes, Code::LiteralEscapes),
        ("**a** &amp; b", "a &amp; b", FixId::RemoveMarkdown, Code::MarkdownMarks),
        ("run deploy.sh now", "run deploy .sh now", FixId::BreakLink, Code::AccidentalLink),
        ("a\u{feff}b &amp;", "ab &amp;", FixId::RemoveCharacters, Code::InvalidCharacter),
        ("$AAPL and $MSFT", "$AAPL and MSFT", FixId::KeepOneCashtag, Code::TooManyCashtags),
    ] {
        let last = format!("{written} again");
        let rows = [row(written, AT), row("plain", "2027-03-04 09:00"), row(&last, "2027-03-06")];
        let rows = rows.map(|it| it.replace("2027-03-06", "2027-03-06 09:00"));
        let session = fixed(rows, fix, code, mine());
        let texts: Vec<_> = views(&session).into_iter().flat_map(|row| row.parts).collect();
        assert_eq!(texts, [mended, "plain", &format!("{mended} again")]);
    }
}

#[test]
fn a_long_text_is_shortened_or_becomes_a_thread_with_room_for_what_is_appended() {
    let long = |word: &str| -> String {
        (0..20).map(|number| format!("The {word} {number} has some words. ")).collect()
    };
    let line = |text: &str, at: &str| {
        serde_json::json!({
            "content": text, "scheduledAt": at, "link": "https://example.com/a", "hashtags": "rust"
        })
        .to_string()
    };
    let choices = Choices { append_links: true, append_hashtags: true, ..mine() };
    for fix in [FixId::Shorten, FixId::MakeThread] {
        let rows = [
            line(&long("sentence"), AT),
            line("short", "2027-03-04 09:00"),
            line(&long("phrase"), "2027-03-06 09:00"),
        ];
        let session = fixed(rows, fix, Code::TextTooLong, choices.clone());
        for row in views(&session) {
            let is_thread = fix == FixId::MakeThread && row.row != 2;
            assert_eq!(row.parts.len() > 1, is_thread, "{:?}", row.parts);
            assert!(row.parts.iter().all(|part| weigh(part).weighted_length <= 280));
            assert!(row.parts.last().unwrap().ends_with("#rust https://example.com/a"));
        }
    }
}

#[test]
fn parts_of_a_thread_are_mended_one_by_one_however_it_is_written() {
    let long = "word ".repeat(80);
    for thread in [
        serde_json::json!([long, "two\n---\nlines", "three"]),
        serde_json::json!(["[one]", long]),
        serde_json::json!(["1/ one\n2/ two", long]),
    ] {
        let before: Vec<String> = serde_json::from_value(thread.clone()).unwrap();
        let row = serde_json::json!({"thread": thread, "scheduledAt": AT}).to_string();
        let mut session = open(&file(&[&row]), mine(), connected());
        assert_eq!(session.apply(FixId::Shorten, Scope::All).unwrap().fixed, [1]);
        let after = &views(&session)[0];
        assert_eq!(after.findings, []);
        let same = before.iter().zip(&after.parts).filter(|(old, new)| old == new).count();
        assert_eq!((after.parts.len(), same), (before.len(), before.len() - 1));
    }
    let csv = format!("thread,scheduledAt\n\"1/ {long}\n2/ two\",{AT}\n");
    let mut session = open(&csv, mine(), connected());
    assert_eq!(session.apply(FixId::Shorten, Scope::All).unwrap().fixed, [1]);
    let parts = views(&session).remove(0).parts;
    assert_eq!((parts.len(), parts[1].as_str()), (2, "2/ two"));
}

fn zoned(content: &str, at: &str, zone: &str) -> String {
    serde_json::json!({"content": content, "scheduledAt": at, "timezone": zone}).to_string()
}

#[test]
fn a_time_marked_as_utc_is_read_as_the_zones_for_a_row_and_for_the_file() {
    let rows = [
        row("a", "2027-03-01T09:00:00Z"),
        row("b", "2027-03-04 09:00"),
        row("c", "2027-03-06T09:00:00+00:00"),
    ];
    let session = fixed(rows, FixId::ReadAsWallTime, Code::UtcTime, mine());
    let times: Vec<_> = views(&session).into_iter().map(|row| row.when_wall.unwrap()).collect();
    assert_eq!(times, ["2027-03-01 09:00", "2027-03-04 09:00", "2027-03-06 09:00"]);
    assert_eq!(session.choices(), &Choices { utc_times: UtcTimes::WallTime, ..mine() });
}

#[test]
fn the_citys_zone_takes_the_place_of_an_abbreviation_or_of_a_name_that_is_none() {
    for (word, city, code) in [
        ("EST", "America/New_York", Code::ZoneAbbreviation),
        ("PST", "America/Los_Angeles", Code::UnknownZone),
        ("Europe/Berln", "Europe/Berlin", Code::UnknownZone),
    ] {
        let rows = [
            zoned("a", "2027-07-01 09:00", word),
            zoned("b", "2027-07-03 09:00", "Europe/Paris"),
            zoned("c", "2027-07-05 09:00", word),
        ];
        let session = fixed(rows, FixId::UseZone, code, mine());
        let shown = views(&session);
        let zones: Vec<_> = shown.iter().map(|row| row.zone.as_str()).collect();
        assert_eq!(zones, [city, "Europe/Paris", city]);
        assert_eq!(shown[0].when_wall.as_deref(), Some("2027-07-01 09:00"));
    }
}

#[test]
fn a_zone_behind_the_time_gives_way_to_the_citys_and_the_time_stays() {
    for (word, city, code) in [
        ("EST", "America/New_York", Code::ZoneAbbreviation),
        ("PST", "America/Los_Angeles", Code::UnknownZone),
    ] {
        let rows = [
            row("a", &format!("2027-07-01 09:00 {word}")),
            row("b", "2027-07-03 09:00"),
            zoned("c", &format!("2027-07-05 09:00 {word}"), "Asia/Tokyo"),
        ];
        let session = fixed(rows, FixId::UseZone, code, mine());
        for row in [&views(&session)[0], &views(&session)[2]] {
            assert_eq!(row.zone, city);
            assert!(row.when_wall.as_deref().unwrap().ends_with("09:00"));
        }
    }
}

#[test]
fn a_zone_of_the_whole_file_that_is_none_is_mended_in_its_rows() {
    let text = file(&[&row("a", AT), &zoned("b", "2027-03-04 09:00", "UTC")]);
    let text = text.replace("Asia/Kolkata", "Asia/Calcuta");
    let mut session = open(&text, mine(), connected());
    assert_eq!(session.summary().ready, 1);
    assert_eq!(session.apply(FixId::UseZone, Scope::All).unwrap().fixed, [1]);
    assert_eq!(session.summary().ready, 2);
    assert_eq!(views(&session)[0].zone, "Asia/Calcutta");
}

#[test]
fn a_time_that_clocks_skip_moves_to_either_side_of_the_gap() {
    for (fix, wall) in [(FixId::AfterGap, "03:30"), (FixId::BeforeGap, "01:30")] {
        let gap = |text: &str, at: &str, zone: &str| zoned(text, at, zone);
        let rows = [
            gap("a", "2027-03-14 02:30", "America/New_York"),
            gap("b", "2027-03-20 02:30", "America/New_York"),
            gap("c", "2027-03-28 02:30", "Europe/Berlin"),
        ];
        let session = fixed(rows, fix, Code::TimeInGap, mine());
        let times: Vec<_> = views(&session).into_iter().map(|row| row.when_wall.unwrap()).collect();
        let expected =
            [format!("2027-03-14 {wall}"), "2027-03-20 02:30".into(), format!("2027-03-28 {wall}")];
        assert_eq!(times, expected);
    }
}

#[test]
fn a_date_and_a_time_in_columns_of_their_own_stay_there() {
    let csv = "text,date,time,timezone\na,2027-03-14,02:30,America/New_York\n";
    let mut session = open(csv, mine(), connected());
    assert_eq!(session.apply(FixId::AfterGap, Scope::All).unwrap().fixed, [1]);
    let fields: Vec<_> = session.changes().map(|cell| (cell.field, cell.text)).collect();
    let date = (Field::Date, "2027-03-14".to_owned());
    assert_eq!(fields, [date, (Field::Time, "03:30".to_owned())]);
    assert_eq!(views(&session)[0].findings, []);
}

#[test]
fn a_fix_of_all_that_have_one_finding_leaves_rows_with_another() {
    let long = row(&"a".repeat(300), AT);
    let twice = row("said twice", "2027-03-05 09:00");
    let late = row("late", "2026-12-01 09:00");
    let rows = [&long, &late, &twice, &twice].map(String::as_str);
    let choices = Choices { duplicates: DuplicatePolicy::Keep, ..mine() };
    let mut session = open(&file(&rows), choices, connected());
    let fixed = session.apply(FixId::LeaveOut, Scope::Found(Code::TextTooLong)).unwrap();
    assert_eq!(fixed.fixed, [1], "it is offered for what is late or said twice, too");
    let fixed = session.apply(FixId::LeaveOut, Scope::Found(Code::DuplicateContent)).unwrap();
    assert_eq!(fixed.fixed, [4]);
    assert!(
        session.apply(FixId::Shorten, Scope::Found(Code::TimeInPast)).unwrap().fixed.is_empty()
    );
    assert_eq!(session.apply(FixId::LeaveOut, Scope::All).unwrap().fixed, [2]);
}
