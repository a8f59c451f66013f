//! What an operator needs at hand: many posts at once, a pause, notices, completions, manual pages.

use std::time::Duration;

use roost_core::clock::{Clock, SystemClock};
use roost_core::zone::{Zone, wall_time_of};
use serde_json::{Value, json};

use crate::roost::{Roost, text};
use crate::sandbox::X;

fn ids(posts: &Value) -> usize {
    posts.as_array().unwrap().len()
}

/// Three posts of March and one of April.
fn calendar() -> Roost {
    let roost = Roost::new();
    let posts: Vec<Value> =
        ["2099-03-01 09:00", "2099-03-02 09:00", "2099-03-03 09:00", "2099-04-01 09:00"]
            .iter()
            .map(|at| json!({ "content": format!("post of {at}"), "scheduledAt": at }))
            .collect();
    let file = json!({ "timezone": "Asia/Kolkata", "posts": posts }).to_string();
    let file = roost.file("calendar.json", file);
    roost.json(&["import", text(&file)]);
    roost.json(&["settings", "--zone", "Asia/Kolkata"]);
    roost
}

fn with_status(roost: &Roost, status: &str) -> u64 {
    roost.json(&["posts", "list", "--status", status])["total"].as_u64().unwrap()
}

#[test]
fn a_query_changes_nothing_before_the_person_has_agreed_to_the_number() {
    let roost = calendar();
    let march = ["--from", "2099-03-01", "--until", "2099-04-01"];
    let rehearsed = roost.json(&[&["posts", "cancel", "--dry-run"], &march[..]].concat());
    assert_eq!(rehearsed["matches"], 3, "{rehearsed}");
    assert_eq!(ids(&rehearsed["posts"]), 3);
    let asked = roost.run(&[&["posts", "cancel"], &march[..]].concat());
    assert_eq!(asked.code, 2, "{asked:?}");
    assert!(asked.stderr.contains("means 3 posts") && asked.stderr.contains("--yes"), "{asked:?}");
    assert_eq!(with_status(&roost, "pending"), 4, "nothing was changed");
    let cancelled = roost.json(&[&["posts", "cancel", "--yes"], &march[..]].concat());
    assert_eq!(ids(&cancelled["cancelled"]), 3, "{cancelled}");
    assert_eq!(with_status(&roost, "pending"), 1);
    // What is cancelled is no longer meant.
    let again = roost.json(&[&["posts", "cancel", "--dry-run"], &march[..]].concat());
    assert_eq!(again["matches"], 0, "{again}");
}

#[test]
fn posts_by_a_query_are_scheduled_again_and_deleted() {
    let roost = calendar();
    roost.json(&["posts", "cancel", "--search", "post", "--yes"]);
    assert_eq!(with_status(&roost, "cancelled"), 4);
    // Cancelled posts are meant only when they are named.
    assert_eq!(roost.json(&["posts", "retry", "--search", "post", "--dry-run"])["matches"], 0);
    let query = ["posts", "retry", "--status", "Cancelled", "--until", "2099-03-02 12:00", "--yes"];
    let again = roost.json(&query);
    assert_eq!((ids(&again["scheduled_again"]), ids(&again["refused"])), (2, 0), "{again}");
    assert_eq!(with_status(&roost, "pending"), 2);
    let deleted = roost.json(&["posts", "delete", "--status", "cancelled", "--yes"]);
    assert_eq!(ids(&deleted["deleted"]), 2, "{deleted}");
    assert_eq!(roost.posts().len(), 2);
}

#[test]
fn no_condition_means_no_post() {
    let roost = calendar();
    for verb in ["cancel", "delete", "retry"] {
        let id = roost.posts()[0]["id"].as_str().unwrap().to_owned();
        for arguments in [
            &["posts", verb][..],
            &["posts", verb, "--yes"],
            &["posts", verb, &id, "--status", "pending", "--yes"],
            &["posts", verb, &id, "--dry-run"],
            &["posts", verb, "--from", "soon", "--yes"],
        ] {
            assert_eq!(roost.run(arguments).code, 2, "{arguments:?}");
        }
    }
    assert_eq!(with_status(&roost, "pending"), 4);
    let usage = roost.run(&["posts", "cancel", "--frobnicate"]).stderr;
    assert!(usage.contains("roost posts cancel [OPTIONS] <ID>..."), "{usage}");
    assert!(!usage.contains("--data"), "{usage}");
}

