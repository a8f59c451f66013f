//! Every bad file gets an error that names file, row, field and remedy, and changes nothing.

use std::time::Duration;

use roost_core::clock::{Clock as _, SystemClock};
use roost_core::zone::{Zone, wall_time_of};
use serde_json::{Value, json};

use crate::roost::{Ended, Roost, text};

/// A file with one post whose fields are given.
fn one(post: Value) -> Vec<u8> {
    json!({ "timezone": "Asia/Kolkata", "posts": [post] }).to_string().into_bytes()
}

fn good() -> Vec<u8> {
    one(json!({ "content": "hello", "scheduledAt": "2099-03-01 00:20" }))
}

/// Imports `content`; it must be refused in plain words with all of `words`, twice: for people and
/// as a document. Nothing may be there afterwards.
fn refused(content: impl AsRef<[u8]>, words: &[&str]) -> Ended {
    let roost = Roost::new();
    let file = roost.file("calendar.json", content);
    let ended = roost.run(&["import", text(&file)]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_eq!(ended.stdout, "", "messages go to standard error");
    for word in [&["calendar.json", "Nothing was imported"], words].concat() {
        assert!(ended.stderr.contains(word), "\"{word}\" is missing in: {}", ended.stderr);
    }
    for debug in ["Err(", "Some(", "None", "{ ", "panicked"] {
        assert!(!ended.stderr.contains(debug), "{}", ended.stderr);
    }
    let document = roost.run(&["import", text(&file), "--json"]).document();
    assert!(document["error"]["code"].is_string(), "{document}");
    assert!(document["error"]["message"].as_str().unwrap().contains(words[0]), "{document}");
    assert_eq!(roost.posts(), Vec::<Value>::new());
    ended
}

#[test]
fn what_is_no_json_is_refused_by_line_and_column() {
    refused("{\n  \"posts\": [{]\n}", &["line 2", "column 14"]);
}

#[test]
fn json_of_another_shape_is_refused_with_the_right_shape() {
    refused("42", &["posts", "scheduledAt"]);
    refused(r#"{"users":5}"#, &["posts", "scheduledAt"]);
    refused(r#"{"users":[{"name":"ada"}]}"#, &["row 1, content", "taken from \"users\""]);
    refused(one(json!({})), &["row 1, content"]);
    refused(one(json!({"content": 5, "scheduledAt": "2099-03-01 00:20"})), &["row 1, content"]);
}

#[test]
fn an_empty_file_is_refused() {
    refused("", &["empty"]);
}

#[test]
fn an_empty_text_is_refused_by_row_and_field() {
    let post = json!({ "content": "  ", "scheduledAt": "2099-03-01 00:20" });
    refused(one(post), &["row 1, content", "Write some text"]);
}

#[test]
fn a_text_that_is_too_long_is_refused_with_how_much() {
    let post = json!({ "content": "a".repeat(281), "scheduledAt": "2099-03-01 00:20" });
    refused(one(post), &["row 1, content", "281 of 280", "Shorten it by 1"]);
}

#[test]
fn a_time_in_the_past_is_refused_unless_told_otherwise() {
    let long_ago = json!({ "content": "hello", "scheduledAt": "2020-03-01 00:20" });
    refused(one(long_ago), &["row 1, scheduledAt", "2020-03-01 00:20", "more than a year back"]);
    let yesterday = SystemClock.now().minus(Duration::from_hours(24));
    let wall = wall_time_of(yesterday, &Zone::parse("Asia/Kolkata").unwrap()).to_string();
    let post = json!({ "content": "hello", "scheduledAt": wall });
    refused(one(post.clone()), &["row 1, scheduledAt", &wall, "Choose a later time"]);
    for (policy, posts) in [("skip", 0), ("draft", 1), ("next-slot", 1)] {
        let roost = Roost::new();
        let file = roost.file("calendar.json", one(post.clone()));
        roost.json(&["import", text(&file), "--past", policy]);
        assert_eq!(roost.posts().len(), posts, "{policy}");
    }
}

#[test]
fn an_impossible_date_is_refused() {
    let post = json!({ "content": "hello", "scheduledAt": "2099-02-30 00:20" });
    refused(one(post), &["row 1, scheduledAt", "February"]);
}

#[test]
fn an_unknown_zone_is_refused_with_the_one_that_was_meant() {
    let content = json!({ "timezone": "Asia/Kolkatta", "posts": [] }).to_string();
    refused(content, &["timezone", "Asia/Kolkata"]);
    let roost = Roost::new();
    let file = roost.file("calendar.json", good());
    let ended = roost.run(&["import", text(&file), "--zone", "Mars/Base"]);
    assert_ne!(ended.code, 0);
    assert!(ended.stderr.contains("Mars/Base"), "{}", ended.stderr);
    assert_eq!(roost.posts().len(), 0);
}

#[test]
fn a_wall_time_that_clocks_skip_is_refused() {
    let content = json!({
        "timezone": "Europe/Berlin",
        "posts": [{ "content": "hello", "scheduledAt": "2027-03-28 02:30" }],
    });
    refused(content.to_string(), &["row 1, scheduledAt", "2027-03-28 02:30", "Choose a time"]);
}

#[test]
fn an_unknown_account_is_refused_by_name() {
    let post =
        json!({ "content": "hello", "scheduledAt": "2099-03-01 00:20", "account": "@nobody" });
    refused(one(post), &["row 1, account", "nobody"]);
}

#[test]
fn zero_bytes_and_bytes_that_are_no_text_are_refused() {
    refused(b"{\"posts\": [\0]}", &["zero byte"]);
    refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["image"]);
    let post = json!({ "content": "hel\u{0}lo", "scheduledAt": "2099-03-01 00:20" });
    refused(one(post), &["row 1, content", "U+0000"]);
}

#[test]
fn byte_order_marks_are_read_where_they_decode() {
    let good = String::from_utf8(good()).unwrap();
    let with = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    let little = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = good.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for content in [
        with(b"\xef\xbb\xbf", good.into_bytes()),
        with(b"\xff\xfe", little),
        with(b"\xfe\xff", big),
    ] {
        let roost = Roost::new();
        let file = roost.file("calendar.json", content);
        assert_eq!(roost.json(&["import", text(&file)])["imported"], 1);
    }
}

#[test]
fn what_is_larger_than_the_limit_is_refused_before_it_is_read() {
    let roost = Roost::new();
    let path = roost.file("calendar.json", "[");
    std::fs::File::options().write(true).open(&path).unwrap().set_len(257_000_000).unwrap();
    let ended = roost.run(&["import", text(&path)]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for word in ["calendar.json", "257.0 MB", "256.0 MB", "Split it", "Nothing was imported"] {
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
    assert_eq!(roost.posts().len(), 0);
}

#[test]
fn a_thousand_levels_of_nesting_are_refused() {
    refused("[".repeat(1000) + &"]".repeat(1000), &["levels"]);
}

#[test]
fn a_folder_and_a_missing_file_are_refused_as_what_they_are() {
    let roost = Roost::new();
    let folder = roost.file("x", "");
    let folder = folder.parent().unwrap();
    for (path, words) in [
        (text(folder).to_owned(), ["folder", "Nothing was imported"]),
        (format!("{}/absent.json", text(folder)), ["absent.json", "no such file"]),
    ] {
        let ended = roost.run(&["import", &path]);
        assert_eq!(ended.code, 1, "{ended:?}");
        for word in words {
            assert!(ended.stderr.contains(word), "{}", ended.stderr);
        }
    }
}

#[test]
fn one_bad_row_keeps_the_whole_file_out_and_every_bad_row_is_named() {
    let content = json!({ "timezone": "UTC", "posts": [
        { "content": "good", "scheduledAt": "2099-03-01 00:20" },
        { "content": "", "scheduledAt": "2099-03-01 00:21" },
        { "content": "also good", "scheduledAt": "soon" },
    ]});
    refused(content.to_string(), &["row 2, content", "row 3, scheduledAt", "2 problems"]);
}
