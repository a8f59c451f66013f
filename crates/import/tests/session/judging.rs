//! What a session makes of the rows of a file.

use roost_core::duplicate::duplicate_key;
use roost_core::failure::{Code, Problem};
use roost_core::limits::Subscription;
use roost_core::status::Status;
use roost_core::zone::{WallTime, Zone, resolve};
use roost_import::choices::Choices;
use roost_import::session::Outcome;
use roost_import::surroundings::Surroundings;

use crate::common::*;

/// The single error of a file with one row.
fn only_error(row: &str, choices: Choices, surroundings: Surroundings) -> Problem {
    let session = open(&file(&[row]), choices, surroundings);
    let errors = errors(&session);
    assert_eq!(errors.len(), 1, "{row}: {errors:#?}");
    assert_eq!(session.summary().refused, 1, "{row}");
    errors[0].problem.clone()
}

#[test]
fn a_sound_file_becomes_rows_that_are_ready_to_store() {
    let text = file(&[
        &row("Hello", "2027-03-01 00:20"),
        r#"{"thread": ["One", "see example.com"], "scheduledAt": "2027-03-28T09:00:30",
            "timezone": "Europe/Berlin", "account": "@premium_bird", "tags": [" a ", "b", "a"]}"#,
        &row("An instant", "2027-03-01T05:30:00.5+05:30"),
    ]);
    let session = open(&text, mine(), connected());
    assert!(session.findings(10).is_empty(), "{:#?}", session.findings(10));
    let rows = ready(&session);
    let [first, thread, instant] = rows.as_slice() else { panic!("{rows:#?}") };
    assert_eq!(first.scheduled_at.unwrap().to_string(), "2027-02-28T18:50:00Z");
    assert_eq!((first.row, first.line, first.account.as_ref().unwrap().0.as_str()), (1, 2, "11"));
    assert_eq!(first.duplicate_key, duplicate_key("Hello"));
    assert_eq!(first.cost.0, 15_000);
    assert_eq!((thread.row, thread.line, thread.content.parts.len()), (2, 3, 2));
    assert_eq!(thread.scheduled_at.unwrap().to_string(), "2027-03-28T07:00:30Z");
    assert_eq!(thread.tags, ["a", "b"]);
    assert_eq!(thread.account.as_ref().unwrap().0, "22");
    assert_eq!(thread.cost.0, 15_000 + 200_000);
    assert_eq!((instant.row, instant.line), (3, 5));
    assert_eq!(instant.scheduled_at.unwrap().to_string(), "2027-03-01T00:00:01Z");
    assert_eq!(instant.wall_time.unwrap().to_string(), "2027-03-01 05:30:01");
    let summary = session.summary();
    assert_eq!(summary.cost_micros, 15_000 * 3 + 200_000);
    assert_eq!((summary.first_at, summary.last_at), (first.scheduled_at, thread.scheduled_at));
    assert!(rows.iter().all(|row| row.status == Status::Pending));
    let days: Vec<_> = summary.days.iter().map(|day| (day.date.as_str(), day.count)).collect();
    assert_eq!(days, [("2027-03-01", 2), ("2027-03-28", 1)]);
    assert_eq!(summary.months[0].cost_micros, summary.cost_micros);
}

#[test]
fn a_bare_list_is_read_with_the_given_defaults() {
    let text = format!("[{}]", row("Hello", "2027-03-01 09:00"));
    let zone = Zone::parse("America/New_York").unwrap();
    let choices = Choices { zone: Some(zone.name().to_owned()), ..mine() };
    let expected = resolve(&WallTime::parse("2027-03-01 09:00").unwrap(), &zone).instant;
    for (choices, surroundings) in
        [(choices, connected()), (mine(), Surroundings { zone: zone.clone(), ..connected() })]
    {
        let session = open(&text, choices, surroundings);
        let rows = ready(&session);
        assert_eq!(rows[0].zone, zone);
        assert_eq!(rows[0].scheduled_at, Some(expected));
    }
}

