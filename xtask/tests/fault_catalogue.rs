//! The page of faults cannot rot: every row is there, and every test that it names stands where it
//! says.

use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = "docs/fault-catalogue.md";
const ROWS: &[(char, u8)] = &[
    ('K', 4),
    ('P', 5),
    ('N', 2),
    ('C', 4),
    ('T', 3),
    ('Q', 2),
    ('D', 5),
    ('R', 5),
    ('S', 4),
    ('M', 3),
    ('L', 1),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above")
}

fn page() -> String {
    std::fs::read_to_string(root().join(PAGE)).expect("the page")
}

/// The rows of the tables: each one's id and cells.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    let rows = page.lines().filter(|line| line.starts_with("| ")).map(|line| {
        let cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
        cells.collect::<Vec<_>>()
    });
    let is_id = |id: &str| {
        id.len() == 2
            && id.starts_with(char::is_uppercase)
            && id.ends_with(|end: char| end.is_ascii_digit())
    };
    rows.filter(|cells| is_id(&cells[0])).map(|cells| (cells[0].clone(), cells)).collect()
}

/// What stands in backticks as `path::name`.
fn named(text: &str) -> Vec<(&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|name| name.split_once(".rs::")).collect()
}

#[test]
fn every_test_stands_in_the_file_that_the_page_names() {
    let page = page();
    let mut wrong = Vec::new();
    let all = named(&page);
    for (path, name) in &all {
        let file = root().join(format!("{path}.rs"));
        let Ok(source) = std::fs::read_to_string(&file) else {
            wrong.push(format!("{path}.rs does not exist"));
            continue;
        };
        let Some((before, _)) = source.split_once(&format!("fn {name}(")) else {
            wrong.push(format!("{path}.rs has no {name}"));
            continue;
        };
        // An attribute, or a property's macro, stands right before it.
        let tail: String =
            before.chars().rev().take(120).collect::<Vec<_>>().iter().rev().collect();
        if !tail.contains("test") && !tail.contains("proptest") {
            wrong.push(format!("{path}.rs: {name} is no test"));
        }
    }
    assert!(wrong.is_empty(), "{PAGE} is not true:\n{}", wrong.join("\n"));
    assert!(all.len() > 60, "{} tests are few", all.len());
}

#[test]
fn every_row_of_the_catalogue_is_on_the_page_with_a_test_or_a_reason() {
    let page = page();
    let rows = rows(&page);
    let present: BTreeSet<String> = rows.iter().map(|(id, _)| id.clone()).collect();
    let all =
        ROWS.iter().flat_map(|(letter, last)| (1..=*last).map(move |n| format!("{letter}{n}")));
    assert_eq!(present, all.collect::<BTreeSet<_>>());
    for (id, cells) in rows {
        assert_eq!(cells.len(), 4, "{id}: fault, tests, and when it is survived: {cells:?}");
        let kept = !named(&cells[2]).is_empty() || cells[2].contains("cargo xtask");
        assert!(kept || cells[2].contains("not kept"), "{id} has neither test nor reason");
    }
}
