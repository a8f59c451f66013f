//! What an import keeps: it reads what the schema allows, names what is wrong, loses no row.

use roost_core::clock::UnixMillis;
use roost_core::duplicate::duplicate_key;
use roost_core::failure::{Code, Problem};
use roost_core::id::XUserId;
use roost_core::limits::Subscription;
use roost_core::post::{DuplicatePolicy, PastPolicy};
use roost_core::status::Status;
use roost_core::zone::{WallTime, Zone, resolve};
use roost_import::strict::{self, ImportError, KnownAccount, Options, Parsed, SkipReason};

/// 2027-01-01 00:00 UTC.
const NOW: UnixMillis = UnixMillis(1_798_761_600_000);

fn options() -> Options {
    Options::new(NOW)
}

fn account(id: &str, username: &str, subscription: Subscription) -> KnownAccount {
    KnownAccount {
        id: XUserId(id.to_owned()),
        username: username.to_owned(),
        subscription,
        limits: None,
    }
}

fn connected() -> Options {
    let accounts = vec![
        account("11", "roost_app", Subscription::None),
        account("22", "Premium_Bird", Subscription::Premium),
    ];
    Options { accounts, account: Some("@roost_app".to_owned()), ..options() }
}

fn parse(text: &str, options: &Options) -> Parsed {
    strict::parse(text.as_bytes(), options).expect("a readable file")
}

/// A file with these rows, in `Asia/Kolkata`.
fn file(rows: &[&str]) -> String {
    format!("{{\"timezone\": \"Asia/Kolkata\", \"posts\": [\n{}\n]}}", rows.join(",\n"))
}

fn row(content: &str, at: &str) -> String {
    serde_json::json!({ "content": content, "scheduledAt": at }).to_string()
}

fn places(problems: &[Problem]) -> Vec<(Code, Option<u32>, &str)> {
    problems
        .iter()
        .map(|problem| (problem.code, problem.row, problem.field.as_deref().unwrap_or("")))
        .collect()
}

/// The single error of a file with one row.
fn only_error(row: &str, options: &Options) -> Problem {
    let parsed = parse(&file(&[row]), options);
    assert_eq!(parsed.errors.total, 1, "{row}: {:#?}", parsed.errors);
    assert_eq!((parsed.rows.len(), parsed.failed), (0, 1), "{row}");
    parsed.errors.listed[0].clone()
}

fn refused(bytes: &[u8]) -> Problem {
    strict::parse(bytes, &options()).expect_err("a file that is refused").problem()
}

fn assert_every_row_ends_somewhere(parsed: &Parsed) {
    let ends = parsed.rows.len() + parsed.skipped.len() + parsed.failed as usize;
    assert_eq!(ends, parsed.total as usize);
}

#[test]
fn a_sound_file_becomes_rows_that_are_ready_to_store() {
    let text = file(&[
        &row("Hello", "2027-03-01 00:20"),
        r#"{"thread": ["One", "see example.com"], "scheduledAt": "2027-03-28T09:00:30",
            "timezone": "Europe/Berlin", "account": "@premium_bird", "tags": [" a ", "b", "a"]}"#,
        &row("An instant", "2027-03-01T00:00:00.5Z"),
    ]);
    let parsed = parse(&text, &connected());
    assert!(parsed.errors.is_empty() && parsed.warnings.is_empty(), "{parsed:#?}");
    let [first, thread, instant] = parsed.rows.as_slice() else { panic!("{parsed:#?}") };
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
    assert_eq!(parsed.cost.0, 15_000 * 3 + 200_000);
    assert_eq!(parsed.first_at, first.scheduled_at);
    assert_eq!(parsed.last_at, thread.scheduled_at);
    assert!(parsed.rows.iter().all(|row| row.status == Status::Pending));
}