#[test]
fn a_search_that_would_find_more_than_its_words_changes_no_post() {
    let roost = calendar();
    let many = ["post"; 17].join(" ");
    let long = format!("post {}", "x".repeat(101));
    for verb in ["cancel", "delete", "retry"] {
        for (search, why) in
            [("", "no word"), (" \t", "no word"), (&many, "16 words"), (&long, "100 letters")]
        {
            for agreed in ["--yes", "--dry-run"] {
                let ended = roost.run(&["posts", verb, "--search", search, agreed]);
                assert_eq!(ended.code, 2, "{verb} {search:?}: {ended:?}");
                assert!(ended.stderr.contains(why), "{verb} {search:?}: {ended:?}");
            }
        }
        // Another condition beside it does not make it exact.
        let beside = ["posts", verb, "--search", "", "--status", "pending", "--yes"];
        assert_eq!(roost.run(&beside).code, 2);
    }
    assert_eq!(with_status(&roost, "pending"), 4, "nothing was changed");
    assert_eq!(roost.json(&["posts", "list", "--search", ""])["total"], 4, "a list may show all");
}

#[test]
fn a_pause_is_written_down_where_no_relay_runs_and_stops_the_next_one_from_posting() {
    let (x, roost) = (X::new(), Roost::new());
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let paused = roost.json(&["pause"]);
    assert_eq!((&paused["paused"], &paused["confirmed"]), (&json!(true), &json!(false)));
    let soon = SystemClock.now().plus(Duration::from_secs(3));
    let at = wall_time_of(soon, &Zone::parse("UTC").unwrap()).to_string();
    roost.json(&["posts", "create", "held back", "--at", &at, "--zone", "UTC"]);
    roost.json(&["sync", "--late", "post", "--x-api-base", &x.url()]);
    assert_eq!(roost.json(&["status"])["sync"]["handed_over"], 1);
    assert_eq!(x.texts(), Vec::<String>::new(), "nothing goes out");
    roost.json(&["resume"]);
    let watch = ["sync", "--watch", "--until-done", "--overdue-spacing", "0", "--json"];
    let ended = roost.run(&[&watch[..], &["--late", "post", "--x-api-base", &x.url()]].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(x.texts(), ["held back"]);
    // Each notice was a line of its own, as it came, and the last line is how things stand.
    let lines: Vec<Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, notices) = lines.split_last().unwrap();
    assert!(last["counts"].is_object(), "{last}");
    let is_posted = |line: &&Value| line["notice"]["kind"] == "posted";
    assert_eq!(notices.iter().filter(is_posted).count(), 1, "{notices:?}");
    // They are not read before the person says so.
    let unread = roost.json(&["notices"]);
    assert_eq!(unread["unread"], 1, "{unread}");
    assert!(roost.run(&["notices"]).stdout.contains("A post is on X"));
    assert_eq!(roost.json(&["notices", "--mark-read"])["unread"], 0);
    assert_eq!(ids(&roost.json(&["notices"])["notices"]), 0);
    assert_eq!(ids(&roost.json(&["notices", "--all"])["notices"]), 1);
}

#[test]
fn accounts_are_listed_with_health_plan_and_proof_and_one_is_disconnected() {
    let (x, roost) = (X::new(), Roost::new());
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let account = roost.json(&["accounts"])["accounts"][0].clone();
    assert_eq!((&account["username"], &account["health"]), (&json!("ada"), &json!("connected")));
    let table = roost.run(&["accounts"]).stdout;
    for word in ["@ada", "connected", "sign-in proven", "plan"] {
        assert!(table.contains(word), "{table}");
    }
    let wrong = roost.run(&["accounts", "disconnect", "bob"]);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    roost.json(&["accounts", "disconnect", "@ada", "--x-api-base", &x.url()]);
    assert_eq!(ids(&roost.json(&["accounts"])["accounts"]), 0);
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let roost = Roost::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = roost.run(&["completions", shell]);
        assert_eq!(script.code, 0, "{script:?}");
        for word in ["pause", "notices", "needs-check", "next-slot"] {
            assert!(script.stdout.contains(word), "{shell}: {word}");
        }
    }
    assert!(roost.run(&["man"]).stdout.contains(".TH roost"));
    let folder = roost.data().join("man");
    roost.json(&["man", "--out", text(&folder)]);
    for page in ["roost.1", "roost-posts-cancel.1", "roost-pair.1", "roost-accounts-disconnect.1"] {
        let page = folder.join(page);
        assert!(std::fs::read_to_string(&page).unwrap().contains(".TH"), "{}", page.display());
    }
}
