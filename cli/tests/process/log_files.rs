//! Log files of a run that goes on for days, how its end is remembered, and what is passed on of it.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::roost::{Roost, text};
use crate::sandbox::{X, calendar, expected, finish};

fn watching(roost: &Roost) -> Child {
    roost
        .command(&["sync", "--watch", "--exit-with-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn log_files(roost: &Roost) -> Vec<String> {
    let entries = std::fs::read_dir(roost.data().join("logs"));
    entries
        .into_iter()
        .flatten()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect()
}

/// Waits until the loop has begun: its mark says that it waits.
fn until_it_runs(roost: &Roost) {
    let mark = roost.data().join("roost.running");
    until("the loop runs", || {
        std::fs::read_to_string(&mark).is_ok_and(|note| note.contains("waiting"))
    });
}

#[test]
fn a_watch_that_was_killed_is_told_of_in_plain_words_and_its_log_is_there() {
    let roost = Roost::new();
    roost.json(&["posts", "create", "the first words of the canary"]);
    assert!(log_files(&roost).is_empty(), "a single command writes no log file");
    let mut first = watching(&roost);
    until_it_runs(&roost);
    first.kill().unwrap();
    first.wait().unwrap();

    let mut second = watching(&roost);
    until("it is told", || !roost.json(&["status"])["unclean_end"].is_null());
    let status = roost.run(&["status"]);
    assert!(
        status.stdout.contains("Roost ended unexpectedly. Nothing was lost."),
        "{}",
        status.stdout
    );
    until("the log tells of it", || {
        log_files(&roost).iter().any(|log| log.contains("the last run ended unexpectedly"))
    });
    drop(second.stdin.take());
    second.wait().unwrap();

    roost.json(&["notices", "--mark-read"]);
    let mut third = watching(&roost);
    until_it_runs(&roost);
    drop(third.stdin.take());
    third.wait().unwrap();
    assert!(roost.json(&["status"])["unclean_end"].is_null(), "a planned end is not told");

    let ended = roost.run(&["diagnostics", "--markdown"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for told in ["# Roost diagnostics", "| tzdb |", "the last run ended unexpectedly"] {
        assert!(ended.stdout.contains(told), "no {told}: {}", ended.stdout);
    }
    assert!(!ended.stdout.contains("canary"), "{}", ended.stdout);
    assert!(roost.json(&["diagnostics"])["markdown"].is_string());
}

#[test]
fn each_attempt_at_a_post_is_a_span_of_the_log_and_no_words_of_it_are() {
    let (x, roost) = (X::new(), Roost::new());
    roost.json(&["login", "--sandbox", &x.url()]);
    let file = calendar(&roost, 2, 2, 100);
    roost.json(&["import", text(&file)]);
    let ids: Vec<String> =
        roost.posts().iter().map(|post| post["id"].as_str().unwrap().to_owned()).collect();
    let mut command = roost.command(&["sync", "--watch", "--until-done"]);
    command.args(["--overdue-spacing", "0", "--late", "post"]).env("X_API_BASE", x.url());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(finish(&roost, &mut command.spawn().unwrap()), "it ends done");
    let texts = x.texts();
    assert_eq!(texts, expected(2));
    let log = log_files(&roost).concat();
    for id in ids {
        let span = format!("attempt{{post.id={id} post.revision=1 post.part=0 attempt=1}}");
        assert!(log.contains(&span), "no {span} in {log}");
    }
    for words in texts {
        assert!(!log.contains(&words), "{words} in {log}");
    }
}
