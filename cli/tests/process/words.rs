//! What is typed is taken for what it is, and what is said is said once, clearly and harmlessly.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use serde_json::json;

use crate::roost::{Roost, text};

const LATER: [&str; 4] = ["--at", "2099-03-01 09:00", "--zone", "UTC"];

#[test]
fn a_text_may_begin_with_a_hyphen() {
    let roost = Roost::new();
    for words in ["-hello", "- a list", "--- no flag", "-h is a flag, this is a text"] {
        let made = roost.json(&["posts", "create", words]);
        assert_eq!(made["row"]["text"], words);
        let id = made["row"]["id"].as_str().unwrap();
        let edited = roost.json(&["posts", "edit", id, "--text", words, "--thread", words]);
        assert_eq!(edited["parts"], json!([words, words]));
        let counted = roost.json(&["count", words]);
        assert_eq!(counted["parts"][0]["weighted"], words.len());
    }
}

#[test]
fn with_json_every_failure_is_one_document_on_standard_output() {
    let roost = Roost::new();
    for arguments in [
        &["frobnicate"][..],
        &["posts", "show", "no-id"],
        &["posts", "list", "--status", "bogus"],
        &["posts", "list", "--after", "junk"],
        &["import"],
    ] {
        let ended = roost.run(&[arguments, &["--json"]].concat());
        assert_eq!(ended.code, 2, "{arguments:?}: {ended:?}");
        let document = ended.document();
        assert_eq!(document["error"]["code"], "usage", "{document}");
        assert!(!document["error"]["message"].as_str().unwrap().is_empty(), "{document}");
    }
}

