//! What was asked for arrives whole, or the command says that it did not.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::roost::{Ended, Roost, text};
use crate::sandbox::X;

const LINK: &str =
    "roost://pair?relay=https%3A%2F%2Fr.example&key=k1&qstash=https%3A%2F%2Fr.example&token=t";
const LATER: [&str; 4] = ["--at", "2099-03-01 09:00", "--zone", "UTC"];

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A post in a data folder; with `status`, it stands there.
fn post(roost: &Roost, status: Option<&str>) -> String {
    let made = roost.json(&[&["posts", "create", "hello"], &LATER[..]].concat());
    let id = made["row"]["id"].as_str().unwrap().to_owned();
    if let Some(status) = status {
        let database = rusqlite::Connection::open(roost.data().join("roost.db")).unwrap();
        let update = "UPDATE scheduled_post SET status = ?1 WHERE id = ?2";
        assert_eq!(database.execute(update, [status, &id]).unwrap(), 1);
    }
    id
}

/// A draft that keeps what a change of a posted post had meant.
fn late(roost: &Roost) -> String {
    let (posted, draft) = (post(roost, Some("posted")), post(roost, Some("draft")));
    let database = rusqlite::Connection::open(roost.data().join("roost.db")).unwrap();
    let update = "UPDATE scheduled_post SET late_edit_of = ?1 WHERE id = ?2";
    assert_eq!(database.execute(update, [&posted, &draft]).unwrap(), 1);
    draft
}

/// A post that repeats.
fn series(roost: &Roost) -> String {
    let made = ["series", "add", "tea", "--repeat", "weekly", "--at", "2099-05-04 09:00"];
    roost.json(&made)["series"]["id"].as_str().unwrap().to_owned()
}

/// What the cause of a post is called that stands at a status for no reason that was told.
fn cause(roost: &Roost, status: &str) -> &'static str {
    post(roost, Some(status));
    match status {
        "failed" => "failed:internal",
        "missed" => "missed:missed",
        _ => "needs_check:outcome_unknown",
    }
}

