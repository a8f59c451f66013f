//! `roost scheduler`: QStash is set up with its token alone, and what is handed over moves from one scheduler
//! to the other, so that nothing is lost and nothing goes out twice.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use roost_core::clock::{Clock, SystemClock};
use roost_core::zone::{Zone, wall_time_of};
use serde_json::Value;

use crate::roost::{Ended, Roost};
use crate::sandbox::X;
use crate::server::{QSTASH_TOKEN, Server};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn wall_time(after: Duration) -> String {
    wall_time_of(SystemClock.now().plus(after), &Zone::parse("UTC").unwrap()).to_string()
}

/// A store that is paired with the server, and signed in.
fn paired(x: &X, server: &Server) -> Roost {
    let roost = Roost::new();
    let paired = roost.run(&["pair", &server.link(), "--key-in-file"]);
    assert_eq!(paired.code, 0, "{paired:?}");
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    roost
}

fn create(roost: &Roost, text: &str) {
    let at = wall_time(Duration::from_hours(1));
    roost.json(&["posts", "create", text, "--at", &at, "--zone", "UTC"]);
}

fn use_qstash(roost: &Roost, server: &Server, token: &str) -> Ended {
    let arguments = ["scheduler", "qstash", "--qstash-url", &server.qstash_url, "--json"];
    roost.run_with_input(&arguments, token.as_bytes())
}

/// The messages of all posts, as the store has them.
fn messages(roost: &Roost) -> Vec<String> {
    let id = |post: &Value| {
        let shown = roost.json(&["posts", "show", post["id"].as_str().unwrap()]);
        shown["qstash_message_id"].as_str().map(str::to_owned)
    };
    roost.posts().iter().filter_map(id).collect()
}

/// Has a post go out in a moment, and waits for it.
fn goes_out(x: &X, roost: &Roost, text: &str) {
    let posts = roost.posts();
    let post =
        posts.iter().find(|post| post["text"] == text).unwrap_or_else(|| panic!("{posts:?}"));
    let at = wall_time(Duration::from_secs(2));
    roost.json(&["posts", "edit", post["id"].as_str().unwrap(), "--at", &at, "--zone", "UTC"]);
    roost.json(&["sync"]);
    let end = Instant::now() + PATIENCE;
    while !x.texts().iter().any(|it| it == text) {
        assert!(Instant::now() < end, "{text} did not go out: {:?}", roost.posts());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_handed_over_moves_to_qstash_and_back_and_each_post_goes_out_once() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let roost = paired(&x, &server);
    for text in ["one", "two", "three"] {
        create(&roost, text);
    }
    roost.json(&["sync"]);
    assert_eq!(roost.json(&["scheduler"])["kind"], "relay");
    let first = messages(&roost);
    assert_eq!((first.len(), server.messages(&first)), (3, (3, 0)));

    let moved = use_qstash(&roost, &server, QSTASH_TOKEN);
    assert_eq!(moved.code, 0, "{moved:?}");
    assert_eq!(moved.document()["keys_at_relay"], "sent", "{moved:?}");
    assert_eq!(moved.document()["handed_over"]["published"], 3, "{moved:?}");
    assert_eq!(roost.json(&["scheduler"])["kind"], "qstash");
    assert_eq!(server.messages(&first), (0, 0), "the former scheduler has none of them any more");
    assert_eq!(server.messages(&messages(&roost)), (0, 3));
    goes_out(&x, &roost, "one");

    let back = roost.json(&["scheduler", "relay"]);
    assert_eq!(back["keys_at_relay"], "own_scheduler", "{back}");
    let last = messages(&roost);
    assert_eq!(server.messages(&last).0, 2, "those that wait are with the relay's own again");
    goes_out(&x, &roost, "two");
    assert_eq!(x.texts(), ["one", "two"]);
    let again = use_qstash(&roost, &server, QSTASH_TOKEN);
    assert_eq!(again.document()["keys_at_relay"], "known", "{again:?}");
    goes_out(&x, &roost, "three");
    assert_eq!(x.texts(), ["one", "three", "two"]);
    for said in [&moved.stdout, &moved.stderr, &again.stdout, &again.stderr] {
        assert!(!said.contains(QSTASH_TOKEN), "{said}");
    }
}

#[test]
fn a_scheduler_that_was_kept_and_not_moved_to_is_moved_to_by_the_next_pass() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let roost = paired(&x, &server);
    create(&roost, "left behind");
    roost.json(&["sync"]);
    // As if the process had ended between the two.
    let keep = ["pair", "--qstash", "--qstash-url", &server.qstash_url];
    assert_eq!(roost.run_with_input(&keep, QSTASH_TOKEN.as_bytes()).code, 0);
    roost.json(&["sync"]);
    assert_eq!(server.messages(&messages(&roost)), (0, 1));
    goes_out(&x, &roost, "left behind");
    assert_eq!(x.texts(), ["left behind"]);
}