#[test]
fn a_bare_list_is_read_with_the_given_defaults() {
    let text = format!("[{}]", row("Hello", "2027-03-01 09:00"));
    let zone = Zone::parse("America/New_York").unwrap();
    let parsed = parse(&text, &Options { zone: zone.clone(), ..connected() });
    assert_eq!(parsed.rows[0].zone, zone);
    let expected = resolve(&WallTime::parse("2027-03-01 09:00").unwrap(), &zone).instant;
    assert_eq!(parsed.rows[0].scheduled_at, Some(expected));
}

#[test]
fn a_file_in_utf_16_reads_like_the_same_in_utf_8() {
    let text = file(&[&row("Grüße 🐦 नमस्ते", "2027-03-01 09:00")]);
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let parsed = strict::parse(&bytes, &connected()).unwrap();
    assert_eq!(parsed.rows, parse(&text, &connected()).rows);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_with_where_why_and_what_to_do() {
    for (bytes, code, line) in [
        (&b""[..], Code::FileNotJson, None),
        (b"[\n\n{\"content\": \"caf\xE9\"}]", Code::FileNotText, Some(3)),
        (b"[\0]", Code::FileNotText, Some(1)),
        (b"[1,\n2", Code::FileNotJson, Some(2)),
        (b"content,date\na,b", Code::FileNotJson, Some(1)),
        (b"\"posts\"", Code::FileWrongShape, None),
        (b"{\"tweets\": []}", Code::FileWrongShape, None),
        (b"{\"posts\": 7}", Code::FileWrongShape, None),
        (b"{\"posts\": [], \"posts\": []}", Code::FileWrongShape, None),
        (b"{\"content\": \"a\"}", Code::FileWrongShape, None),
    ] {
        let problem = refused(bytes);
        assert_eq!((problem.code, problem.line), (code, line), "{problem}");
        assert!(!problem.message.is_empty() && !problem.remedy.is_empty());
    }
    assert!(refused(b"{\"tweets\": []}").remedy.contains("Rename \"tweets\" to \"posts\""));
    assert!(refused(b"{\"content\": \"a\"}").remedy.contains("list"));
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    // Not even text: whoever read it would say so.
    let bytes = vec![0xFF; 100_000_000];
    let error = strict::parse(&bytes, &options()).unwrap_err();
    assert_eq!(error, ImportError::TooLarge { bytes: 100_000_000, limit: 20_000_000 });
    assert_eq!(error.to_string(), "The file has 100.0 MB; at most 20.0 MB are read.");
}

#[test]
fn a_thousand_levels_of_nesting_are_refused_wherever_they_stand() {
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    for text in [
        deep.clone(),
        format!("{{\"posts\": {deep}}}"),
        file(&[&format!("{{\"content\": {deep}, \"scheduledAt\": \"2027-03-01 09:00\"}}")]),
        "[".repeat(1_000_000),
    ] {
        assert_eq!(refused(text.as_bytes()).code, Code::FileTooDeep);
    }
}

#[test]
fn more_rows_than_allowed_are_refused_and_counted() {
    let options = Options { max_rows: 3, ..options() };
    let text = |rows: usize| format!("[{}]", vec!["{}"; rows].join(","));
    assert_eq!(parse(&text(3), &options).total, 3);
    let error = strict::parse(text(5).as_bytes(), &options).unwrap_err();
    assert_eq!(error, ImportError::TooManyRows { rows: 5, limit: 3 });
}

#[test]
fn every_error_of_every_row_is_found_at_once_with_row_and_field() {
    let long = row(&"a".repeat(300), "2027-02-30 09:00");
    let text = file(&[
        &row("fine", "2027-03-01 09:00"),
        &long,
        r#"{"content": "  ", "timezone": "Asia/Kolkatta", "account": "@nobody", "tags": [""]}"#,
        r#"{"text": "a", "scheduledAt": 17, "content": "b", "content": "c"}"#,
        "42",
        r#"{"content": "a", "thread": ["b"], "scheduledAt": "2027-03-01 09:00"}"#,
        r#"{"thread": ["a", 2, "\ud800"], "scheduledAt": "2027-03-01 09:00"}"#,
    ]);
    let parsed = parse(&text, &connected());
    let expected = [
        (Code::TextTooLong, Some(2), "content"),
        (Code::TimeInvalid, Some(2), "scheduledAt"),
        (Code::AccountUnknown, Some(3), "account"),
        (Code::TextMissing, Some(3), "content"),
        (Code::TagInvalid, Some(3), "tags[1]"),
        (Code::UnknownZone, Some(3), "timezone"),
        (Code::TimeMissing, Some(3), "scheduledAt"),
        (Code::UnknownField, Some(4), "text"),
        (Code::RepeatedField, Some(4), "content"),
        (Code::WrongType, Some(4), "scheduledAt"),
        (Code::RowNotObject, Some(5), ""),
        (Code::RepeatedField, Some(6), "thread"),
        (Code::WrongType, Some(7), "thread[2]"),
        (Code::InvalidCharacter, Some(7), "thread[3]"),
    ];
    assert_eq!(places(&parsed.errors.listed), expected);
    assert_eq!((parsed.rows.len(), parsed.failed, parsed.total), (1, 6, 7));
    assert!(parsed.errors.listed.iter().all(|problem| !problem.remedy.is_empty()));
    assert_eq!(parsed.errors.listed[0].line, Some(3));
}

#[test]
fn an_error_says_what_is_wrong_and_how_to_mend_it() {
    let options = connected();
    let at = "2027-03-01 09:00";
    for (row, message, remedy) in [
        (row(&"a".repeat(281), at), "281 of 280: 1 too many", "Shorten it by 1"),
        (row("a", "2027-02-30 09:00"), "February 2027 has 28 days", "2027-03-01 09:00"),
        (row("a\u{feff}", at), "Character 2 is U+FEFF", "Remove"),
        (row("$AAPL and $MSFT", at), "2 cashtags", "Keep one"),
        (
            r#"{"contnet": "a", "scheduledAt": "2027-03-01 09:00"}"#.to_owned(),
            "no field \"contnet\"",
            "Did you mean \"content\"?",
        ),
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
        let problem = only_error(&row, &options);
        assert!(problem.message.contains(message), "{problem}");
        assert!(problem.remedy.contains(remedy), "{problem}");
    }
}

#[test]
fn a_time_that_clocks_skip_is_an_error_that_names_both_neighbours() {
    let row = r#"{"content": "a", "scheduledAt": "2027-03-14 02:30",
                  "timezone": "America/New_York"}"#;
    let problem = only_error(row, &connected());
    assert_eq!(problem.code, Code::TimeInGap);
    assert!(problem.message.contains("from 2027-03-14 02:00 straight to 2027-03-14 03:00"));
    assert!(problem.remedy.contains("before 2027-03-14 02:00, or 2027-03-14 03:00 or later"));
}

