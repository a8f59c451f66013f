//! What was done is listed, undone and redone.

use crate::roost::Roost;
use crate::sandbox::X;

fn signed_in(x: &X) -> Roost {
    let roost = Roost::new();
    roost.json(&["login", "--sandbox", &x.url(), "--handle", "ada"]);
    roost
}

fn create(roost: &Roost, text: &str) -> String {
    let post = roost.json(&["posts", "create", text, "--at", "2099-03-01 09:00"]);
    post["row"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn steps_are_listed_and_the_last_is_undone_and_redone() {
    let x = X::new();
    let roost = signed_in(&x);
    let id = create(&roost, "a plan");
    roost.json(&["posts", "edit", &id, "--text", "another plan"]);
    let history = roost.run(&["history"]);
    assert!(history.stdout.contains("Changed 1 post"), "{history:?}");
    assert!(history.stdout.contains("can't be undone"), "the sign-in: {history:?}");
    let told = roost.json(&["undo", "--dry-run"]);
    assert_eq!((&told["dry_run"], &told["done"]), (&true.into(), &1.into()));
    assert_eq!(roost.posts()[0]["text"], "another plan");
    let undone = roost.run(&["undo"]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert!(undone.stdout.contains("Text as before."), "{undone:?}");
    assert_eq!(roost.posts()[0]["text"], "a plan");
    roost.json(&["redo"]);
    assert_eq!(roost.posts()[0]["text"], "another plan");
    let nothing = roost.run(&["redo"]);
    assert_eq!(nothing.code, 1);
    assert!(nothing.stderr.contains("There is nothing to redo."), "{nothing:?}");
}

#[test]
fn several_steps_are_undone_only_with_a_yes() {
    let x = X::new();
    let roost = signed_in(&x);
    create(&roost, "first");
    let step = roost.json(&["history"])["undo"].to_string();
    create(&roost, "second");
    create(&roost, "third");
    let asked = roost.run(&["undo", "--to", &step]);
    assert_eq!(asked.code, 2);
    assert!(asked.stderr.contains("This means 3 steps."), "{asked:?}");
    assert_eq!(roost.posts().len(), 3);
    let undone = roost.json(&["undo", "--to", &step, "--yes"]);
    assert_eq!(undone["steps"].as_array().unwrap().len(), 3);
    assert_eq!(roost.posts().len(), 0);
}

/// What each post says and when it goes out.
fn planned(roost: &Roost) -> Vec<[serde_json::Value; 4]> {
    let fields = ["text", "wall_time", "tags", "status"];
    roost.posts().iter().map(|post| fields.map(|field| post[field].clone())).collect()
}

#[test]
fn posts_that_were_moved_and_mended_together_come_back_and_go_forth_together() {
    let x = X::new();
    let roost = signed_in(&x);
    let ids = ["launch one", "launch two"].map(|text| create(&roost, text));
    let both = |command: &[&'static str]| {
        let words = ["posts", command[0], ids[0].as_str(), ids[1].as_str()];
        roost.json(&[&words[..], &command[1..]].concat());
        planned(&roost)
    };
    let mut states = vec![planned(&roost)];
    states.push(both(&["shift", "--by", "2h"]));
    states.push(both(&["replace-text", "--find", "launch", "--with", "start of"]));
    states.push(both(&["tag", "--add", "spring"]));
    states.push(both(&["draft"]));
    assert!(states.windows(2).all(|pair| pair[0] != pair[1]), "{states:?}");
    for before in states.iter().rev().skip(1) {
        let undone = roost.json(&["undo"]);
        assert_eq!((&undone["done"], &undone["kept"]), (&2.into(), &0.into()), "{undone}");
        assert_eq!(&planned(&roost), before);
    }
    for after in &states[1..] {
        roost.json(&["redo"]);
        assert_eq!(&planned(&roost), after);
    }
}

#[test]
fn the_trash_is_listed_and_a_post_is_taken_out_of_it() {
    let x = X::new();
    let roost = signed_in(&x);
    let id = create(&roost, "thrown away");
    roost.json(&["posts", "delete", &id]);
    let trash = roost.run(&["trash"]);
    assert!(trash.stdout.contains("thrown away"), "{trash:?}");
    let restored = roost.json(&["trash", "restore", &id]);
    assert_eq!(restored["posts"][0]["outcome"], "done");
    assert_eq!(roost.posts()[0]["status"], "pending");
    assert_eq!(roost.run(&["trash"]).stdout.trim(), "The trash is empty.");
}