/// Every command of the command line, each in a state in which it has something to say.
fn every_command(roost: &Roost, x: &X) -> Vec<Vec<String>> {
    let file = json!({ "timezone": "UTC", "posts": [
        { "content": "imported", "scheduledAt": "2099-03-01 00:20" },
    ] });
    let file = roost.file("calendar.json", file.to_string());
    let import = roost.json(&["import", text(&file)]);
    let id = import["import_id"].as_str().unwrap().to_owned();
    let backup = file.with_file_name("store.backup");
    let trashed = post(roost, None);
    roost.json(&["posts", "delete", &trashed]);
    let series = series(roost);
    let lines = [
        format!("import {} --duplicates keep", text(&file)),
        format!("undo-import {id}"),
        "export".to_owned(),
        format!("export --output {}", text(&roost.file("out.json", "")).replace("out", "new")),
        "schema".to_owned(),
        "count hello".to_owned(),
        format!(
            "check-media {}",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/media/tests/files/short.mp4")
        ),
        format!(
            "media add {}",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/media/tests/files/short.mp4")
        ),
        "media list".to_owned(),
        "media prune".to_owned(),
        "posts list".to_owned(),
        format!("posts show {}", post(roost, None)),
        "posts create words".to_owned(),
        format!("posts edit {} --text other", post(roost, None)),
        format!("posts cancel {}", post(roost, None)),
        format!("posts delete {}", post(roost, None)),
        format!("posts retry {}", post(roost, Some("failed"))),
        format!("posts post-too {}", late(roost)),
        format!("posts replace {}", late(roost)),
        format!("posts shift {} --by 1d", post(roost, None)),
        format!("posts move {} --time 08:00", post(roost, None)),
        format!("posts spread {} --first-day 2099-03-02 --days 1", post(roost, None)),
        format!("posts slots {} --dry-run", post(roost, None)),
        format!("posts swap {} {}", post(roost, None), post(roost, None)),
        format!("posts arrange {} {}", post(roost, None), post(roost, None)),
        format!("posts reverse {}", post(roost, None)),
        format!("posts shuffle {}", post(roost, None)),
        format!("posts compress {} --gap 1d", post(roost, None)),
        format!("posts push {} --at 2099-01-01", post(roost, None)),
        format!("posts insert --post {0} {0} --at 2099-03-01T10:00", post(roost, None)),
        format!("posts weekend {}", post(roost, None)),
        format!("posts delete-on-x {} --yes", post(roost, Some("posted"))),
        "posts time-rules".to_owned(),
        "posts time-rules --keep instant".to_owned(),
        format!("posts replace-text {} --find hello --with hi", post(roost, None)),
        format!("posts append {} --add more", post(roost, None)),
        format!("posts prepend {} --add more", post(roost, None)),
        format!("posts split {} --numbered", post(roost, None)),
        format!("posts tag {} --add launch", post(roost, None)),
        format!("posts note {} --set note", post(roost, None)),
        format!("posts draft {}", post(roost, None)),
        format!("posts schedule {}", post(roost, None)),
        "series add water --repeat weekly --at 2099-06-01T09:00".to_owned(),
        "series list".to_owned(),
        format!("series show {series}"),
        format!("series edit {series} --text coffee"),
        format!("series skip {series} 2099-05-11"),
        format!("series end {series}"),
        format!("login --sandbox {} --handle ada", x.url()),
        format!("posts account {} --to ada", post(roost, None)),
        format!("sync --late miss --x-api-base {}", x.url()),
        format!("posts resolve {} --send-again", post(roost, Some("unknown"))),
        format!("posts schedule {}", post(roost, Some("draft"))),
        "causes list".to_owned(),
        format!("causes reschedule {} --from 2099-04-01T09:00:00Z", cause(roost, "failed")),
        format!("causes retry {}", cause(roost, "missed")),
        format!("causes cancel {}", cause(roost, "partial")),
        format!("dlq list --x-api-base {}", x.url()),
        format!("dlq retry dlq_of_long_ago --x-api-base {}", x.url()),
        format!("dlq delete dlq_of_long_ago --x-api-base {}", x.url()),
        "accounts".to_owned(),
        "notices --all".to_owned(),
        "slots".to_owned(),
        "slots set 9:00,13:30".to_owned(),
        "slots clear".to_owned(),
        "history".to_owned(),
        "undo".to_owned(),
        "redo".to_owned(),
        "trash".to_owned(),
        format!("trash restore {trashed}"),
        "pause".to_owned(),
        "resume".to_owned(),
        "completions bash".to_owned(),
        "man".to_owned(),
        "status".to_owned(),
        "settings".to_owned(),
        "doctor".to_owned(),
        "diagnostics".to_owned(),
        "take-over".to_owned(),
        format!("backup {}", text(&backup)),
        "backups".to_owned(),
        format!("accounts disconnect ada --x-api-base {}", x.url()),
        format!("pair {LINK} --key-in-file --old-relay-is-gone"),
        "unpair --old-relay-is-gone".to_owned(),
        format!("restore {}", text(&backup)),
    ];
    lines.iter().map(|line| words(line)).collect()
}

/// What needs a relay elsewhere, or a passphrase: `scheduler.rs` and `computer_move.rs` try them, with an
/// output that can't be written as well.
const ELSEWHERE: [&str; 5] =
    ["scheduler qstash", "scheduler relay", "move export", "move import", "move back"];

/// The names under "Commands:" in a help.
fn names(roost: &Roost, arguments: &[&str]) -> BTreeSet<String> {
    let help = roost.run(&[arguments, &["--help"]].concat()).stdout;
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let entries = list.lines().take_while(|line| !line.is_empty());
    let name = |line: &str| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned);
    entries.filter_map(name).filter(|name| !name.is_empty() && name != "help").collect()
}

