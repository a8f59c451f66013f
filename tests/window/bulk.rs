//! Many posts chosen, moved together and taken back, with the keys that a person would use.

use crate::process::until;
use crate::{CONTROL, ENTER, ESCAPE, axe, open, picture};

const ARROW_DOWN: &str = "\u{E015}";
const SHIFT: &str = "\u{E008}";

#[test]
fn chosen_posts_move_by_two_hours_as_shown_and_one_key_takes_that_back() {
    let texts = ["Monday's owl", "Tuesday's owl", "Wednesday's owl"];
    let day = 24 * 60 * 60;
    let posts = [(texts[0], 3 * day), (texts[1], 4 * day), (texts[2], 5 * day)];
    let prepared = open(|stage| drop(stage.write_posts("launch-week.json", &posts)));
    let Some((driver, _stage, _desk)) = prepared else { return };
    driver.click("[data-sample]");
    driver.click("[data-commit]:not(:disabled)");
    driver.wait_for("[data-import-done] [data-undo]");
    driver.press(&["g"]);
    driver.press(&["u"]);
    until("all rows are listed", || (driver.count("[data-post]") == 3).then_some(()));
    let times = || {
        let script = "return [...document.querySelectorAll('[data-post] .time')]
            .map((time) => time.textContent.trim()).join(' ')";
        driver.run(script, &[]).as_str().unwrap_or_default().to_owned()
    };
    let before = times();

    driver.press(&["j"]);
    driver.press(&[SHIFT, ARROW_DOWN]);
    driver.wait_for("[data-selected='2']");
    axe::check(&driver, "with posts selected");
    picture(&driver, "selection");
    driver.press(&["s"]);
    // What is typed replaces the number that stands there.
    driver.wait_for("[data-field='bulk-amount']:focus");
    driver.type_text("2");
    let amount = "return document.querySelector(\"[data-field='bulk-amount']\").value";
    assert_eq!(driver.run(amount, &[]), serde_json::json!("2"));
    until("two posts would move", || {
        driver.text("[data-bulk-apply]").contains("Move 2 posts").then_some(())
    });
    driver.wait_for("[data-bulk-apply]:not(:disabled)");
    axe::check(&driver, "with a change of many posts");
    picture(&driver, "bulk-shift");
    assert_eq!(times(), before, "nothing is done before it is agreed to");
    driver.press(&[CONTROL, ENTER]);
    until("two have moved", || (times() != before).then_some(()));
    assert!(driver.text("[data-toast]").contains("Moved 2 posts: 2 h later."));
    driver.press(&[CONTROL, "z"]);
    until("they are back", || (times() == before).then_some(()));
    assert!(driver.text("[data-toast]").contains("Undone: Moved 2 posts."));

    // The bar stays under the pointer when the inspector goes.
    driver.press(&[ESCAPE]);
    driver.press(&[ESCAPE]);
    until("nothing is selected", || (!driver.has("[data-selection-bar]")).then_some(()));
    driver.press(&["j"]);
    driver.press(&["x"]);
    driver.wait_for("[data-selected='1']");
    let left = |driver: &crate::Driver| {
        let script =
            "return document.querySelector('[data-selection-bar]').getBoundingClientRect().left";
        driver.run(script, &[])
    };
    driver.wait_for("aside[aria-label='Post']");
    let before_more = left(&driver);
    driver.press(&[CONTROL, "a"]);
    driver.wait_for("[data-selected='3']");
    until("the inspector is gone", || (!driver.has("aside[aria-label='Post']")).then_some(()));
    assert_eq!(left(&driver), before_more);
    driver.press(&[ESCAPE]);

    driver.press(&[CONTROL, "a"]);
    driver.wait_for("[data-selected='3']");
    driver.press(&[ESCAPE]);
    driver.press(&[ESCAPE]);
    until("nothing is selected", || (!driver.has("[data-selection-bar]")).then_some(()));
}