#[test]
fn a_file_in_utf_16_reads_like_the_same_in_utf_8() {
    let text = file(&[&row("Grüße 🐦 नमस्ते", "2027-03-01 09:00")]);
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let of_bytes = open_bytes(&bytes, mine(), connected());
    assert_eq!(ready(&of_bytes), ready(&open(&text, mine(), connected())));
}

#[test]
fn every_error_of_every_row_is_found_at_once_with_row_and_field() {
    let long = row(&"a".repeat(300), "2027-02-30 09:00");
    let text = file(&[
        &row("fine", "2027-03-01 09:00"),
        &long,
        r#"{"content": "  ", "timezone": "Asia/Kolkatta", "account": "@nobody", "tags": [""]}"#,
        r#"{"scheduledAt": 17, "content": "b", "content": "c"}"#,
        "42",
        r#"{"content": "a", "thread": ["b"], "scheduledAt": "2027-03-01 09:00"}"#,
        r#"{"thread": ["a", 2, "\ud800"], "scheduledAt": "2027-03-01 09:00"}"#,
    ]);
    let session = open(&text, mine(), connected());
    let errors = errors(&session);
    let mut found = places(&errors);
    found.sort_unstable_by_key(|(code, row, _)| (*row, *code));
    let mut expected = [
        (Code::TextTooLong, Some(2), "content"),
        (Code::TimeInvalid, Some(2), "scheduledAt"),
        (Code::AccountUnknown, Some(3), "account"),
        (Code::TextMissing, Some(3), "content"),
        (Code::TagInvalid, Some(3), "tags[1]"),
        (Code::UnknownZone, Some(3), "timezone"),
        (Code::RepeatedField, Some(4), "content"),
        (Code::WrongType, Some(4), "scheduledAt"),
        (Code::RowNotObject, Some(5), ""),
        (Code::RepeatedField, Some(6), "thread"),
        (Code::WrongType, Some(7), "thread[2]"),
        (Code::InvalidCharacter, Some(7), "thread[3]"),
    ];
    expected.sort_unstable_by_key(|(code, row, _)| (*row, *code));
    assert_eq!(found, expected);
    let summary = session.summary();
    assert_eq!((summary.ready, summary.refused, summary.rows), (1, 6, 7));
    assert!(errors.iter().all(|it| !it.problem.remedy.is_empty()));
    assert_eq!(errors[0].problem.line, Some(3));
}

#[test]
fn an_error_says_what_is_wrong_and_how_to_mend_it() {
    let at = "2027-03-01 09:00";
    for (row, message, remedy) in [
        (row(&"a".repeat(281), at), "281 of 280: 1 too many", "Shorten it by 1"),
        (row("a", "2027-02-30 09:00"), "February 2027 has 28 days", "2027-03-01 09:00"),
        (row("a\u{feff}", at), "Character 2 is U+FEFF", "Remove"),
        (row("$AAPL and $MSFT", at), "2 cashtags", "Keep one"),
        (
            r#"{"content": "a", "scheduledAt": "2027-03-01 09:00", "account": "@other"}"#
                .to_owned(),
            "@other",
            "@roost_app, @Premium_Bird",
        ),
        (
            r#"{"content": "a", "scheduledAt": "2027-03-01 09:00", "timezone": "IST"}"#.to_owned(),
            "\"IST\" is no time zone",
            "Asia/Kolkata, Europe/Dublin, Asia/Jerusalem",
        ),
    ] {
        let problem = only_error(&row, mine(), connected());
        assert!(problem.message.contains(message), "{problem}");
        assert!(problem.remedy.contains(remedy), "{problem}");
    }
}

#[test]
fn a_time_that_clocks_skip_is_an_error_that_names_both_neighbours() {
    let row = r#"{"content": "a", "scheduledAt": "2027-03-14 02:30",
                  "timezone": "America/New_York"}"#;
    let problem = only_error(row, mine(), connected());
    assert_eq!(problem.code, Code::TimeInGap);
    assert!(problem.message.contains("from 2027-03-14 02:00 straight to 2027-03-14 03:00"));
    assert!(problem.remedy.contains("before 2027-03-14 02:00, or 2027-03-14 03:00 or later"));
}