#[test]
fn a_time_that_comes_twice_is_a_warning_and_the_first_is_taken() {
    let row = r#"{"content": "a", "scheduledAt": "2027-11-07 01:30",
                  "timezone": "America/New_York"}"#;
    let parsed = parse(&file(&[row]), &connected());
    assert_eq!(places(&parsed.warnings.listed), [(Code::TimeTwice, Some(1), "scheduledAt")]);
    assert_eq!(parsed.rows[0].scheduled_at.unwrap().to_string(), "2027-11-07T05:30:00Z");
}

#[test]
fn the_length_that_is_allowed_is_the_account_s() {
    let long = "a".repeat(1_000);
    let row = |account: &str| {
        serde_json::json!({"content": long, "scheduledAt": "2027-03-01 09:00", "account": account})
            .to_string()
    };
    assert_eq!(only_error(&row("@roost_app"), &connected()).code, Code::TextTooLong);
    assert_eq!(parse(&file(&[&row("PREMIUM_bird")]), &connected()).rows.len(), 1);
    assert_eq!(parse(&file(&[&row("22")]), &connected()).rows.len(), 1);
}

#[test]
fn a_time_in_the_past_follows_the_policy() {
    let text = file(&[
        &row("one", "2026-12-01 09:00"),
        &row("two", "2026-11-01 09:00"),
        &row("three", "2027-01-01 06:10"),
    ]);
    let with = |past| parse(&text, &Options { past, ..connected() });

    let parsed = with(PastPolicy::Error);
    assert_eq!((parsed.rows.len(), parsed.errors.total), (1, 2));
    assert_eq!(parsed.errors.listed[0].code, Code::TimeInPast);

    let parsed = with(PastPolicy::Skip);
    assert!(parsed.errors.is_empty());
    assert_eq!(parsed.skipped.iter().map(|skip| skip.row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(parsed.skipped[0].reason, SkipReason::Past);

    let parsed = with(PastPolicy::Draft);
    let statuses: Vec<_> = parsed.rows.iter().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Draft, Status::Draft, Status::Pending]);
    assert_eq!(parsed.warnings.total, 2);
    assert_eq!(parsed.first_at, parsed.last_at);

    // Now is 05:30 in Kolkata. The row at 06:10 keeps its time and with it the first half-hour;
    // the older of the two others takes the next.
    let parsed = with(PastPolicy::NextSlot);
    let walls: Vec<_> = parsed.rows.iter().map(|row| row.wall_time.unwrap().to_string()).collect();
    assert_eq!(walls, ["2027-01-01 07:00", "2027-01-01 06:30", "2027-01-01 06:10"]);
}

