//! Posts that repeat, from the command line.

use serde_json::{Value, json};

use crate::roost::Roost;
use crate::sandbox::X;

fn add(roost: &Roost, more: &[&str]) -> Value {
    let fixed = ["series", "add", "Tea is ready", "--variant", "Time for tea"];
    let times = ["--at", "2040-03-11 09:00", "--zone", "Europe/Berlin"];
    roost.json(&[&fixed[..], &times, more].concat())
}

#[test]
fn a_post_that_repeats_is_made_shown_changed_skipped_and_ended() {
    let x = X::new();
    let roost = Roost::new();
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let shown = add(&roost, &["--repeat", "every week on sun", "--times", "6", "--dry-run"]);
    assert_eq!(shown["rule"], "FREQ=WEEKLY;BYDAY=SU;COUNT=6");
    assert_eq!((&shown["remaining"], &shown["cycle_cost_micros"]), (&json!(6), &json!(30_000)));
    let walls: Vec<_> = (0..4).map(|it| shown["next"][it]["wall_time"].clone()).collect();
    assert_eq!(
        walls,
        ["2040-03-11 09:00", "2040-03-18 09:00", "2040-03-25 09:00", "2040-04-01 09:00"]
    );
    assert_eq!(roost.json(&["series", "list"])["series"], json!([]), "nothing was made");

    let made = add(&roost, &["--repeat", "every week on sun", "--until", "2040-04-30"]);
    let id = made["series"]["id"].as_str().unwrap().to_owned();
    assert_eq!(made["series"]["description"], "every week on Sunday, until 2040-04-30");
    let skipped = roost.json(&["series", "skip", &id, "2040-03-18"]);
    assert_eq!(skipped["series"]["skipped"], json!(["2040-03-18 09:00"]));
    let edited = roost.json(&[
        "series",
        "edit",
        &id,
        "--text",
        "Coffee is ready",
        "--at",
        "2040-03-11 10:00",
    ]);
    assert_eq!(edited["series"]["next"][1]["wall_time"], "2040-03-25 10:00");
    let list = roost.run(&["series", "list"]);
    assert!(list.stdout.contains("Coffee is ready"), "{list:?}");
    let show = roost.run(&["series", "show", &id]);
    assert!(show.stdout.contains("Left out: 2040-03-18"), "{show:?}");
    let ended = roost.json(&["series", "end", &id]);
    assert_eq!(ended["series"]["standing"], "ended");
    assert_eq!(roost.json(&["series", "list"])["series"], json!([]));
    assert_eq!(roost.json(&["series", "list", "--all"])["series"][0]["id"], id.as_str());
    roost.json(&["undo", "--yes"]);
    assert_eq!(roost.json(&["series", "list"])["series"][0]["id"], id.as_str());
}

#[test]
fn what_cannot_repeat_so_is_refused_with_what_to_do() {
    let x = X::new();
    let roost = Roost::new();
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let at = ["--at", "2040-03-11 09:00"];
    let often = ["series", "add", "again", "--repeat", "often"];
    let ended = roost.run(&[&often[..], &at].concat());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("every weekday"), "{ended:?}");
    let daily = ["series", "add", "again", "--repeat", "every day"];
    let ended = roost.run(&[&daily[..], &at].concat());
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("the same again after 24 hours"), "{ended:?}");
    let wrong = [&daily[..], &at, &["--until", "someday"]].concat();
    assert_eq!(roost.run(&wrong).code, 2);
    let id = "01a3185c-5000-7e75-825a-e3240fb297fa";
    assert_eq!(roost.run(&["series", "show", id]).code, 1);
    assert_eq!(roost.run(&["series", "edit", id]).code, 2);
}
