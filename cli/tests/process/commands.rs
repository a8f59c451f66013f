//! Commands over a data folder, without any network.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use serde_json::{Value, json};

use crate::roost::{Roost, text};

fn calendar(roost: &Roost, posts: &Value) -> std::path::PathBuf {
    let file = json!({ "timezone": "Asia/Kolkata", "posts": posts });
    roost.file("calendar.json", file.to_string())
}

fn two() -> Value {
    json!([
        { "content": "first", "scheduledAt": "2099-03-01 00:20" },
        { "content": "second https://example.com", "scheduledAt": "2099-03-01 01:20" },
    ])
}

#[test]
fn an_import_says_what_it_did_and_is_taken_back_whole() {
    let roost = Roost::new();
    let file = calendar(&roost, &two());
    let report = roost.json(&["import", text(&file)]);
    assert_eq!(report["imported"], 2);
    assert_eq!(report["cost_micros"], 215_000);
    assert_eq!(roost.posts().len(), 2);
    let id = report["import_id"].as_str().unwrap();
    assert_eq!(roost.json(&["undo-import", id])["removed"], 2);
    assert_eq!(roost.posts().len(), 0);
    let again = roost.run(&["undo-import", id]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stderr.contains("undone already"), "{}", again.stderr);
}

#[test]
fn a_rehearsal_writes_nothing() {
    let roost = Roost::new();
    let file = calendar(&roost, &two());
    let ended = roost.run(&["import", text(&file), "--dry-run"]);
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.contains("Would import 2 posts"), "{}", ended.stdout);
    assert_eq!(roost.posts().len(), 0);
}

#[test]
fn a_file_is_read_from_standard_input() {
    let roost = Roost::new();
    let file = json!({ "timezone": "UTC", "posts": two() }).to_string();
    let ended = roost.run_with_input(&["import", "-", "--json"], file.as_bytes());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.document()["imported"], 2);
}

#[test]
fn what_was_exported_can_be_imported_again() {
    let roost = Roost::new();
    let file = calendar(&roost, &two());
    roost.json(&["import", text(&file)]);
    let exported = roost.run(&["export"]);
    let other = Roost::new();
    let copy = other.file("copy.json", &exported.stdout);
    assert_eq!(other.json(&["import", text(&copy)])["imported"], 2);
    let essence = |posts: Vec<Value>| -> Vec<Value> {
        let of = |post: &Value| json!([post["text"], post["scheduled_at"], post["zone"]]);
        posts.iter().map(of).collect()
    };
    assert_eq!(essence(roost.posts()), essence(other.posts()));
}

#[test]
fn an_export_has_the_format_that_is_named_or_that_its_file_ends_in() {
    let roost = Roost::new();
    let file = calendar(&roost, &two());
    roost.json(&["import", text(&file)]);
    roost.run(&["posts", "create", "no time yet"]);
    let csv = roost.run(&["export", "--format", "csv"]).stdout;
    assert!(csv.starts_with("\u{feff}id,content,thread,scheduledAt,"), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 4, "{csv}");
    let folder = file.parent().unwrap();
    let (plan, book) = (folder.join("plan.ics"), folder.join("plan.xlsx"));
    let written = roost.json(&["export", "--output", text(&plan)]);
    assert_eq!((&written["posts"], &written["left_out"]), (&json!(2), &json!(1)));
    let events = std::fs::read_to_string(&plan).unwrap();
    assert_eq!(events.matches("BEGIN:VEVENT").count(), 2, "{events}");
    roost.json(&["export", "--output", text(&book)]);
    assert!(std::fs::read(&book).unwrap().starts_with(b"PK"));
}

#[test]
fn an_export_of_all_posts_says_what_became_of_each() {
    let roost = Roost::new();
    let made =
        roost.json(&["posts", "create", "hello", "--at", "2099-03-01 09:00", "--zone", "UTC"]);
    roost.json(&["posts", "cancel", made["row"]["id"].as_str().unwrap()]);
    assert_eq!(roost.json(&["export"])["posts"], json!([]));
    let exported = roost.json(&["export", "--all"]);
    assert_eq!(exported["posts"][0]["status"], "cancelled");
    assert_eq!(exported["posts"][0]["postId"], made["row"]["id"]);
}

