//! Which relay posts go out from: never from two at once.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use std::path::Path;
use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::zone::{Zone, wall_time_of};

use crate::roost::Roost;
use crate::sandbox::X;

const LINK: &str =
    "roost://pair?relay=https%3A%2F%2Fr.example&key=k1&qstash=https%3A%2F%2Fr.example&token=t";

/// A post that relay and scheduler of this computer hold.
fn handed_over(x: &X) -> Roost {
    let roost = Roost::new();
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let later = SystemClock.now().plus(Duration::from_hours(1));
    let at = wall_time_of(later, &Zone::parse("UTC").unwrap()).to_string();
    roost.json(&["posts", "create", "once", "--at", &at, "--zone", "UTC"]);
    roost.json(&["sync"]);
    assert_eq!(roost.posts()[0]["status"], "queued");
    roost
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn who_pairs_with_another_relay_has_the_first_one_let_go_of_its_posts() {
    let x = X::new();
    let roost = handed_over(&x);
    let paired = roost.run(&["pair", LINK, "--key-in-file"]);
    assert_eq!(paired.code, 0, "{paired:?}");
    assert_eq!(roost.posts()[0]["status"], "pending", "no relay holds it");
}

#[test]
fn a_relay_that_can_not_be_asked_keeps_its_posts_unless_the_person_says_that_it_is_gone() {
    let x = X::new();
    let roost = handed_over(&x);
    // As if somebody's server held it.
    let database = rusqlite::Connection::open(roost.data().join("roost.db")).unwrap();
    database.execute("UPDATE scheduled_post SET offered_to = 'https://old.example'", []).unwrap();
    drop(database);
    let refused = roost.run(&["pair", LINK, "--key-in-file"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("https://old.example holds 1"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--old-relay-is-gone"), "{}", refused.stderr);
    assert!(!roost.data().join("pairing.json").exists());
    let paired = roost.run(&["pair", LINK, "--key-in-file", "--old-relay-is-gone"]);
    assert_eq!(paired.code, 0, "{paired:?}");
}

#[test]
fn a_copied_data_folder_hands_nothing_over_before_it_is_chosen() {
    let x = X::new();
    let first = handed_over(&x);
    let second = Roost::new();
    copy(&first.data(), &second.data());
    let refused = second.run(&["sync"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("roost take-over"), "{}", refused.stderr);
    let status = second.run(&["status", "--json"]).document();
    assert_eq!(status["sync"]["trouble"]["code"], "other_store", "{status}");
    assert_eq!(second.run(&["take-over"]).code, 0);
    assert_eq!(second.run(&["sync"]).code, 0);
    assert_eq!(first.run(&["sync"]).code, 0, "where it was, nothing is asked");
}