#[test]
fn the_same_text_twice_is_left_out_or_kept_with_a_warning() {
    let text = file(&[
        &row("Hello  world", "2027-03-01 09:00"),
        &row("Hello world", "2027-03-02 09:00"),
        &row("There already", "2027-03-03 09:00"),
        r#"{"content": "Hello world", "scheduledAt": "2027-03-04 09:00", "account": "@premium_bird"}"#,
    ]);
    let mut options = connected();
    let mine = XUserId("11".to_owned());
    options.known.add(Some(&mine), duplicate_key("There already"), None);

    let parsed = parse(&text, &options);
    assert_eq!(parsed.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 4]);
    let reasons: Vec<_> = parsed.skipped.iter().map(|skip| (skip.row, skip.reason)).collect();
    let expected = [(2, SkipReason::DuplicateOfRow { first: 1 }), (3, SkipReason::AlreadyThere)];
    assert_eq!(reasons, expected);

    options.duplicates = DuplicatePolicy::Keep;
    let parsed = parse(&text, &options);
    assert_eq!(parsed.rows.len(), 4);
    let warned = places(&parsed.warnings.listed);
    assert_eq!(
        warned,
        [
            (Code::DuplicateContent, Some(2), "content"),
            (Code::DuplicateContent, Some(3), "content"),
        ]
    );
}

#[test]
fn posts_without_an_account_wait_while_none_is_connected_and_are_errors_when_several_are() {
    let text = file(&[&row("a", "2027-03-01 09:00"), &row("b", "2027-03-02 09:00")]);

    let parsed = parse(&text, &options());
    assert!(parsed.errors.is_empty());
    assert_eq!(places(&parsed.warnings.listed), [(Code::AccountMissing, None, "account")]);
    assert!(parsed.rows.iter().all(|row| row.account.is_none()));

    let parsed = parse(&text, &Options { account: None, ..connected() });
    assert_eq!(places(&parsed.errors.listed), [(Code::AccountMissing, None, "account")]);
    assert!(parsed.errors.listed[0].remedy.contains("@roost_app, @Premium_Bird"));
    assert_every_row_ends_somewhere(&parsed);

    let one = vec![account("11", "roost_app", Subscription::None)];
    let parsed = parse(&text, &Options { accounts: one, ..options() });
    assert!(parsed.rows.iter().all(|row| row.account.is_some()));
}