#[test]
fn a_wrong_status_is_answered_with_those_there_are() {
    let roost = Roost::new();
    let ended = roost.run(&["posts", "list", "--status", "bogus"]);
    assert_eq!(ended.code, 2);
    for word in ["draft", "pending", "queued", "posted", "cancelled"] {
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
}

#[test]
fn a_status_is_taken_by_the_word_that_tables_show_and_by_its_stored_name() {
    let roost = Roost::new();
    roost.json(&[&["posts", "create", "hello"], &LATER[..]].concat());
    assert!(roost.run(&["status"]).stdout.contains("Pending"));
    for word in ["Pending", "pending", "PENDING"] {
        let found = roost.json(&["posts", "list", "--status", word]);
        assert_eq!(found["total"], 1, "{word}");
    }
    for word in ["Needs check", "needs-check", "unknown", "Waiting", "held", "Partly posted"] {
        assert_eq!(roost.json(&["posts", "list", "--status", word])["total"], 0, "{word}");
    }
    let help = roost.run(&["posts", "list", "--help"]).stdout;
    for word in ["queued", "waiting", "partly-posted", "needs-check", "cancelled"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn a_remedy_is_said_once() {
    let roost = Roost::new();
    for (arguments, remedy) in [
        (&["posts", "create", "x", "--at", "soon"][..], "Write it as"),
        (&["posts", "create", "x", "--zone", "Asia/Kolkatta"], "Did you mean one of Asia/Kolkata,"),
    ] {
        let ended = roost.run(arguments);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert_eq!(ended.stderr.matches(remedy).count(), 1, "{}", ended.stderr);
    }
}

#[test]
fn nothing_is_no_post() {
    let roost = Roost::new();
    for empty in ["", "  \n"] {
        let ended = roost.run(&["posts", "create", empty]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("The post is empty"), "{}", ended.stderr);
    }
    let zero = roost.run_with_input(&["posts", "create", "-"], b"a\0b");
    assert_eq!(zero.code, 1, "{zero:?}");
    assert!(zero.stderr.contains("U+0000"), "{}", zero.stderr);
    assert!(roost.posts().is_empty());
    let counted = roost.run(&["count", ""]);
    assert!(counted.stdout.contains("the text is empty"), "{}", counted.stdout);
    let file = roost.file("empty.json", r#"{"posts":[]}"#);
    let ended = roost.run(&["import", text(&file)]);
    assert!(ended.stdout.contains("list of posts is empty"), "{}", ended.stdout);
}

#[test]
fn a_post_can_not_turn_the_terminal_around() {
    let roost = Roost::new();
    let made = roost.json(&["posts", "create", "safe \u{202e}desrever\u{9b}2J"]);
    let id = made["row"]["id"].as_str().unwrap();
    for arguments in [&["posts", "list"][..], &["posts", "show", id]] {
        let shown = roost.run(arguments).stdout;
        assert!(shown.contains("desrever"), "{shown}");
        assert!(!shown.contains(['\u{202e}', '\u{9b}']), "{shown}");
    }
}

#[test]
fn a_thread_is_shown_whole_and_an_edit_says_which_part_it_changed() {
    let roost = Roost::new();
    let create = ["posts", "create", "one", "--thread", "two", "--thread", "three!"];
    let made = roost.json(&create);
    let id = made["row"]["id"].as_str().unwrap();
    let shown = roost.run(&["posts", "show", id]).stdout;
    for words in ["Part 1 of 3 (3 of 280", "two", "Part 3 of 3 (6 of 280", "three!"] {
        assert!(shown.contains(words), "\"{words}\" is missing in: {shown}");
    }
    let first = roost.run(&["posts", "edit", id, "--text", "uno"]);
    assert!(first.stdout.contains("Changed part 1 of 3"), "{}", first.stdout);
    assert_eq!(roost.json(&["posts", "show", id])["parts"], json!(["uno", "two", "three!"]));
    roost.json(&["posts", "edit", id, "--thread", "dos"]);
    assert_eq!(roost.json(&["posts", "show", id])["parts"], json!(["uno", "dos"]));
}

#[test]
fn what_was_deleted_is_called_deleted() {
    let roost = Roost::new();
    let made = roost.json(&["posts", "create", "hello"]);
    let id = made["row"]["id"].as_str().unwrap();
    let document = roost.json(&["posts", "delete", id]);
    assert_eq!(document["deleted"], json!([id]));
    assert!(document.get("cancelled").is_none(), "{document}");
}

#[test]
fn a_check_is_asked_for_only_where_one_is_needed() {
    let roost = Roost::new();
    let made = roost.json(&["posts", "create", "hello"]);
    let id = made["row"]["id"].as_str().unwrap();
    let none = roost.run(&["posts", "resolve", id]);
    assert_eq!(none.code, 2, "{none:?}");
    let needless = roost.run(&["posts", "resolve", id, "--verify"]);
    assert_eq!(needless.code, 1, "{needless:?}");
    assert!(needless.stderr.contains("needs no check"), "{}", needless.stderr);
    let needless = roost.run(&["posts", "resolve", id, "--verify", "--json"]);
    assert_eq!(needless.document()["error"]["code"], "change_not_allowed");
}

#[test]
fn a_decision_is_written_down_for_the_process_that_can_carry_it_out() {
    let roost = Roost::new();
    let made = roost.json(&[&["posts", "create", "hello"], &LATER[..]].concat());
    let id = made["row"]["id"].as_str().unwrap();
    let database = rusqlite::Connection::open(roost.data().join("roost.db")).unwrap();
    database.execute("UPDATE scheduled_post SET status = 'unknown'", []).unwrap();
    let ended = roost.run(&["posts", "resolve", id, "--send-again"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("written down"), "{}", ended.stdout);
    let kind: String = database.query_row("SELECT kind FROM outbox", [], |row| row.get(0)).unwrap();
    assert_eq!(kind, "resolve");
}

#[test]
fn an_import_tells_its_times_as_the_list_does() {
    let roost = Roost::new();
    let posts = json!([{ "content": "first", "scheduledAt": "2099-03-01 00:20" }]);
    let file = json!({ "timezone": "Asia/Kolkata", "posts": posts }).to_string();
    let path = roost.file("calendar.json", file);
    let ended = roost.run(&["import", text(&path)]);
    assert!(ended.stdout.contains("2099-03-01 00:20 to"), "{}", ended.stdout);
    assert!(ended.stdout.contains("Asia/Kolkata"), "{}", ended.stdout);
}

#[test]
fn drafts_and_scheduled_posts_come_back_from_an_export_and_past_ones_stay_out() {
    let roost = Roost::new();
    roost.json(&["posts", "create", "an idea", "--tag", "later"]);
    roost.json(&[&["posts", "create", "one", "--thread", "two"], &LATER[..]].concat());
    roost.json(&[&["posts", "create", "not yet", "--draft"], &LATER[..]].concat());
    let gone = roost.json(&[&["posts", "create", "gone"], &LATER[..]].concat());
    roost.json(&["posts", "cancel", gone["row"]["id"].as_str().unwrap()]);
    let exported = roost.run(&["export"]).stdout;
    let other = Roost::new();
    let copy = other.file("copy.json", &exported);
    let report = other.json(&["import", text(&copy)]);
    assert_eq!((&report["ready"], &report["drafts"]), (&json!(1), &json!(2)), "{report}");
    // The posts that come of it are others, and all else is the same.
    let told = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.contains("postId")).map(str::to_owned).collect()
    };
    assert_eq!(told(&other.run(&["export"]).stdout), told(&exported));
    assert!(!exported.contains("gone"), "{exported}");
    let asked = roost.run(&["export", "--status", "cancelled"]).stdout;
    assert!(asked.contains("gone"), "{asked}");
}

#[test]
fn a_time_without_a_zone_is_in_the_system_s() {
    let roost = Roost::new();
    let mut create = roost.command(&["posts", "create", "hi", "--at", "2099-03-01 09:00"]);
    assert!(create.env("TZ", "America/New_York").output().unwrap().status.success());
    let posts = roost.posts();
    assert_eq!(posts[0]["zone"], "America/New_York");
    assert_eq!(posts[0]["wall_time"], "2099-03-01 09:00");
}

#[test]
fn a_damaged_store_is_examined_and_its_backups_are_named() {
    let roost = Roost::new();
    roost.json(&["status"]);
    let store = roost.data().join("roost.db");
    let backups = roost.data().join("backups");
    std::fs::create_dir_all(&backups).unwrap();
    std::fs::copy(&store, backups.join("roost-20990101T000000Z.db")).unwrap();
    std::fs::write(&store, "this is no database at all, but long enough to be one").unwrap();
    let ended = roost.run(&["doctor"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for word in ["roost.db", "BAD", "backups"] {
        assert!(ended.stdout.contains(word), "\"{word}\" is missing in: {}", ended.stdout);
    }
}

#[test]
fn a_time_schedules_a_cancelled_post_again_only_with_restore() {
    let roost = Roost::new();
    let made = roost.json(&[&["posts", "create", "hello"], &LATER[..]].concat());
    let id = made["row"]["id"].as_str().unwrap();
    roost.json(&["posts", "cancel", id]);
    let later = ["--at", "2099-04-01 09:00"];
    let refused = roost.run(&[&["posts", "edit", id], &later[..], &["--json"]].concat());
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(refused.document()["error"]["code"], "change_not_allowed");
    assert_eq!(roost.json(&["posts", "show", id])["row"]["status"], "cancelled");
    let restored = roost.run(&[&["posts", "edit", id], &later[..], &["--restore"]].concat());
    assert!(restored.stdout.contains("Changed, and scheduled again"), "{restored:?}");
    assert_eq!(roost.json(&["posts", "show", id])["row"]["status"], "pending");
}
