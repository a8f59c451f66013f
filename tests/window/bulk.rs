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
    driver.fill("[data-field='bulk-amount']", "2");
    until("two posts would move", || {
        driver.text("[data-bulk-apply]").contains("Move 2 posts").then_some(())
    });
    driver.wait_for("[data-bulk-apply]:not(:disabled)");
    axe::check(&driver, "with a change of many posts");
    picture(&driver, "bulk-shift");
    assert_eq!(times(), before, "nothing is done before it is agreed to");
    driver.press(&[CONTROL, ENTER]);
    until("two have moved", || (times() != before).then_some(()));
    assert!(driver.text("[data-toast]").contains("Moved 2 posts."));
    driver.press(&[CONTROL, "z"]);
    until("they are back", || (times() == before).then_some(()));
    assert!(driver.text("[data-toast]").contains("Undone: Moved 2 posts."));

    driver.press(&[CONTROL, "a"]);
    driver.wait_for("[data-selected='3']");
    driver.press(&[ESCAPE]);
    driver.press(&[ESCAPE]);
    until("nothing is selected", || (!driver.has("[data-selection-bar]")).then_some(()));
}
