//! Health, opened from the status bar, and what needs the person by its cause.

use crate::process::until;
use crate::{ESCAPE, axe, open, picture};

#[test]
fn the_status_bar_opens_health_with_runs_and_deliveries_and_a_check_of_everything() {
    let posts = [("out in a moment", 25), ("later today", 7200)];
    let prepared = open(|stage| drop(stage.write_posts("launch-week.json", &posts)));
    let Some((driver, stage, _desk)) = prepared else { return };
    driver.click("[data-sample]");
    driver.click("[data-commit]:not(:disabled)");
    driver.wait_for("[data-import-done] [data-undo]");
    until("the post is on X", || (stage.texts_taken_by_x().len() == 1).then_some(()));
    driver.click("[data-health]");
    driver.wait_for("[data-health-sheet]");
    driver.wait_for("[data-delivery]");
    driver.wait_for("[data-window] ~ [data-run]");
    driver.wait_for("[data-no-letters]");
    assert!(driver.text("[data-health='relay']").contains("Answered"));
    assert!(driver.text("[data-health='rate']").contains("1 on X, 0 failed, 0 missed"));
    driver.click("[data-check]");
    driver.wait_for("[data-check-health='good']");
    axe::check(&driver, "with Health");
    picture(&driver, "health");
    driver.press(&[ESCAPE]);
    until("Health is closed", || (!driver.has("[data-health-sheet]")).then_some(()));
}