#[test]
fn the_commands_of_these_tests_are_all_there_are() {
    let (x, roost) = (X::new(), Roost::new());
    let tried = every_command(&roost, &x);
    let mut there = BTreeSet::new();
    for name in names(&roost, &[]) {
        let below = names(&roost, &[&name]);
        if below.is_empty() {
            there.insert(name);
        } else {
            there.extend(below.into_iter().map(|below| format!("{name} {below}")));
        }
    }
    assert!(there.len() >= 20, "{there:?}");
    let is_tried = |name: &&String| {
        let name = words(name);
        tried.iter().any(|arguments| arguments.starts_with(&name))
    };
    let is_elsewhere = |name: &&String| ELSEWHERE.contains(&name.as_str());
    let untried: Vec<&String> =
        there.iter().filter(|name| !is_tried(name) && !is_elsewhere(name)).collect();
    assert!(untried.is_empty(), "no test knows {untried:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn what_can_not_be_printed_is_a_failure_in_every_command() {
    for json in [&[][..], &["--json"]] {
        let (x, roost) = (X::new(), Roost::new());
        for arguments in every_command(&roost, &x) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let mut command = roost.command(&[&arguments[..], json].concat());
            command.stdin(Stdio::null()).stderr(Stdio::piped());
            command.stdout(File::options().write(true).open("/dev/full").unwrap());
            let ended = Ended::from(command.output().unwrap());
            assert_eq!(ended.code, 1, "{arguments:?} {json:?}: {ended:?}");
            let words = "standard output can't be written";
            assert_eq!(ended.stderr.matches(words).count(), 1, "{arguments:?} {json:?}: {ended:?}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_help_that_can_not_be_printed_is_a_failure() {
    for arguments in [&["--help"][..], &["--version"], &["posts", "list", "--help"]] {
        let mut command = Roost::new().command(arguments);
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
        assert_eq!(
            command.stderr(Stdio::null()).status().unwrap().code(),
            Some(1),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure_and_hears_nothing() {
    let roost = Roost::new();
    post(&roost, None);
    for arguments in [&["posts", "list"][..], &["export"], &["schema"], &["status", "--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = roost.command(arguments);
        command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
        let ended = Ended::from(command.output().unwrap());
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn an_export_that_fails_leaves_the_older_file_as_it_was() {
    let roost = Roost::new();
    let posts: Vec<Value> = (0..300)
        .map(|number| json!({ "content": format!("{number}{}", "\"".repeat(270)), "draft": true }))
        .collect();
    let file = roost.file("many.json", json!({ "timezone": "UTC", "posts": posts }).to_string());
    roost.json(&["import", text(&file)]);
    let older = roost.file("export.json", "the older export");
    // No file may grow past 64 kB, as on a full disk; the signal that says so is ignored.
    let script = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
    let arguments = ["export", "--output", text(&older), "--force"];
    let command = roost.command(&arguments);
    let mut limited = Command::new("sh");
    limited.args(["-c", script]).arg(command.get_program()).args(command.get_args());
    let ended = Ended::from(limited.stdin(Stdio::null()).output().unwrap());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("export.json can't be written"), "{ended:?}");
    assert!(ended.stderr.contains("is as it was"), "{ended:?}");
    assert_eq!(fs::read_to_string(&older).unwrap(), "the older export");
    let beside = fs::read_dir(older.parent().unwrap()).unwrap().flatten();
    let unfinished: Vec<_> =
        beside.filter(|it| it.file_name().to_string_lossy().contains("unfinished")).collect();
    assert!(unfinished.is_empty(), "{unfinished:?}");
    assert_eq!(roost.run(&arguments).code, 0);
    let whole: Value = serde_json::from_str(&fs::read_to_string(&older).unwrap()).unwrap();
    assert_eq!(whole["posts"].as_array().unwrap().len(), 300);
}

#[test]
fn an_export_overwrites_a_file_only_when_it_was_told_to() {
    let roost = Roost::new();
    post(&roost, None);
    let there = roost.file("export.json", "something else");
    let refused = roost.run(&["export", "--output", text(&there), "--json"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(refused.document()["error"]["code"], "file_exists");
    assert!(refused.stderr.contains("--force"), "{refused:?}");
    assert_eq!(fs::read_to_string(&there).unwrap(), "something else");
    assert_eq!(roost.run(&["export", "--output", text(&there), "--force"]).code, 0);
    assert!(fs::read_to_string(&there).unwrap().contains("hello"));
}