#[test]
fn a_time_that_comes_twice_is_a_warning_and_the_first_is_taken() {
    let row = r#"{"content": "a", "scheduledAt": "2027-11-07 01:30",
                  "timezone": "America/New_York"}"#;
    let session = open(&file(&[row]), mine(), connected());
    assert_eq!(places(&warnings(&session)), [(Code::TimeTwice, Some(1), "scheduledAt")]);
    assert_eq!(ready(&session)[0].scheduled_at.unwrap().to_string(), "2027-11-07T05:30:00Z");
}

#[test]
fn the_length_that_is_allowed_is_the_account_s() {
    let long = "a".repeat(1_000);
    let row = |account: &str| {
        serde_json::json!({"content": long, "scheduledAt": "2027-03-01 09:00", "account": account})
            .to_string()
    };
    assert_eq!(only_error(&row("@roost_app"), mine(), connected()).code, Code::TextTooLong);
    for name in ["PREMIUM_bird", "22", "https://x.com/premium_bird"] {
        let session = open(&file(&[&row(name)]), mine(), connected());
        assert_eq!(session.summary().ready, 1, "{name}");
    }
}

#[test]
fn posts_without_an_account_wait_while_none_is_connected_and_are_errors_when_several_are() {
    let text = file(&[&row("a", "2027-03-01 09:00"), &row("b", "2027-03-02 09:00")]);

    let session = open(&text, Choices::default(), Surroundings::empty(NOW));
    assert!(errors(&session).is_empty());
    assert_eq!(places(&warnings(&session)), [(Code::AccountMissing, None, "account")]);
    assert!(ready(&session).iter().all(|row| row.account.is_none()));

    let session = open(&text, Choices::default(), connected());
    let found = errors(&session);
    assert_eq!(places(&found), [(Code::AccountMissing, None, "account")]);
    assert!(found[0].problem.remedy.contains("@roost_app, @Premium_Bird"));
    assert_eq!(session.summary().refused, 2);
    assert_eq!(views(&session)[0].findings[0].problem.code, Code::AccountMissing);

    let one = vec![account("11", "roost_app", Subscription::None)];
    let surroundings = Surroundings { accounts: one, ..Surroundings::empty(NOW) };
    let session = open(&text, Choices::default(), surroundings);
    assert!(ready(&session).iter().all(|row| row.account.is_some()));
}

#[test]
fn what_else_is_wrong_with_rows_without_an_account_is_told_at_once() {
    let text = file(&[
        &row("Hello  world", "2027-03-01 09:00"),
        &row("Late", "2026-03-01 09:00"),
        &row("Hello world", "2027-03-01 09:00"),
        &row("Hello world", "2027-03-09 09:00"),
        &row("Hello world", "2027-13-09 09:00"),
    ]);
    let session = open(&text, Choices::default(), connected());
    assert_eq!(session.summary().refused, 5);
    let expected =
        [(Code::DuplicateContent, Some(3), "content"), (Code::RepeatedText, Some(4), "content")];
    assert_eq!(places(&warnings(&session)), expected);
    let mut messages = warnings(&session).into_iter().map(|it| it.problem.message);
    assert_eq!(messages.next_back().unwrap(), "Row 1 says the same 8 days earlier.");
    let late = (Code::TimeInPast, Some(2), "scheduledAt");
    assert!(places(&errors(&session)).contains(&late), "{:?}", errors(&session));

    // With an account the same is found, and the repeat is left out.
    let session = open(&text, mine(), connected());
    let left_out: Vec<u32> = views(&session)
        .iter()
        .filter(|view| view.outcome == Outcome::Skipped)
        .map(|view| view.row)
        .collect();
    assert_eq!(left_out, [3]);
}

