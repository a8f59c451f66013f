//! What a person's eye finds first in the smallest window, and in the dark.

use serde_json::{Value, json};

use crate::process::until;
use crate::{Driver, ESCAPE, open, picture};

/// Room for the ring that shows the focus: its width and its distance.
const RING_PX: f64 = 3.0;

#[test]
fn the_places_stay_in_view_beside_many_tags_and_their_focus_ring_is_whole() {
    let prepared = open(|stage| {
        let posts: Vec<Value> = (1..=12)
            .map(|day| {
                json!({ "content": format!("Tagged {day}"), "tags": [format!("tag {day}")],
                    "scheduledAt": format!("2099-03-{day:02} 09:00") })
            })
            .collect();
        stage.write("launch-week.json", &json!({ "timezone": "Asia/Kolkata", "posts": posts }));
    });
    let Some((driver, _stage, _desk)) = prepared else { return };
    driver.resize(900, 600);
    driver.click("[data-sample]");
    driver.click("[data-commit]:not(:disabled)");
    driver.wait_for("[data-import-done] [data-undo]");
    until("the tags stand in the rail", || (driver.count("nav [data-tag]") == 12).then_some(()));
    let script = "const list = document.querySelector('nav .lists').getBoundingClientRect();
        return [...document.querySelectorAll('nav [data-place]')].map((place) => {
            const box = place.getBoundingClientRect();
            return [box.top - list.top, list.bottom - box.bottom];
        })";
    let room = driver.run(script, &[]);
    let places = room.as_array().expect("the places");
    assert_eq!(places.len(), 9);
    for place in places {
        let side = |index: usize| place[index].as_f64().expect("a number of pixels");
        assert!(
            side(0) >= RING_PX && side(1) >= RING_PX,
            "out of view, or its ring is cut: {room}"
        );
    }
    picture(&driver, "rail-with-tags-small");
    driver.press(&["g"]);
    driver.press(&["u"]);
    until("all rows are listed", || driver.has("[data-post]").then_some(()));
    words_of_a_row_stand_on_one_line(&driver);
    driver.press(&["j"]);
    driver.wait_for("[data-action='cancel']");
    let script = "const title = document.querySelector('header h1');
        return title.scrollWidth - title.clientWidth";
    assert_eq!(driver.run(script, &[]), json!(0), "the place's name is cut");
    picture(&driver, "upcoming-inspector-small");
    what_is_not_chosen_looks_empty(&driver);
}

/// Time, status and text of a row are of two sizes; their letters stand on the same line.
fn words_of_a_row_stand_on_one_line(driver: &Driver) {
    let script = "const row = document.querySelector('[data-post]');
        return ['.time', '.word', '.first'].map((part) => {
            const mark = document.createElement('span');
            mark.style.cssText = 'display: inline-block; width: 0; height: 0';
            row.querySelector(part).append(mark);
            const { bottom } = mark.getBoundingClientRect();
            mark.remove();
            return Math.round(bottom * 2) / 2;
        })";
    let lines = driver.run(script, &[]);
    assert_eq!(lines[0], lines[1], "time and status: {lines}");
    assert_eq!(lines[0], lines[2], "time and text: {lines}");
}

/// The toolkit's own controls are of another theme: in the dark an empty one looked chosen.
fn what_is_not_chosen_looks_empty(driver: &Driver) {
    driver.run("document.documentElement.dataset.theme = 'dark'", &[]);
    driver.press(&[","]);
    driver.wait_for("[data-settings] input[type=radio]:not(:checked)");
    let script = "const ground = (element) => getComputedStyle(element).backgroundColor;
        const [empty, chosen] = [':not(:checked)', ':checked'].map((state) =>
            document.querySelector(`[data-settings] input[type=radio]${state}`));
        return [getComputedStyle(empty).appearance, ground(empty), ground(chosen),
            ground(document.querySelector('[data-search-settings]'))]";
    let seen = driver.run(script, &[]);
    assert_eq!(seen[0], json!("none"));
    assert_eq!(seen[1], seen[3], "an empty one looks like a field: {seen}");
    assert_ne!(seen[1], seen[2], "a chosen one does not: {seen}");
    picture(driver, "settings-controls");
    driver.press(&[ESCAPE]);
}

#[test]
fn what_is_too_long_is_marked_under_its_own_letters() {
    let Some((driver, _stage, _desk)) = open(|_| ()) else { return };
    driver.wait_for("[data-empty='today']");
    driver.press(&["n"]);
    driver.wait_for("[data-composer] textarea:focus");
    let text = format!("\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467} {}", "too long ".repeat(40));
    driver.fill("textarea", &text);
    driver.wait_for("[data-composer] mark");
    // The mark lies in a copy of the text behind the field: what moves letters is the same in both.
    let script = "const [field, copy] = ['textarea', '.behind'].map((part) =>
            document.querySelector(`[data-composer] ${part}`));
        const names = ['fontFamily', 'fontSize', 'fontWeight', 'fontFeatureSettings', 'letterSpacing',
            'wordSpacing', 'lineHeight', 'tabSize', 'textIndent', 'paddingLeft', 'paddingTop',
            'whiteSpace', 'overflowWrap', 'width'];
        const of = (element) => names.map((name) => [name, getComputedStyle(element)[name]]);
        return [of(field), of(copy)]";
    let styles = driver.run(script, &[]);
    assert_eq!(styles[0], styles[1]);
    picture(&driver, "composer-too-long");
}
