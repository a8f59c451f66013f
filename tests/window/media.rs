//! A picture is dropped on the composer, described, and stands on X with its words.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::process::until;
use crate::stage::ahead;
use crate::{CONTROL, ENTER, axe, open, picture};

const TEXT: &str = "A bell, seen from below.";

#[test]
fn a_picture_that_is_dropped_on_the_composer_goes_out_with_its_description() {
    let still = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/media/tests/files/still.webp");
    let Some((driver, stage, _desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-relay='reached']");
    driver.press(&["n"]);
    driver.wait_for("[data-composer] textarea");
    driver.type_text("Bell");
    driver.drop_file(&still);
    driver.wait_for("[data-composer-media='1'] img");
    driver.click("[data-alt='0']");
    driver.fill("[data-alt-text]", TEXT);
    until("the description is counted", || {
        driver.text("[data-alt-count]").starts_with("24/").then_some(())
    });
    axe::check(&driver, "with a picture in the composer");
    driver.press(&[CONTROL, "\u{E008}", "p"]);
    driver.wait_for("[data-media-grid='1'] img");
    picture(&driver, "composer-media");
    // The composer keeps minutes: it is due between a few seconds and little more than a minute from now.
    let planned = Instant::now();
    driver.fill("[data-when]", &ahead(75));
    driver.wait_for("[data-schedule]:not(:disabled)");
    driver.press(&[CONTROL, ENTER]);
    until("the composer is closed", || (!driver.has("[data-composer]")).then_some(()));
    until("its minute is near", || (planned.elapsed() > Duration::from_secs(30)).then_some(()));
    until("the post is on X", || (stage.texts_taken_by_x() == ["Bell"]).then_some(()));
    let pictures = stage.pictures_on_x();
    let sent = fs::read(&still).expect("a file");
    assert_eq!(pictures, [(TEXT.to_owned(), sent)]);
}