#[test]
fn a_row_with_an_error_takes_no_other_row_s_place() {
    let text = file(&[
        r#"{"content": "Hello", "scheduledAt": "2027-03-01 09:00", "account": "@unknown"}"#,
        &row("Hello", "2027-03-01 09:00"),
        r#"{"content": "Hello", "scheduledAt": "2027-03-01 09:00", "tags": [3]}"#,
    ]);
    let session = open(&text, mine(), connected());
    assert_eq!(ready(&session).iter().map(|row| row.row).collect::<Vec<_>>(), [2]);
    let repeated = (Code::DuplicateContent, Some(3), "content");
    assert_eq!(places(&warnings(&session)), [repeated]);
}

#[test]
fn a_wrong_default_is_said_once_for_the_whole_file() {
    let text = r#"{"timezone": "Asia/Calcuta", "account": "@nobody", "posts": [
        {"content": "a", "scheduledAt": "2027-03-01 09:00"},
        {"content": "b", "scheduledAt": "2027-03-01 09:00", "timezone": "UTC",
         "account": "roost_app"}
    ]}"#;
    let session = open(text, mine(), connected());
    let expected = [(Code::AccountUnknown, None, "account"), (Code::UnknownZone, None, "timezone")];
    assert_eq!(places(&errors(&session)), expected);
    assert_eq!((session.summary().ready, session.summary().refused), (1, 1));
}

#[test]
fn a_plan_that_x_would_hold_up_is_told_before() {
    let rows: Vec<String> = (0..51)
        .map(|index| {
            row(
                &format!("post {index}"),
                &format!("2027-03-01 {:02}:{:02}", index / 4, index % 4 * 15),
            )
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let session = open(&file(&rows), mine(), connected());
    let found = warnings(&session);
    assert_eq!(places(&found), [(Code::RateLimited, Some(51), "scheduledAt")]);
    let message = &found[0].problem.message;
    assert_eq!(message, "51 posts of @roost_app fall within 24 hours; the limit is 50.");
    assert!(open(&file(&rows[..50]), mine(), connected()).findings(10).is_empty());
}

#[test]
fn errors_are_listed_up_to_the_limit_and_all_counted() {
    let rows = vec!["{}"; 10];
    let session = open(&file(&rows), mine(), connected());
    assert_eq!(session.findings(3).len(), 3);
    assert_eq!((session.summary().errors, session.summary().refused), (10, 10));
}

#[test]
fn errors_have_one_shape_for_scripts_and_for_the_window() {
    let problem = only_error(&row("", "2027-03-01 09:00"), mine(), connected());
    let json = serde_json::to_value(&problem).unwrap();
    for (key, value) in [("code", "text_missing"), ("field", "content")] {
        assert_eq!(json[key], value);
    }
    assert_eq!(json["row"], 1);
    assert!(json["message"].is_string() && json["remedy"].is_string());
}

#[test]
fn the_example_imports_without_a_word() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/launch-week.json");
    let session = open_bytes(&std::fs::read(path).unwrap(), mine(), connected());
    assert!(session.findings(10).is_empty(), "{:#?}", session.findings(10));
    assert_eq!(session.summary().ready, 20);
}

#[test]
fn a_row_that_says_it_is_a_draft_may_have_no_time_or_one_that_has_passed() {
    let file = r#"{"timezone":"UTC","posts":[
        {"content":"untimed","draft":true},
        {"content":"past","draft":true,"scheduledAt":"2020-01-01 00:00"},
        {"content":"timed","draft":false,"scheduledAt":"2099-01-01 00:00"}]}"#;
    let session = open(file, Choices::default(), Surroundings::empty(NOW));
    assert!(errors(&session).is_empty());
    let rows = ready(&session);
    let statuses: Vec<_> = rows.iter().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Draft, Status::Draft, Status::Pending]);
    assert_eq!(rows[0].scheduled_at, None);
    let bare = r#"[{"content":"forgotten"},{"content":"wrong","draft":"yes"}]"#;
    let session = open(bare, Choices::default(), Surroundings::empty(NOW));
    let found = errors(&session);
    let codes: Vec<_> = found.iter().map(|it| it.problem.code).collect();
    assert_eq!(codes, [Code::WrongType]);
    let outcomes: Vec<_> = views(&session).iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [Outcome::Draft, Outcome::Refused], "one without a time is a draft");
}
