//! The key that works in every program, on a real X server.

use crate::process::until;
use crate::{ESCAPE, open};

#[test]
fn a_key_pressed_in_any_program_opens_an_empty_post_once_it_is_wanted() {
    let Some((driver, _stage, desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    driver.press(&[","]);
    driver.click("#quick-capture");
    driver.wait_for("[data-capture-key]");
    driver.press(&[ESCAPE]);
    until("the settings are closed", || (!driver.has("dialog[open]")).then_some(()));
    desk.press("ctrl+shift+alt+t");
    driver.wait_for("[data-composer]");
    driver.press(&[ESCAPE]);
    until("the post is closed", || (!driver.has("dialog[open]")).then_some(()));

    // Once it is not wanted any more, other programs have it again.
    driver.press(&[","]);
    driver.click("#quick-capture");
    until("the key is let go", || (!driver.has("[data-capture-key]")).then_some(()));
}
