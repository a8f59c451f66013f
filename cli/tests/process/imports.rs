//! Imports as scripts and people see them: one document, what becomes of bad rows, and nothing halfway.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::roost::{Roost, text};

/// A file with a post for each text, hours apart.
fn calendar(texts: &[&str]) -> Vec<u8> {
    let posts: Vec<Value> = (0..)
        .zip(texts)
        .map(|(number, text)| {
            let hour = number % 24;
            let day = number / 24 + 1;
            json!({ "content": text, "scheduledAt": format!("2099-03-{day:02} {hour:02}:20") })
        })
        .collect();
    json!({ "timezone": "Asia/Kolkata", "posts": posts }).to_string().into_bytes()
}

/// Two good rows and, between them, one that is too long.
fn mixed() -> Vec<u8> {
    calendar(&["the first", &"a".repeat(300), "the last"])
}

fn keys(document: &Value) -> BTreeSet<&str> {
    document.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_import_prints_one_document_with_the_promised_keys() {
    let roost = Roost::new();
    let file = roost.file("calendar.json", calendar(&["one", "two"]));
    let expected = BTreeSet::from([
        "rows",
        "ready",
        "imported",
        "updated",
        "skipped",
        "duplicates",
        "past",
        "drafts",
        "cost_micros",
        "first_at",
        "last_at",
        "dry_run",
        "import_id",
        "errors",
        "warnings",
    ]);
    let rehearsed = roost.json(&["import", text(&file), "--dry-run"]);
    assert_eq!(keys(&rehearsed), expected);
    assert_eq!((&rehearsed["dry_run"], &rehearsed["imported"]), (&json!(true), &json!(0)));
    assert_eq!((&rehearsed["ready"], &rehearsed["import_id"]), (&json!(2), &Value::Null));
    assert_eq!(roost.posts().len(), 0);

    let imported = roost.json(&["import", text(&file)]);
    assert_eq!(keys(&imported), expected);
    assert_eq!(keys(&imported["errors"]), BTreeSet::from(["total", "listed"]));
    assert_eq!((&imported["rows"], &imported["imported"]), (&json!(2), &json!(2)));
    assert_eq!(imported["cost_micros"], 30_000);
    assert!(imported["import_id"].is_string(), "{imported}");
    assert_eq!(roost.posts().len(), 2);
}

#[test]
fn one_bad_row_refuses_all_unless_the_person_says_otherwise() {
    let roost = Roost::new();
    let file = roost.file("calendar.json", mixed());
    let ended = roost.run(&["import", text(&file), "--json"]);
    assert_eq!(ended.code, 1);
    let details = ended.document()["error"]["details"].clone();
    assert_eq!((&details["rows"], &details["imported"]), (&json!(3), &json!(0)));
    assert_eq!(details["errors"]["total"], 1);
    let problem = &details["errors"]["listed"][0];
    assert_eq!(keys(problem), BTreeSet::from(["row", "line", "field", "code", "message", "fix"]));
    assert_eq!((&problem["row"], &problem["code"]), (&json!(2), &json!("text_too_long")));
    assert!(ended.stderr.contains("--problems skip"), "{}", ended.stderr);
    assert_eq!(roost.posts().len(), 0);

    for (policy, posts, drafts) in [("skip", 2, 0), ("draft", 3, 1)] {
        let roost = Roost::new();
        let file = roost.file("calendar.json", mixed());
        let ended = roost.run(&["import", text(&file), "--problems", policy, "--json"]);
        assert_eq!(ended.code, 3, "{policy}: {ended:?}");
        let report = ended.document();
        assert_eq!((&report["imported"], &report["drafts"]), (&json!(posts), &json!(drafts)));
        assert_eq!(roost.posts().len(), posts, "{policy}");
    }
}

#[test]
fn a_row_without_a_time_becomes_a_draft_which_is_counted_and_said() {
    let roost = Roost::new();
    let posts = json!([
        { "id": "1", "content": "timed", "scheduledAt": "2099-03-01 09:00" },
        { "id": "2", "content": "untimed" },
    ]);
    let file = roost.file(
        "calendar.json",
        json!({ "plan": "spring", "posts": posts }).to_string().into_bytes(),
    );
    let report = roost.json(&["import", text(&file)]);
    assert_eq!((&report["imported"], &report["drafts"]), (&json!(2), &json!(1)), "{report}");
    let warnings = report["warnings"]["listed"].as_array().unwrap();
    let of_rows: Vec<_> =
        warnings.iter().map(|it| (&it["row"], &it["code"])).filter(|it| it.0.is_u64()).collect();
    assert_eq!(of_rows, [(&json!(2), &json!("made_draft"))], "{report}");
    let statuses: BTreeSet<String> =
        roost.posts().iter().map(|post| post["status"].as_str().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["draft", "pending"].map(str::to_owned).into());

    // The scheduled post stays scheduled when its row loses its time.
    let posts =
        json!([{ "id": "1", "content": "timed otherwise" }, { "id": "3", "content": "new" }]);
    let file = roost
        .file("changed.json", json!({ "plan": "spring", "posts": posts }).to_string().into_bytes());
    let ended = roost.run(&["import", text(&file), "--update"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let shown = &ended.stdout;
    assert!(shown.contains("drafts     1"), "{shown}");
    assert!(shown.contains("text \"timed\" -> \"timed otherwise\""), "{shown}");
    assert!(!shown.contains("status \"scheduled\""), "{shown}");
    assert!(ended.stderr.contains("row 2, scheduledAt: The row names no time"), "{ended:?}");
    let scheduled = roost.posts().into_iter().filter(|post| post["status"] == "pending");
    let texts: Vec<_> = scheduled.map(|post| post["text"].clone()).collect();
    assert_eq!(texts, ["timed otherwise"]);
}

#[test]
fn rows_that_were_left_out_come_in_once_they_are_mended() {
    let roost = Roost::new();
    let file = roost.file("calendar.json", mixed());
    let rejects = roost.data().with_file_name("rejects.json");
    let ended =
        roost.run(&["import", text(&file), "--problems", "skip", "--rejects", text(&rejects)]);
    assert_eq!(ended.code, 3, "{ended:?}");
    let mut saved: Value = serde_json::from_slice(&std::fs::read(&rejects).unwrap()).unwrap();
    assert_eq!(saved["posts"].as_array().unwrap().len(), 1, "{saved}");
    assert!(saved["posts"][0]["reason"].as_str().unwrap().contains("280"), "{saved}");
    saved["posts"][0]["content"] = "mended".into();
    std::fs::write(&rejects, saved.to_string()).unwrap();
    let mended = roost.json(&["import", text(&rejects)]);
    assert_eq!(mended["imported"], 1, "{mended}");
    let texts: BTreeSet<String> =
        roost.posts().iter().map(|post| post["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, ["mended", "the first", "the last"].map(str::to_owned).into());
}

#[test]
fn the_same_file_again_imports_nothing_and_says_so() {
    let roost = Roost::new();
    let file = roost.file("calendar.json", calendar(&["one", "two", "three"]));
    roost.json(&["import", text(&file)]);
    let again = roost.json(&["import", text(&file)]);
    assert_eq!((&again["imported"], &again["duplicates"]), (&json!(0), &json!(3)), "{again}");
    assert_eq!(again["import_id"], Value::Null);
    let ended = roost.run(&["import", text(&file)]);
    assert!(ended.stdout.contains("nothing left to import"), "{ended:?}");
    assert_eq!(roost.posts().len(), 3);
}

#[test]
fn rows_with_a_known_id_change_the_waiting_post_if_asked_and_undo_gives_it_back() {
    let roost = Roost::new();
    let plan = |text: &str, tags: Value| {
        let post = json!({ "id": "r1", "content": text, "scheduledAt": "2099-03-01 09:00",
            "timezone": "Asia/Kolkata", "tags": tags });
        json!({ "plan": "spring", "posts": [post] }).to_string()
    };
    let file = roost.file("plan.json", plan("one", json!(["old"])));
    roost.json(&["import", text(&file)]);
    std::fs::write(&file, plan("two", json!(["old", "new"]))).unwrap();
    let unasked = roost.json(&["import", text(&file)]);
    assert_eq!((&unasked["updated"], &unasked["skipped"]), (&json!(0), &json!(1)), "{unasked}");

    let ended = roost.run(&["import", text(&file), "--update", "--dry-run"]);
    assert!(ended.stdout.contains("1 waiting post"), "{}", ended.stdout);
    let changes = r#"row 1: text "one" -> "two"; tags "old" -> "old, new""#;
    assert!(ended.stdout.contains(changes), "{}", ended.stdout);
    assert_eq!(roost.posts()[0]["text"], "one");

    let done = roost.json(&["import", text(&file), "--update"]);
    assert_eq!((&done["imported"], &done["updated"]), (&json!(0), &json!(1)), "{done}");
    assert_eq!(roost.posts()[0]["text"], "two");
    let again = roost.json(&["import", text(&file), "--update"]);
    assert_eq!((&again["updated"], &again["import_id"]), (&json!(0), &Value::Null), "{again}");
    let import = done["import_id"].as_str().unwrap();
    let preview = roost.json(&["undo-import", import, "--dry-run"]);
    assert_eq!((&preview["restored"], &preview["removed"]), (&json!(1), &json!(0)), "{preview}");
    assert_eq!(preview["posts"][0]["fate"], "restored", "{preview}");
    let told = roost.run(&["undo-import", import, "--dry-run"]);
    assert!(told.stdout.contains("1 changed post would be restored."), "{}", told.stdout);
    assert_eq!(roost.posts()[0]["text"], "two", "nothing was written");
    let undone = roost.json(&["undo-import", import]);
    assert_eq!((&undone["restored"], &undone["not_restored"]), (&json!(1), &json!(0)), "{undone}");
    let posts = roost.posts();
    assert_eq!((posts.len(), &posts[0]["text"]), (1, &json!("one")));
}

#[test]
fn several_files_come_in_together_or_not_at_all() {
    let roost = Roost::new();
    let one = roost.file("one.json", calendar(&["one"]));
    let bad = roost.file("bad.json", calendar(&[&"b".repeat(300)]));
    let two = roost.file("two.json", calendar(&["two", "three"]));
    assert_eq!(roost.run(&["import", text(&one), text(&bad), text(&two)]).code, 1);
    assert_eq!(roost.posts().len(), 0);
    let report = roost.json(&["import", text(&one), text(&two)]);
    assert_eq!(report["imported"], 3, "{report}");
    let undone = roost.json(&["undo-import", report["import_id"].as_str().unwrap()]);
    assert_eq!(undone["removed"], 3);
    assert_eq!(roost.posts().len(), 0);
}

#[test]
fn a_column_is_what_the_person_says_that_it_is() {
    let roost = Roost::new();
    let rows = json!([{ "Blurb": "said otherwise", "Slot": "2099-03-01 09:00" }]).to_string();
    let file = roost.file("plan.json", rows);
    let report = roost.json(&["import", text(&file), "--map", "content=Blurb,scheduledAt=Slot"]);
    assert_eq!(report["imported"], 1, "{report}");
    assert_eq!(roost.posts()[0]["text"], "said otherwise");
    let ended = roost.run(&["import", text(&file), "--map", "content=Nowhere"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("\"Blurb\""), "{}", ended.stderr);
    assert_eq!(roost.run(&["import", text(&file), "--map", "blurb=Blurb"]).code, 2);
}

#[test]
fn a_problem_of_many_rows_is_one_line() {
    let roost = Roost::new();
    let long = "c".repeat(300);
    let file = roost.file("calendar.json", calendar(&[long.as_str(); 20]));
    let ended = roost.run(&["import", text(&file)]);
    assert_eq!(ended.code, 1);
    let lines = ended.stderr.lines().filter(|line| line.contains("of 280")).count();
    assert_eq!(lines, 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("rows 1, 2, 3, 4, 5 and 15 more"), "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn an_import_that_is_interrupted_has_written_all_or_nothing() {
    let texts: Vec<String> = (0..600).map(|number| format!("number {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for delay_ms in [0, 40, 120, 300, 700] {
        let roost = Roost::new();
        let file = roost.file("calendar.json", calendar(&texts));
        let mut command = roost.command(&["import", text(&file), "--json"]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(delay_ms)
            && child.try_wait().unwrap().is_none()
        {
            std::thread::yield_now();
        }
        // It may be over already.
        drop(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).output());
        let ended = child.wait().unwrap();
        let expected = if ended.success() { texts.len() } else { 0 };
        let count = roost.json(&["status"])["counts"]["upcoming"].as_u64().unwrap();
        assert_eq!(count, expected as u64, "after {delay_ms} ms: {ended:?}");
    }
}

#[test]
fn the_command_line_leaves_no_open_import_behind() {
    let roost = Roost::new();
    let file = roost.file("calendar.json", mixed());
    roost.run(&["import", text(&file)]);
    roost.run(&["import", text(&file), "--problems", "skip"]);
    assert!(!roost.data().join("open-imports").exists());
}
