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
