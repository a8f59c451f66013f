//! Commands that change many posts at once.

use serde_json::{Value, json};

use crate::roost::Roost;
use crate::sandbox::X;

/// Posts in the far future, so that no test is overtaken by the clock.
fn with_posts(texts: &[(&str, &str)]) -> (X, Roost, Vec<String>) {
    let x = X::new();
    let roost = Roost::new();
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    let make = |(text, at): &(&str, &str)| {
        let made = roost.json(&["posts", "create", text, "--at", at, "--zone", "Europe/Berlin"]);
        made["row"]["id"].as_str().unwrap().to_owned()
    };
    let ids = texts.iter().map(make).collect();
    (x, roost, ids)
}

fn wall_times(roost: &Roost) -> Vec<String> {
    let posts = roost.posts();
    posts.iter().map(|post| post["wall_time"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn a_query_is_shown_with_dry_run_and_moved_with_yes() {
    let (_x, roost, ids) = with_posts(&[
        ("spring sale", "2040-03-23 09:00"),
        ("spring party", "2040-03-24 09:00"),
        ("other", "2040-03-23 12:00"),
    ]);
    let asked = ["posts", "shift", "--search", "spring", "--by", "1w"];
    let unsure = roost.run(&asked);
    assert_eq!(unsure.code, 2, "{unsure:?}");
    assert!(unsure.stderr.contains("say --yes"), "{unsure:?}");
    let shown = roost.run(&[&asked[..], &["--dry-run"]].concat());
    assert_eq!(shown.code, 0, "{shown:?}");
    let line =
        format!("{}  2040-03-23 09:00 Europe/Berlin  2040-03-30 09:00 Europe/Berlin", ids[0]);
    assert!(shown.stdout.contains(&line), "{}", shown.stdout);
    assert!(shown.stdout.ends_with("To be changed: 2 posts. Nothing was changed.\n"), "{shown:?}");
    assert!(wall_times(&roost).iter().all(|time| time.starts_with("2040-03-2")));
    let done = roost.json(&[&asked[..], &["--yes"]].concat());
    assert_eq!((&done["changed"], &done["is_applied"]), (&json!(2), &json!(true)));
    assert_eq!(wall_times(&roost), ["2040-03-23 12:00", "2040-03-30 09:00", "2040-03-31 09:00"]);
}

#[test]
fn one_that_cannot_be_moved_keeps_all_as_they_are_unless_it_is_left_out() {
    let (_x, roost, ids) = with_posts(&[("one", "2040-03-23 09:00"), ("two", "2040-03-24 09:00")]);
    roost.json(&["posts", "cancel", &ids[1]]);
    let asked = ["posts", "shift", &ids[0], &ids[1], "--by", "1d"];
    let refused = roost.run(&[&asked[..], &["--json"]].concat());
    assert_eq!(refused.code, 1, "{refused:?}");
    let document = refused.document();
    assert_eq!(document["error"]["code"], "change_not_allowed");
    assert_eq!(document["error"]["details"]["refused"], 1);
    let dry = roost.run(&[&asked[..], &["--dry-run"]].concat());
    assert_eq!(dry.code, 3, "a rehearsal ends as the change would: {dry:?}");
    let part = roost.run(&[&asked[..], &["--skip-refused"]].concat());
    assert_eq!(part.code, 3, "{part:?}");
    assert!(part.stdout.contains("Changed: 1 post. 1 post refused."), "{part:?}");
    let restored = roost.json(&["posts", "shift", &ids[1], "--by=-1d", "--restore"]);
    assert_eq!(restored["posts"][0]["after"]["status"], "pending");
    assert_eq!(wall_times(&roost), ["2040-03-23 09:00", "2040-03-24 09:00"]);
    let past = roost.run(&["posts", "shift", &ids[0], "--by=-2000w"]);
    assert_eq!(past.code, 1, "{past:?}");
    assert!(past.stderr.contains("has passed"), "{past:?}");
}

#[test]
fn every_command_for_times_gives_the_times_that_it_says() {
    let (_x, roost, ids) = with_posts(&[
        ("one", "2040-03-23 09:00"),
        ("two", "2040-03-25 10:00"),
        ("three", "2040-03-30 11:00"),
    ]);
    let time =
        |id: &str| -> Value { roost.json(&["posts", "show", id])["row"]["wall_time"].clone() };
    let times = || [time(&ids[0]), time(&ids[1]), time(&ids[2])];
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    let run = |command: &str, posts: &[&str], rest: &[&str]| {
        roost.json(&[&["posts", command][..], posts, rest].concat());
    };
    run("swap", &all[..2], &[]);
    assert_eq!(times(), ["2040-03-25 10:00", "2040-03-23 09:00", "2040-03-30 11:00"]);
    run("arrange", &all, &[]);
    assert_eq!(times(), ["2040-03-23 09:00", "2040-03-25 10:00", "2040-03-30 11:00"]);
    run("reverse", &all, &[]);
    assert_eq!(times(), ["2040-03-30 11:00", "2040-03-25 10:00", "2040-03-23 09:00"]);
    run("move", &all, &["--to", "2040-04-01 08:00"]);
    assert_eq!(times(), ["2040-04-08 10:00", "2040-04-03 09:00", "2040-04-01 08:00"]);
    run("weekend", &all, &["--to", "friday"]);
    assert_eq!(times(), ["2040-04-06 10:00", "2040-04-03 09:00", "2040-03-30 08:00"]);
    run("compress", &all, &["--gap", "1d"]);
    assert_eq!(times(), ["2040-04-01 08:00", "2040-03-31 08:00", "2040-03-30 08:00"]);
    run("move", &all, &["--day", "2040-04-02"]);
    run("push", &all, &["--at", "2040-04-02 06:00", "--gap", "30m"]);
    run("insert", &all[..2], &["--post", all[2], "--at", "2040-04-02 07:00", "--gap", "1h"]);
    assert_eq!(time(all[2]), "2040-04-02 07:00");
    run("move", &all, &["--time", "21:30"]);
    run("move", &all[..1], &["--zone", "Asia/Tokyo"]);
    assert_eq!(roost.json(&["posts", "show", all[0]])["row"]["zone"], "Asia/Tokyo");
    let over = ["--first-day", "2040-05-04", "--days", "2", "--weekdays", "Mon-Fri"];
    run("spread", &all, &[&over[..], &["--hours", "9:00-17:00", "--zone", "UTC"]].concat());
    let mut spread = times().map(|time| time.as_str().unwrap().to_owned());
    spread.sort();
    assert_eq!(spread, ["2040-05-04 09:00", "2040-05-04 13:00", "2040-05-07 09:00"]);
    roost.json(&["slots", "ada", "set", "Mon 8", "--zone", "UTC"]);
    run("slots", &all, &[]);
    assert!(times().iter().all(|time| time.as_str().unwrap().ends_with(" 08:00")));
    run("shuffle", &all, &["--seed", "4"]);
}

#[test]
fn words_tags_account_and_state_of_many_posts_are_changed() {
    let (x, roost, ids) =
        with_posts(&[("sprng and sprng", "2040-03-23 09:00"), ("sprng", "2040-03-24 09:00")]);
    let text = |id: &str| roost.json(&["posts", "show", id])["row"]["text"].clone();
    let found =
        ["posts", "replace-text", "--search", "sprng", "--find", "sprng", "--with", "spring"];
    let shown = roost.run(&[&found[..], &["--dry-run"]].concat());
    let name = format!("{}:1:2", ids[0]);
    assert!(shown.stdout.contains(&format!("{name}  \"sprng\" → \"spring\"")), "{shown:?}");
    roost.json(&[&found[..], &["--yes", "--skip", &name]].concat());
    assert_eq!([text(&ids[0]), text(&ids[1])], ["spring and sprng", "spring"]);
    let none = roost.run(&[&found[..], &["--yes", "--status", "draft"]].concat());
    assert_eq!((none.code, none.stdout.trim()), (0, "The query means no posts."), "{none:?}");
    roost.json(&["posts", "append", &ids[1], "--add", "#now"]);
    roost.json(&["posts", "prepend", &ids[1], "--add", "NB", "--new-line"]);
    let long = "x".repeat(280);
    let refused = roost.run(&["posts", "append", &ids[0], &ids[1], "--add", &long]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("too many"), "{refused:?}");

    let sentences = "This is a sentence that has a number of words in it. ".repeat(8);
    let asked = ["posts", "create", &sentences, "--draft", "--split", "--numbered"];
    let made = roost.json(&asked)["parts"].clone();
    assert!(made[0].as_str().unwrap().ends_with(" in it. 1/2"), "{made}");
    assert!(made[1].as_str().unwrap().ends_with(" in it. 2/2"), "{made}");
    let made = roost.json(&["posts", "create", &sentences, "--draft"]);
    let id = made["row"]["id"].as_str().unwrap();
    let split = roost.json(&["posts", "split", id, &ids[0]]);
    assert_eq!((&split["changed"], &split["unchanged"]), (&json!(1), &json!(1)));
    let parts = roost.json(&["posts", "show", id])["parts"].clone();
    assert_eq!(parts.as_array().unwrap().len(), 2, "{parts}");
    roost.json(&["posts", "delete", "--status", "draft", "--yes"]);

    roost.json(&["posts", "tag", &ids[0], &ids[1], "--add", "launch"]);
    roost.json(&["posts", "tag", &ids[1], "--remove", "Launch", "--add", "later"]);
    let tagged = roost.json(&["posts", "list", "--tag", "launch"]);
    assert_eq!(tagged["total"], 1);
    roost.json(&["posts", "note", &ids[0], "--set", "ask Ada"]);

    roost.json(&["login", "--sandbox", &x.url(), "--handle", "bea"]);
    roost.json(&["posts", "account", &ids[0], &ids[1], "--to", "bea"]);
    assert_eq!(roost.json(&["posts", "list", "--account", "bea"])["total"], 2);
    roost.json(&["posts", "draft", "--account", "bea", "--yes"]);
    assert_eq!(roost.json(&["posts", "list", "--view", "drafts"])["total"], 2);
    roost.json(&["posts", "schedule", "--account", "bea", "--yes"]);
    assert!(roost.posts().iter().all(|post| post["status"] == "pending"));
}

#[test]
fn a_command_that_makes_no_sense_changes_nothing() {
    let (_x, roost, ids) = with_posts(&[("one", "2040-03-23 09:00")]);
    let id = ids[0].as_str();
    for (arguments, said) in [
        (&["posts", "shift", id, "--by", "soon"][..], "is no span"),
        (&["posts", "shift", "--by", "1d"], "Say which posts"),
        (&["posts", "shift", id, "--search", "one", "--by", "1d"], "not by both"),
        (&["posts", "move", id, "--to", "tomorrow"], "tomorrow"),
        (&["posts", "move", id], "--to"),
        (&["posts", "swap", id], "Two posts exchange their times"),
        (&["posts", "replace-text", id, "--find", "(", "--with", "", "--regex"], "unclosed group"),
        (
            &["posts", "replace-text", id, "--find", "a", "--with", "b", "--skip", "1"],
            "is no match",
        ),
        (&["posts", "tag", id], "--add"),
        (&["posts", "compress", id, "--gap=-1h"], "0 minutes or more"),
    ] {
        let ended = roost.run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    }
    assert_eq!(wall_times(&roost), ["2040-03-23 09:00"]);
}