#[test]
fn a_post_is_created_shown_edited_cancelled_and_deleted() {
    let roost = Roost::new();
    let made =
        roost.json(&["posts", "create", "hello", "--at", "2099-03-01 09:00", "--zone", "UTC"]);
    let id = made["row"]["id"].as_str().unwrap();
    assert_eq!(made["row"]["status"], "pending");
    let edited = roost.json(&["posts", "edit", id, "--text", "hello again"]);
    assert_eq!(edited["row"]["text"], "hello again");
    let shown = roost.run(&["posts", "show", id]);
    for word in ["hello again", "2099-03-01 09:00", "Written", "Changed"] {
        assert!(shown.stdout.contains(word), "{}", shown.stdout);
    }
    let cancelled = roost.json(&["posts", "cancel", id]);
    assert_eq!(cancelled["cancelled"], json!([id]));
    assert_eq!(roost.posts()[0]["status"], "cancelled");
    roost.json(&["posts", "delete", id]);
    assert_eq!(roost.posts().len(), 0);
    let gone = roost.run(&["posts", "show", id]);
    assert_eq!(gone.code, 1);
    assert!(gone.stderr.contains("There is no post"), "{}", gone.stderr);
}

#[test]
fn bad_usage_ends_with_two_and_help_with_zero() {
    let roost = Roost::new();
    assert_eq!(roost.run(&["posts", "show", "no-id"]).code, 2);
    assert_eq!(roost.run(&["frobnicate"]).code, 2);
    assert_eq!(roost.run(&["posts", "edit", "0199f2c0-0000-7000-8000-000000000000"]).code, 2);
    let help = roost.run(&["import", "--help"]);
    assert_eq!(help.code, 0);
    for word in ["--dry-run", "--past", "--duplicates", "--zone", "--account"] {
        assert!(help.stdout.contains(word), "{}", help.stdout);
    }
}

#[test]
fn counting_needs_no_data() {
    let roost = Roost::new();
    let counted = roost.json(&["count", "see https://example.com/abcdefghijklmnopqrstuvwxyz"]);
    assert_eq!(counted["parts"][0]["weighted"], 27);
    assert_eq!(counted["cost_micros"], 200_000);
    let schema: Value = serde_json::from_str(&roost.run(&["schema"]).stdout).unwrap();
    assert!(schema["$schema"].is_string());
}

#[test]
fn a_template_is_imported_as_it_stands_and_a_prompt_names_its_zone() {
    let roost = Roost::new();
    for format in ["json", "csv", "xlsx", "text", "markdown"] {
        let file = roost.file(&format!("template-{format}"), "");
        let line = ["schema", "--template", format, "--zone", "Europe/Berlin", "--output"];
        let written = roost.run(&[&line[..], &[file.to_str().unwrap(), "--force"]].concat());
        assert_eq!(written.code, 0, "{written:?}");
        let report = roost.json(&["import", file.to_str().unwrap(), "--dry-run"]);
        assert_eq!(report["errors"]["total"], 0, "{format}: {report}");
        assert_eq!(report["rows"], 3, "{format}: {report}");
    }
    let prompt = roost.run(&["schema", "--prompt", "--zone", "Europe/Berlin"]);
    assert!(prompt.stdout.contains("Europe/Berlin"), "{prompt:?}");
    let csv = roost.run(&["schema", "--template", "csv"]);
    assert!(csv.stdout.contains("content,thread,scheduledAt"), "{csv:?}");
    assert_eq!(roost.run(&["schema", "--template", "csv", "--prompt"]).code, 2);
    assert_eq!(roost.run(&["schema", "--zone", "Nowhere"]).code, 2);
}

#[test]
fn status_and_doctor_answer_before_anything_is_set_up() {
    let roost = Roost::new();
    assert_eq!(roost.json(&["status"])["counts"]["total"], 0);
    let doctor = roost.run(&["doctor"]);
    assert_eq!(doctor.code, 0, "{doctor:?}");
    assert!(doctor.stdout.contains("none connected"), "{}", doctor.stdout);
}

/// The bytes of every file of the store.
fn bytes(roost: &Roost) -> Vec<u8> {
    std::fs::read(roost.data().join("roost.db")).unwrap()
}

#[test]
fn a_damaged_store_is_said_to_be_and_left_as_it_was() {
    let roost = Roost::new();
    roost.json(&["status"]);
    for content in [&b"this is no database at all, but long enough to be one"[..], b""] {
        std::fs::write(roost.data().join("roost.db"), content).unwrap();
        for extra in ["roost.db-wal", "roost.db-shm"] {
            drop(std::fs::remove_file(roost.data().join(extra)));
        }
        let ended = roost.run(&["posts", "list"]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.stderr.contains("roost.db"), "{}", ended.stderr);
        assert!(ended.stderr.contains("was left as it was"), "{}", ended.stderr);
        assert_eq!(bytes(&roost), content);
        let document = roost.run(&["posts", "list", "--json"]).document();
        assert_eq!(document["error"]["code"], "database_damaged");
    }
}