#[test]
fn a_wrong_default_is_said_once_for_the_whole_file() {
    let text = r#"{"timezone": "Asia/Calcuta", "account": "@nobody", "posts": [
        {"content": "a", "scheduledAt": "2027-03-01 09:00"},
        {"content": "b", "scheduledAt": "2027-03-01 09:00", "timezone": "UTC",
         "account": "roost_app"}
    ]}"#;
    let parsed = parse(text, &connected());
    let expected = [(Code::AccountUnknown, None, "account"), (Code::UnknownZone, None, "timezone")];
    assert_eq!(places(&parsed.errors.listed), expected);
    assert_eq!((parsed.rows.len(), parsed.failed), (1, 1));
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
    let parsed = parse(&file(&rows), &connected());
    assert_eq!(places(&parsed.warnings.listed), [(Code::RateLimited, None, "scheduledAt")]);
    let message = &parsed.warnings.listed[0].message;
    assert_eq!(
        message,
        "51 posts of @roost_app fall within 24 hours from 2027-03-01 00:00; the limit is 50."
    );
    assert!(parse(&file(&rows[..50]), &connected()).warnings.is_empty());
}

#[test]
fn errors_are_listed_up_to_the_limit_and_all_counted() {
    let rows = vec!["{}"; 10];
    let parsed = parse(&file(&rows), &Options { max_listed: 3, ..connected() });
    assert_eq!((parsed.errors.listed.len(), parsed.errors.total, parsed.failed), (3, 20, 10));
}

#[test]
fn errors_have_one_shape_for_scripts_and_for_the_window() {
    let problem = only_error(&row("", "2027-03-01 09:00"), &connected());
    let json = serde_json::to_value(&problem).unwrap();
    for (key, value) in [("code", "text_missing"), ("field", "content")] {
        assert_eq!(json[key], value);
    }
    assert_eq!(json["row"], 1);
    assert!(json["message"].is_string() && json["remedy"].is_string());
    let error = strict::parse(b"[1,]", &options()).unwrap_err();
    let json = serde_json::to_value(&error).unwrap();
    assert_eq!((&json["code"], &json["line"]), (&"file_not_json".into(), &1.into()));
}

#[test]
fn the_example_imports_without_a_word() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/launch-week.json");
    let parsed = strict::parse(&std::fs::read(path).unwrap(), &connected()).unwrap();
    assert!(parsed.errors.is_empty() && parsed.warnings.is_empty(), "{parsed:#?}");
    assert_eq!(parsed.rows.len(), 20);
}

#[test]
fn a_real_calendar_imports_whole() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/real-calendar.json");
    let Ok(bytes) = std::fs::read(path) else {
        println!("skipped: ../shared/data/real-calendar.json is not here");
        return;
    };
    let options = Options { duplicates: DuplicatePolicy::Keep, ..connected() };
    let parsed = strict::parse(&bytes, &options).unwrap();
    assert!(parsed.errors.is_empty(), "{:#?}", parsed.errors);
    assert_eq!((parsed.rows.len(), parsed.failed), (240, 0));
    assert_eq!(parsed.first_at.unwrap().to_string(), "2027-02-28T18:50:00Z");
}

#[test]
fn a_row_that_says_it_is_a_draft_may_have_no_time_or_one_that_has_passed() {
    let now = UnixMillis(1_798_761_600_000);
    let file = r#"{"timezone":"UTC","posts":[
        {"content":"untimed","draft":true},
        {"content":"past","draft":true,"scheduledAt":"2020-01-01 00:00"},
        {"content":"timed","draft":false,"scheduledAt":"2099-01-01 00:00"}]}"#;
    let parsed = strict::parse(file.as_bytes(), &Options::new(now)).unwrap();
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    let statuses: Vec<_> = parsed.rows.iter().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Draft, Status::Draft, Status::Pending]);
    assert_eq!(parsed.rows[0].scheduled_at, None);
    let bare = r#"[{"content":"forgotten"},{"content":"wrong","draft":"yes"}]"#;
    let parsed = strict::parse(bare.as_bytes(), &Options::new(now)).unwrap();
    let codes: Vec<_> = parsed.errors.listed.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [Code::TimeMissing, Code::WrongType]);
}
