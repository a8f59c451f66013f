//! Every view in the smallest window: nothing is lost, and axe-core finds nothing in any theme.

use crate::process::until;
use crate::{Driver, ESCAPE, axe, open, picture};

/// Fails where something of the page lies beyond the window's edge.
fn nothing_is_cut_off(driver: &Driver, state: &str) {
    let beyond = driver.run(
        "const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
        return scrollWidth > clientWidth || scrollHeight > clientHeight",
        &[],
    );
    assert_eq!(beyond, serde_json::json!(false), "{state} is larger than the window");
}

#[test]
fn every_view_is_whole_and_accessible_in_the_smallest_window() {
    let posts = [("out in a moment", 20), ("later today", 7200), ("tomorrow", 90_000)];
    let prepared = open(|stage| drop(stage.write_posts("launch-week.json", &posts)));
    let Some((driver, _stage, _desk)) = prepared else { return };
    driver.resize(900, 600);
    driver.wait_for("[data-first-run]");
    axe::check(&driver, "at the first start");
    nothing_is_cut_off(&driver, "the first start");
    picture(&driver, "first-run-small");
    driver.click("[data-sample]");
    driver.click("[data-commit]:not(:disabled)");
    driver.wait_for("[data-import-done] [data-undo]");
    for (key, place) in [
        ("t", "today"),
        ("u", "upcoming"),
        ("d", "drafts"),
        ("n", "needs_you"),
        ("p", "posted"),
        ("a", "all"),
        ("i", "imports"),
        ("c", "calendar"),
    ] {
        driver.press(&["g"]);
        driver.press(&[key]);
        driver.wait_for(&format!("[data-place='{place}'][aria-current='page']"));
        driver.painted();
        axe::check(&driver, place);
        nothing_is_cut_off(&driver, place);
    }
    for (key, sheet, name) in
        [(",", "[data-settings]", "settings"), ("?", "dialog[open]", "shortcuts")]
    {
        driver.press(&[key]);
        driver.wait_for(sheet);
        axe::check(&driver, name);
        nothing_is_cut_off(&driver, name);
        picture(&driver, &format!("{name}-small"));
        driver.press(&[ESCAPE]);
        until("the sheet is closed", || (!driver.has("dialog[open]")).then_some(()));
    }
    driver.resize(1240, 840);
    driver.press(&[","]);
    driver.wait_for("[data-settings]");
    picture(&driver, "settings");
}