#[test]
fn pairing_keeps_the_key_out_of_sight() {
    let roost = Roost::new();
    let link = "roost://pair?relay=http%3A%2F%2F127.0.0.1%3A9&key=sesame&qstash=http%3A%2F%2F127.0.0.1%3A9&token=poppy";
    let paired = roost.run(&["pair", link, "--key-in-file"]);
    assert_eq!(paired.code, 0, "{paired:?}");
    assert!(!paired.stdout.contains("sesame") && !paired.stderr.contains("sesame"));
    // The relay is not there: said, and not concluded from.
    let status = roost.run(&["status"]);
    assert_eq!(status.code, 0, "{status:?}");
    assert!(status.stdout.contains("not reached"), "{}", status.stdout);
    assert!(!status.stdout.contains("sesame") && !status.stderr.contains("sesame"));
    let sync = roost.run(&["sync"]);
    assert_eq!(sync.code, 1);
    assert!(sync.stderr.contains("could not be reached"), "{}", sync.stderr);
}

#[test]
fn a_newer_store_is_said_to_be_and_left_as_it_was() {
    let roost = Roost::new();
    roost.json(&["status"]);
    let path = roost.data().join("roost.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             VALUES (9999, 'from_the_future', '2099-01-01T00:00:00Z', '1')",
            [],
        )
        .unwrap();
    drop(database);
    let before = bytes(&roost);
    let ended = roost.run(&["posts", "list"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("newer Roost"), "{}", ended.stderr);
    assert_eq!(bytes(&roost), before);
}

#[test]
fn a_locked_store_is_said_to_be() {
    let roost = Roost::new();
    roost.json(&["status"]);
    let holder = rusqlite::Connection::open(roost.data().join("roost.db")).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let ended = roost.run(&["posts", "create", "hello"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("locked by another program"), "{}", ended.stderr);
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(roost.posts().len(), 0);
}

#[test]
fn settings_are_shown_changed_and_kept() {
    let roost = Roost::new();
    assert_eq!(roost.json(&["settings"])["when_disconnected"], "hold");
    let changed = roost.json(&["settings", "--when-disconnected", "cancel", "--horizon", "8"]);
    assert_eq!(changed["when_disconnected"], "cancel");
    let kept = roost.json(&["settings", "--zone", "Europe/Berlin"]);
    assert_eq!(kept["when_disconnected"], "cancel");
    assert_eq!(kept["horizon_windows"], 8);
    assert_eq!(kept["zone"], "Europe/Berlin");
    let wrong = roost.run(&["settings", "--zone", "Nowhere/At-all"]);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(roost.run(&["settings"]).stdout.contains("cancelled"));
}

#[test]
fn a_change_based_on_an_older_version_is_refused_with_what_the_post_is_now() {
    let roost = Roost::new();
    let made = roost.json(&["posts", "create", "first words"]);
    let id = made["row"]["id"].as_str().unwrap().to_owned();
    let seen = roost.json(&["posts", "show", &id])["row"]["version"].to_string();
    roost.json(&["posts", "edit", &id, "--text", "other words", "--if-version", &seen]);

    let stale = roost.run(&["posts", "edit", &id, "--text", "x", "--if-version", &seen, "--json"]);
    assert_eq!(stale.code, 1, "{stale:?}");
    let error = &stale.document()["error"];
    assert_eq!(error["code"], "stale", "{error}");
    assert_eq!(error["stale"]["based_on"].to_string(), seen);
    assert_eq!(error["stale"]["now"]["text"], "other words");
    let version = error["stale"]["now"]["version"].to_string();

    let stale = roost.run(&["posts", "delete", &id, "--if-version", &seen, "--json"]);
    assert_eq!(stale.code, 1, "{stale:?}");
    assert_eq!(stale.document()["stale"][0]["now"]["text"], "other words");
    let plain = roost.run(&["posts", "delete", &id, "--if-version", &seen]);
    assert!(plain.stdout.contains("changed meanwhile"), "{}", plain.stdout);
    assert_eq!(roost.posts().len(), 1, "nothing was done");

    let usage = roost.run(&["posts", "delete", &id, &id, "--if-version", &version]);
    assert_eq!(usage.code, 2, "{usage:?}");
    roost.json(&["posts", "delete", &id, "--if-version", &version]);
    assert_eq!(roost.posts().len(), 0);
    // What names no version is done with the post as it is.
    let made = roost.json(&["posts", "create", "again"]);
    let id = made["row"]["id"].as_str().unwrap();
    roost.json(&["posts", "edit", id, "--text", "and again"]);
    roost.json(&["posts", "edit", id, "--text", "and again and again"]);
}
