//! What the person is told: in Roost's own list, and by the system where they want that.

use crate::process::until;
use crate::{ESCAPE, axe, open, picture};

#[test]
fn a_click_on_a_notification_of_the_system_opens_its_post() {
    let posts = [("out in a moment", 30), ("later today", 7200)];
    let prepared = open(|stage| drop(stage.write_posts("launch-week.json", &posts)));
    let Some((driver, _stage, desk)) = prepared else { return };
    driver.click("[data-sample]");
    driver.click("[data-commit]:not(:disabled)");
    driver.wait_for("[data-import-done] [data-undo]");

    driver.press(&[","]);
    driver.click("[data-section='notices']");
    driver.click("[data-choice='notices-posted'] [data-value='system']");
    driver.wait_for("[data-choice='notices-posted'] [data-value='system'][aria-checked='true']");
    picture(&driver, "settings-notices");
    axe::check(&driver, "with the settings");
    driver.press(&[ESCAPE]);

    until("the system was asked to show it", || {
        desk.was_notified_of("A post is on X").then_some(())
    });
    until("its click opens the post", || {
        // The desktop carries out what a click on the newest notification does.
        let _ = desk.command("dunstctl").arg("action").status();
        driver.has("[data-place='all'][aria-current='page']").then_some(())
    });
    driver.wait_for("[data-receipt] [data-kind='posted']");

    until("it is unread in Roost's own list", || {
        driver.has("[data-bell]:not([data-bell='0'])").then_some(())
    });
    driver.press(&["b"]);
    driver.wait_for("[data-notices] [data-notice='posted'].unread");
    axe::check(&driver, "with the notices");
    picture(&driver, "notices");
    driver.press(&[ESCAPE]);
    until("what was shown is read", || driver.has("[data-bell='0']").then_some(()));
}
