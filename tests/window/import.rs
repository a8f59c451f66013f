//! An import of a messy file, from its question to its undo, with the keys where a person would use them.

use std::fs;

use crate::process::until;
use crate::{CONTROL, ENTER, axe, open, picture};

const ARROW_DOWN: &str = "\u{E015}";
const ARROW_RIGHT: &str = "\u{E014}";

/// Dates that say nothing of day and month, a text that is too long, entities, a row without a text.
fn calendar() -> String {
    let texts = [
        "The first owl of spring",
        &"far too long ".repeat(30),
        "Fish &amp; chips at the harbour",
        "Salt &amp; pepper by the mill",
        "",
        "The last one",
    ];
    let row = |(day, text): (usize, &&str)| format!("0{}/04/2099,09:00,{text},Spring\n", day + 3);
    let rows: String = texts.iter().enumerate().map(row).collect();
    format!("Date,Time,Copy,Campaign\n{rows}")
}

#[test]
fn a_messy_file_is_asked_about_mended_by_keys_imported_and_taken_back() {
    let prepared = open(|stage| {
        fs::write(stage.file("calendar.csv"), calendar()).expect("a file can be written");
    });
    let Some((driver, stage, _desk)) = prepared else { return };
    driver.wait_for("[data-empty='today']");
    driver.drop_file(&stage.file("calendar.csv"));

    driver.wait_for("[data-question='date_order']");
    assert!(driver.has("[data-commit]:disabled"));
    picture(&driver, "import-question");
    axe::check(&driver, "with a question");
    driver.click("[data-choice='order-0'] [data-value='day_month_year']");
    driver.wait_for("[data-row-error='2']");
    until("only two rows have errors", || (driver.count("[data-import-row]") == 2).then_some(()));
    assert!(driver.text("[data-import-row='2'] [data-cell='when']").contains("4 Apr 2099"));

    // An arrow goes into the grid, the next ones from cell to cell, and letters replace what is there.
    driver.press(&[ARROW_DOWN]);
    driver.wait_for("[data-import-grid]:focus");
    for _ in 0..3 {
        driver.press(&[ARROW_RIGHT]);
    }
    driver.type_text("Short enough");
    driver.press(&[ENTER]);
    driver.wait_for("[data-import-row='2'][data-outcome='ready']");
    assert!(driver.text("[data-import-row='2']").contains("Short enough"));

    axe::check(&driver, "with rows that have errors");
    driver.click("[data-code='html_entities'] [data-fix-all='decode_entities']");
    until("the entities are decoded", || {
        (!driver.has("[data-code='html_entities']")).then_some(())
    });
    assert!(driver.has("[data-commit]:disabled"), "a row without a text is in the way");
    driver.click("[data-choice='problems'] [data-value='skip']");
    until("the rest can be imported", || {
        driver.text("[data-commit]").contains("Import 5 (leave out 1)").then_some(())
    });
    driver.press(&[CONTROL, ENTER]);
    let told = driver.text("[data-import-done]");
    assert!(told.contains("Imported 5 posts.") && told.contains("1 row left out"), "{told}");

    axe::check(&driver, "with its result");
    driver.click("[data-import-done] [data-undo]");
    until("it is told as undone", || {
        driver.text("[data-import-done]").contains("taken back").then_some(())
    });
    driver.press(&["g"]);
    driver.press(&["u"]);
    driver.wait_for("[data-empty='upcoming']");
    assert_eq!(stage.texts_on_x(), Vec::<String>::new());
}
