//! The calendar, by mouse and by keys.

use crate::process::until;
use crate::{CONTROL, ENTER, axe, open, picture};

const ARROW_DOWN: &str = "\u{E015}";
const ARROW_RIGHT: &str = "\u{E014}";

const DAY_S: u64 = 86_400;

#[test]
fn a_post_is_moved_in_the_calendar_by_mouse_and_by_keys_and_each_move_is_taken_back() {
    let prepared = open(|stage| {
        // Far enough ahead that its day and the next are in one week or the next one.
        let posts: Vec<(String, u64)> = (0..14)
            .map(|post| {
                (
                    format!("Post {post} of the fortnight, long enough to be cut"),
                    DAY_S + post * 80_000,
                )
            })
            .collect();
        let posts: Vec<(&str, u64)> = posts.iter().map(|(text, at)| (text.as_str(), *at)).collect();
        stage.write_posts("week.json", &posts);
    });
    let Some((driver, stage, _desk)) = prepared else { return };
    driver.wait_for("[data-empty='today']");
    driver.drop_file(&stage.file("week.json"));
    driver.click("[data-commit]");
    driver.wait_for("[data-import-done]");
    driver.press(&["g"]);
    driver.press(&["c"]);
    driver.wait_for("[data-calendar='week']");
    driver.click("[data-later]");
    driver.wait_for("[data-chip]");
    picture(&driver, "calendar-week");
    axe::check(&driver, "with the calendar's week");

    // By the mouse, to another day of the week at the same time.
    let id = "return document.querySelector('[data-day]:nth-of-type(2) ~ [data-day] [data-chip]')?.dataset.chip
        ?? document.querySelector('[data-chip]').dataset.chip";
    let id = driver.run(id, &[]).as_str().expect("a post").to_owned();
    let chip = format!("[data-chip='{id}']");
    let label = |driver: &crate::driver::Driver| {
        driver.run(
            "return document.querySelector(arguments[0])?.ariaLabel ?? ''",
            &[chip.as_str().into()],
        )
    };
    driver.run(
        "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })",
        &[chip.as_str().into()],
    );
    let before = label(&driver);
    let day_of = "return document.querySelector(arguments[0]).closest('[data-day]').dataset.day";
    let day = driver.run(day_of, &[chip.as_str().into()]).as_str().expect("a day").to_owned();
    let other = driver.run(
        "const days = [...document.querySelectorAll('[data-day]')].map((day) => day.dataset.day);
         return days.filter((day) => day > arguments[0])[0] ?? days.filter((day) => day < arguments[0]).at(-1)",
        &[day.as_str().into()],
    );
    let other = other.as_str().expect("another day").to_owned();
    let target = format!("[data-day='{other}']");
    driver.run(
        "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })",
        &[chip.as_str().into()],
    );
    driver.drag_across(&chip, &target);
    until("it stands on the other day", || driver.has(&format!("{target} {chip}")).then_some(()));
    driver.click("[data-undo]");
    until("the move is taken back", || {
        (driver.has(&format!("[data-day='{day}'] {chip}")) && label(&driver) == before)
            .then_some(())
    });

    // By keys: an hour later, on the next day.
    driver.run("document.querySelector(arguments[0]).focus()", &[chip.as_str().into()]);
    driver.press(&[" "]);
    driver.wait_for("[data-drag-label]");
    for _ in 0..4 {
        driver.press(&[ARROW_DOWN]);
    }
    driver.press(&[ARROW_RIGHT]);
    picture(&driver, "calendar-moving");
    driver.press(&[ENTER]);
    until("it is moved", || {
        (label(&driver) != before && !driver.has("[data-drag-label]")).then_some(())
    });
    driver.press(&[CONTROL, "z"]);
    until("Ctrl+Z takes it back", || (label(&driver) == before).then_some(()));

    driver.press(&["m"]);
    driver.wait_for("[data-calendar='month']");
    driver.wait_for("[data-more], [data-chip]");
    picture(&driver, "calendar-month");
    axe::check(&driver, "with the calendar's month");
    driver.resize(900, 600);
    picture(&driver, "calendar-month-small");
    driver.press(&["w"]);
    driver.wait_for("[data-calendar='week']");
    picture(&driver, "calendar-week-small");
    assert_eq!(stage.texts_on_x(), Vec::<String>::new());
}