#[test]
fn a_token_that_qstash_refuses_changes_nothing() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let roost = paired(&x, &server);
    create(&roost, "stays");
    roost.json(&["sync"]);
    let refused = use_qstash(&roost, &server, "another-token");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert_eq!(refused.document()["error"]["code"], "scheduler_unauthorized", "{refused:?}");
    assert_eq!(roost.json(&["scheduler"])["kind"], "relay");
    assert_eq!(server.messages(&messages(&roost)), (1, 0));
}

#[test]
fn keys_that_qstash_rotated_are_followed_and_posts_go_out_on_time() {
    let x = X::new();
    let server = Server::new(&x.url(), false);
    let roost = paired(&x, &server);
    let set_up = use_qstash(&roost, &server, QSTASH_TOKEN);
    assert_eq!(set_up.code, 0, "{set_up:?}");
    create(&roost, "signed with new keys");
    roost.json(&["sync"]);
    // Twice: the relay knows neither of the two keys any more.
    server.rotate_keys();
    server.rotate_keys();
    let checks = roost.run(&["doctor", "--json"]).document()["checks"].clone();
    let scheduler = checks.as_array().unwrap().iter().find(|it| it["name"] == "scheduler").unwrap();
    assert!(scheduler["finding"].as_str().unwrap().contains("was sent"), "{scheduler}");
    goes_out(&x, &roost, "signed with new keys");
    assert_eq!(x.texts(), ["signed with new keys"]);
    let own = roost.run(&["scheduler", "relay"]);
    assert_eq!(own.code, 1, "{own:?}");
    assert!(own.stderr.contains("embedded_scheduler"), "{own:?}");
}

#[test]
fn a_scheduler_is_chosen_for_a_relay_elsewhere_alone() {
    let roost = Roost::new();
    for arguments in [&["scheduler", "qstash"][..], &["scheduler", "relay"]] {
        let refused = roost.run_with_input(arguments, QSTASH_TOKEN.as_bytes());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains("Pair first"), "{refused:?}");
    }
    assert_eq!(roost.json(&["scheduler"])["kind"], "this_computer");
}

#[test]
#[cfg(target_os = "linux")]
fn a_scheduler_that_was_chosen_and_can_not_be_told_is_a_failure() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let roost = paired(&x, &server);
    let arguments = ["scheduler", "qstash", "--qstash-url", &server.qstash_url];
    for arguments in [&arguments[..], &["scheduler", "relay"]] {
        for json in [&[][..], &["--json"]] {
            let mut command = roost.command(&[arguments, json].concat());
            command.env("QSTASH_TOKEN", QSTASH_TOKEN).stdin(Stdio::null()).stderr(Stdio::piped());
            command.stdout(File::options().write(true).open("/dev/full").unwrap());
            let ended = Ended::from(command.output().unwrap());
            assert_eq!(ended.code, 1, "{arguments:?} {json:?}: {ended:?}");
            let words = "standard output can't be written";
            assert_eq!(ended.stderr.matches(words).count(), 1, "{arguments:?} {json:?}: {ended:?}");
        }
    }
}

