//! Who posts: a post that nobody can post is never taken in silence.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use serde_json::{Value, json};

use crate::roost::{Roost, text};
use crate::sandbox::X;

const LATER: [&str; 4] = ["--at", "2099-03-01 09:00", "--zone", "UTC"];

fn two_accounts(x: &X) -> Roost {
    let roost = Roost::new();
    for handle in ["ada", "bea"] {
        roost.json(&["login", "--sandbox", &x.url(), "--handle", handle]);
    }
    roost
}

#[test]
fn with_several_accounts_a_post_that_names_none_is_refused_and_they_are_named() {
    let x = X::new();
    let roost = two_accounts(&x);
    let ended = roost.run(&[&["posts", "create", "hello"], &LATER[..]].concat());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("Choose one of @ada, @bea."), "{}", ended.stderr);
    assert_eq!(roost.posts(), Vec::<Value>::new());
    let named = [&["posts", "create", "hello", "--account", "bea"], &LATER[..]].concat();
    assert_eq!(roost.json(&named)["row"]["username"], "bea");
    let wrong = roost.run(&[&["posts", "create", "x", "--account", "eve"], &LATER[..]].concat());
    assert!(wrong.stderr.contains("choose one of @ada, @bea."), "{}", wrong.stderr);
    let list = roost.run(&["posts", "list", "--account", "eve"]);
    assert!(list.stderr.contains("choose one of @ada, @bea."), "{}", list.stderr);
    // A draft may wait for one.
    assert_eq!(roost.json(&["posts", "create", "idea"])["row"]["status"], "draft");
}

#[test]
fn posts_without_an_account_are_said_to_wait_everywhere_and_keep_no_run_from_ending() {
    let x = X::new();
    let roost = Roost::new();
    let created = roost.run(&[&["posts", "create", "hello"], &LATER[..]].concat());
    assert_eq!(created.code, 0, "{created:?}");
    assert!(created.stderr.contains("No account is connected"), "{}", created.stderr);
    for handle in ["ada", "bea"] {
        roost.json(&["login", "--sandbox", &x.url(), "--handle", handle]);
    }
    let id = roost.posts()[0]["id"].as_str().unwrap().to_owned();
    // The first account adopted it; here it is as when two were connected before.
    let database = rusqlite::Connection::open(roost.data().join("roost.db")).unwrap();
    database.execute("UPDATE scheduled_post SET account_id = NULL", []).unwrap();
    drop(database);
    let list = roost.run(&["posts", "list"]);
    assert!(list.stdout.contains("No account: choose one"), "{}", list.stdout);
    for arguments in [&["status"][..], &["posts", "list", "--view", "needs-you"]] {
        let ended = roost.run(arguments);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.contains("1 post waits for an account"), "{said}");
    }
    let doctor = roost.run(&["doctor"]);
    assert!(doctor.stdout.contains("1 post waits for an account"), "{}", doctor.stdout);
    let mut watch = roost.command(&["sync", "--watch", "--until-done"]);
    let ended = watch.env("X_API_BASE", x.url()).stdin(std::process::Stdio::null()).output();
    let ended = ended.unwrap();
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(said.contains("1 post waits for an account"), "{said}");
    roost.json(&["posts", "edit", &id, "--account", "ada"]);
    assert_eq!(roost.json(&["status"])["counts"]["without_account"], 0);
}

#[test]
fn all_that_an_account_has_still_to_go_out_is_cancelled_at_once_and_nothing_of_another() {
    let x = X::new();
    let roost = two_accounts(&x);
    for (text, account) in [("one", "ada"), ("two", "ada"), ("hers", "bea")] {
        roost.json(&[&["posts", "create", text, "--account", account], &LATER[..]].concat());
    }
    let cancelled = roost.json(&["posts", "cancel", "--account", "@ada", "--yes"]);
    assert_eq!(cancelled["cancelled"].as_array().unwrap().len(), 2, "{cancelled}");
    let status = |text: &str| {
        let posts = roost.posts();
        posts.iter().find(|post| post["text"] == text).unwrap()["status"].clone()
    };
    assert_eq!(["one", "two", "hers"].map(status), ["cancelled", "cancelled", "pending"]);
    let again = roost.run(&["posts", "cancel", "--account", "ada", "--yes"]);
    assert_eq!((again.code, again.stdout.trim()), (0, "Nothing is still to go out."), "{again:?}");
    for wrong in [&["posts", "cancel"][..], &["posts", "cancel", "--account", "ada", "x"]] {
        assert_eq!(roost.run(wrong).code, 2, "{wrong:?}");
    }
    // Each can be scheduled again.
    let one = roost.posts().into_iter().find(|post| post["text"] == "one").unwrap();
    roost.json(&["posts", "retry", one["id"].as_str().unwrap()]);
    assert_eq!(status("one"), "pending");
}

#[test]
fn posts_that_were_left_out_wait_for_no_account() {
    let roost = Roost::new();
    let post = json!({ "content": "hello", "scheduledAt": "2099-03-01 00:20" });
    let file = json!({ "timezone": "UTC", "posts": [post, post] }).to_string();
    let path = roost.file("calendar.json", file);
    let ended = roost.run(&["import", text(&path)]);
    assert!(ended.stderr.contains("1 post waits for one"), "{}", ended.stderr);
    assert!(ended.stdout.contains("row 2: row 1 says the same"), "{}", ended.stdout);
}
