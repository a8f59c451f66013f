//! Every view in the smallest window: nothing is lost, and axe-core finds nothing in any theme.

use std::cell::RefCell;

use crate::process::until;
use crate::{CONTROL, Driver, ESCAPE, axe, cut_off, open, picture};

#[test]
fn every_view_is_whole_and_accessible_in_the_smallest_window() {
    let posts = [("out in a moment", 20), ("later today", 7200), ("tomorrow", 90_000)];
    let prepared = open(|stage| drop(stage.write_posts("launch-week.json", &posts)));
    let Some((driver, _stage, _desk)) = prepared else { return };
    driver.resize(900, 600);
    driver.wait_for("[data-first-run]");
    axe::check(&driver, "at the first start");
    assert_eq!(cut_off::found(&driver), Vec::<String>::new(), "at the first start");
    picture(&driver, "first-run-small");
    driver.click("[data-sample]");
    driver.click("[data-commit]:not(:disabled)");
    driver.wait_for("[data-import-done] [data-undo]");
    let lost = RefCell::new(Vec::new());
    let keep = |state: &str| {
        lost.borrow_mut().extend(cut_off::found(&driver).iter().map(|it| format!("{state}: {it}")));
    };
    every_view(&driver, |state, is_sheet| {
        lost.borrow_mut().extend(axe::found(&driver).iter().map(|it| format!("{state}: {it}")));
        keep(state);
        if is_sheet {
            picture(&driver, &format!("{state}-small"));
        }
    });
    driver.resize(1240, 840);
    driver.press(&[","]);
    driver.wait_for("[data-settings]");
    picture(&driver, "settings");
    driver.press(&[ESCAPE]);

    // The window's own size, with everything twice as large.
    driver.resize(1200, 780);
    for _ in 0..STEPS_TO_TWICE {
        driver.press(&[CONTROL, "+"]);
    }
    until("everything is twice as large", || {
        driver.run("return innerWidth <= 600", &[]).as_bool().filter(|is_narrow| *is_narrow)
    });
    every_view(&driver, |state, _| {
        keep(&format!("{state}, twice as large"));
    });
    assert_eq!(*lost.borrow(), Vec::<String>::new(), "cut off, or not accessible");
    driver.press(&[CONTROL, "0"]);
    until("everything has its own size", || {
        driver.run("return innerWidth > 600", &[]).as_bool().filter(|is_wide| *is_wide)
    });
}

/// Steps of zoom from the own size to 200 %.
const STEPS_TO_TWICE: usize = 5;

/// Shows each place, an open post, and each sheet over it, and tells which it is and whether it is a sheet.
fn every_view(driver: &Driver, look: impl Fn(&str, bool)) {
    for (key, place) in [
        ("t", "today"),
        ("u", "upcoming"),
        ("d", "drafts"),
        ("n", "needs_you"),
        ("p", "posted"),
        ("a", "all"),
        ("i", "imports"),
        ("c", "calendar"),
        ("m", "media"),
    ] {
        driver.press(&["g"]);
        driver.press(&[key]);
        driver.wait_for(&format!("[data-place='{place}'][aria-current='page']"));
        driver.painted();
        look(place, false);
    }
    driver.press(&["g"]);
    driver.press(&["a"]);
    driver.wait_for("[data-post]");
    driver.press(&["j"]);
    driver.wait_for("[data-action]");
    look("post", false);
    driver.press(&[ESCAPE]);
    for (key, sheet, name) in [
        (",", "[data-settings]", "settings"),
        ("?", "dialog[open]", "shortcuts"),
        ("h", "dialog[open] li", "history"),
        ("b", "[data-notices]", "notices"),
        ("n", "[data-part]", "composer"),
    ] {
        driver.press(&[key]);
        driver.wait_for(sheet);
        driver.painted();
        look(name, true);
        driver.press(&[ESCAPE]);
        until("the sheet is closed", || (!driver.has("dialog[open]")).then_some(()));
    }
    for (key, sheet, name) in [
        ("h", "[data-health='coverage']", "health"),
        ("x", "[data-trash] p", "trash"),
        ("2", "[data-duplicates] p", "duplicates"),
    ] {
        driver.press(&["g"]);
        driver.press(&[key]);
        driver.wait_for(sheet);
        driver.painted();
        look(name, true);
        driver.press(&[ESCAPE]);
        until("the sheet is closed", || (!driver.has("dialog[open]")).then_some(()));
    }
}