/// What `roost doctor --live` says of each check of the test.
pub(crate) fn live(roost: &Roost) -> Vec<(String, String, String)> {
    let document = roost.run(&["doctor", "--live", "--json"]).document();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = document["checks"].as_array().unwrap().clone();
    let tests = checks.iter().filter(|it| text(it, "name").starts_with("test: "));
    tests
        .map(|it| {
            let said = format!("{} {}", text(it, "finding"), text(it, "remedy"));
            (text(it, "name"), text(it, "health"), said)
        })
        .collect()
}

fn bad(checks: &[(String, String, String)]) -> (&str, &str) {
    let bad: Vec<_> = checks.iter().filter(|(_, health, _)| health == "bad").collect();
    assert_eq!(bad.len(), 1, "{checks:#?}");
    (&bad[0].0, &bad[0].2)
}

#[test]
fn a_live_test_goes_the_whole_way_with_either_scheduler_and_posts_nothing() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let roost = paired(&x, &server);
    for with_qstash in [false, true] {
        if with_qstash {
            assert_eq!(use_qstash(&roost, &server, QSTASH_TOKEN).code, 0);
        }
        let checks = live(&roost);
        let names: Vec<&str> = checks.iter().map(|(name, ..)| name.as_str()).collect();
        let all = ["relay", "scheduler", "delivery", "signature", "clocks", "sign-ins"];
        assert_eq!(names, all.map(|it| format!("test: {it}")), "{checks:#?}");
        assert!(checks.iter().all(|(_, health, _)| health == "good"), "{checks:#?}");
        assert!(checks[2].2.contains("there and back in"), "{checks:#?}");
    }
    server.rotate_keys();
    let rotated = live(&roost);
    let signature = rotated.iter().find(|(name, ..)| name == "test: signature").unwrap();
    assert_eq!(signature.1, "good", "the doctor sent the keys before it tested: {signature:?}");
    assert_eq!(x.texts(), Vec::<String>::new(), "nothing was posted");
}

#[test]
fn a_live_test_says_what_to_do_where_the_relay_is_not_reached_by_the_scheduler() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let roost = paired(&x, &server);
    assert_eq!(use_qstash(&roost, &server, QSTASH_TOKEN).code, 0);
    server.shut_the_way_in();
    let checks = live(&roost);
    let (name, said) = bad(&checks);
    assert_eq!(name, "test: delivery", "{checks:#?}");
    assert!(said.contains("nothing came to the relay") && said.contains("firewall"), "{said}");
}

#[test]
fn a_live_test_names_a_scheduler_that_refuses_the_token_and_a_sign_in_that_x_refuses() {
    let x = X::new();
    let server = Server::new(&x.url(), true);
    let roost = paired(&x, &server);
    x.disconnect("ada");
    let checks = live(&roost);
    let (name, said) = bad(&checks);
    assert_eq!(name, "test: sign-ins", "{checks:#?}");
    assert!(said.contains("@ada") && said.contains("sign in again"), "{said}");
    let keep = ["pair", "--qstash", "--qstash-url", &server.qstash_url];
    assert_eq!(roost.run_with_input(&keep, b"another-token").code, 0);
    let checks = live(&roost);
    let scheduler = checks.iter().find(|(name, ..)| name == "test: scheduler").unwrap();
    assert_eq!(scheduler.1, "bad", "{checks:#?}");
}

#[test]
fn a_live_test_where_nothing_runs_says_so() {
    let checks = live(&Roost::new());
    assert_eq!(checks.len(), 1, "{checks:#?}");
    assert_eq!((checks[0].0.as_str(), checks[0].1.as_str()), ("test: relay", "warning"));
}
