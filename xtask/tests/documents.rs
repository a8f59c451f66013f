//! A page that names a test may be believed: the test is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use roost_core::status::Status;
use roost_relay_api::DeliveryState;

/// The pages that vouch by naming tests.
const PAGES: &[&str] = &["docs/reliability.md", "docs/fault-catalogue.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder above")
}

/// Names in backticks that read as a sentence: that is how tests are named here.
fn named_tests(page: &str) -> BTreeSet<&str> {
    let quoted = page.split('`').skip(1).step_by(2);
    let last = quoted.map(|name| name.rsplit("::").next().unwrap_or(name));
    last.filter(|name| {
        name.matches('_').count() >= 3
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    })
    .collect()
}

fn sources() -> Vec<PathBuf> {
    let list = std::process::Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
            "*.rs",
            "*.ts",
        ])
        .current_dir(root())
        .output()
        .expect("git lists the project's files");
    let names = String::from_utf8(list.stdout).expect("names in UTF-8");
    names.split('\0').filter(|name| !name.is_empty()).map(|name| root().join(name)).collect()
}

#[test]
fn every_test_that_a_page_names_exists() {
    let code: String = sources()
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect::<Vec<_>>()
        .join("\n");
    let mut missing = Vec::new();
    for page in PAGES {
        let Ok(text) = std::fs::read_to_string(root().join(page)) else { continue };
        for name in named_tests(&text) {
            if !code.contains(&format!("fn {name}(")) {
                missing.push(format!("{page}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "these tests are named and do not exist:\n{}", missing.join("\n"));
}

#[test]
fn the_page_of_promises_names_many_tests() {
    let page = std::fs::read_to_string(root().join("docs/reliability.md")).expect("the page");
    assert!(named_tests(&page).len() > 30, "the page vouches for little");
}

/// The rows of the glossary's last table: label, stored name, names on the relay.
fn glossary_statuses() -> Vec<(String, String, Vec<String>)> {
    let page = std::fs::read_to_string(root().join("docs/glossary.md")).expect("the glossary");
    let (_, table) = page.split_once("## Statuses that a person reads").expect("the statuses");
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (cells[1].to_owned(), cells[2].trim_matches('`').to_owned(), names(cells[3]))
    })
    .collect()
}

#[test]
fn the_glossary_calls_every_status_as_the_code_does() {
    let rows = glossary_statuses();
    let of_code: Vec<_> =
        Status::ALL.iter().map(|status| (status.label(), status.as_str())).collect();
    let of_page: Vec<_> =
        rows.iter().map(|(label, stored, _)| (label.as_str(), stored.as_str())).collect();
    assert_eq!(of_page, of_code);
    for (label, stored, on_relay) in &rows {
        for state in on_relay {
            let state: DeliveryState =
                serde_json::from_value(state.as_str().into()).expect("a state of the relay");
            let status = state.status();
            assert_eq!(status.as_str(), stored, "{label} is not what {state:?} is on the desktop");
        }
    }
}
