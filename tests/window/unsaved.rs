//! What a window that is killed leaves to the next one: a change of a scheduled post, and its own size.

use crate::process::{self, until};
use crate::{CONTROL, ENTER, ESCAPE, axe, open, picture, start, start_as_left, tools};

#[test]
fn a_change_of_a_scheduled_post_outlives_a_killed_window_and_is_saved_only_on_purpose() {
    let Some((driver, stage, desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    driver.press(&["n"]);
    driver.wait_for("[data-composer] textarea:focus");
    driver.type_text("As planned");
    driver.wait_for("[data-schedule]:not(:disabled)");
    driver.press(&[CONTROL, ENTER]);
    until("the composer is closed", || (!driver.has("[data-composer]")).then_some(()));
    let upcoming = |driver: &crate::Driver| {
        driver.press(&["g"]);
        driver.press(&["u"]);
        driver.wait_for("[data-row-status='queued']");
        driver.press(&["j"]);
        driver.wait_for("[data-action='cancel']");
    };
    upcoming(&driver);
    driver.press(&[ENTER]);
    driver.wait_for("[data-composer] textarea:focus");
    driver.type_text(", and more");
    driver.wait_for("[data-composer] [data-save-state='saved']");
    process::kill(tools::desktop(), &stage.data().display().to_string());
    drop(driver);

    let driver = start(&desk, &stage, &[]);
    driver.wait_for("[data-ready='true']");
    upcoming(&driver);
    driver.wait_for("[data-unsaved]");
    driver.wait_for("[data-unsaved-edit]");
    assert!(driver.text("[data-post]").contains("Queued"));
    assert!(driver.text("[data-unsaved-edit]").contains("As planned, and more"));
    axe::check(&driver, "with a change that is not saved");
    picture(&driver, "unsaved-change");
    driver.click("[data-unsaved-edit] [data-go-on]");
    driver.wait_for("[data-found-change]");
    picture(&driver, "unsaved-composer");
    // It is kept when it is left for now.
    driver.press(&[ESCAPE]);
    driver.click("[data-finish-later]");
    until("the composer is closed", || (!driver.has("[data-composer]")).then_some(()));
    driver.press(&[ENTER]);
    driver.wait_for("[data-schedule]:not(:disabled)");
    driver.press(&[CONTROL, ENTER]);
    until("the change is saved", || (!driver.has("[data-unsaved-edit]")).then_some(()));
    until("the row says it", || {
        driver.text("[data-post]").contains("As planned, and more").then_some(())
    });
    assert_eq!(stage.texts_on_x(), Vec::<String>::new());
}

#[test]
fn a_window_that_was_killed_comes_back_in_the_size_that_it_had() {
    let Some((driver, stage, desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    driver.resize(1010, 690);
    let width = |driver: &crate::Driver| driver.run("return innerWidth", &[]).as_u64();
    until("the window is smaller", || width(&driver).filter(|width| *width < 1100));
    let had = width(&driver).expect("a width");
    let kept = format!("\"width\": {had}");
    until("the size is written", || {
        let kept_as = [kept.as_str(), &kept.replace(' ', "")];
        let written = desk.find_file(".window-state.json")?;
        kept_as.iter().any(|it| written.contains(it)).then_some(())
    });
    process::kill(tools::desktop(), &stage.data().display().to_string());
    drop(driver);
    let driver = start_as_left(&desk, &stage);
    driver.wait_for("[data-ready='true']");
    until("the window has its size again", || width(&driver).filter(|now| *now == had));
}
