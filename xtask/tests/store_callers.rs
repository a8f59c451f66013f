//! What the store offers is used: a function that only tests call is a promise that no product keeps.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Functions without a caller outside the store, each with its reason.
const WITHOUT_CALLER: &[(&str, &str)] = &[
    ("open_in_memory", "a store for tests, which is gone with its last handle"),
    ("list_at", "tests say with it under which moment a post stands"),
    ("wants_backup", "tests tell by it which errors a backup mends"),
    ("events_of_action", "tests see with it what one write did"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the sources below a folder without their tests.
fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).expect("a folder");
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).expect("a source");
            let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            found.push(product.to_owned());
        }
    }
    found
}

/// Returns the names of the public functions that a source declares.
fn public_functions(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("pub ")?;
        let rest = rest.strip_prefix("const ").unwrap_or(rest).strip_prefix("fn ")?;
        rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()
    })
}

/// Whether a source calls a function, or passes it on by its path: `name(`, `::name`.
fn calls(source: &str, name: &str) -> bool {
    source.match_indices(name).any(|(at, _)| {
        let (before, after) = (&source[..at], &source[at + name.len()..]);
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        let is_whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        let is_called = after.starts_with('(') || before.ends_with("::");
        is_whole && is_called && !before.ends_with("fn ")
    })
}

#[test]
fn every_public_function_of_the_store_has_a_product_caller() {
    let product = [
        "crates/engine/src",
        "crates/pairing/src",
        "crates/computer-move/src",
        "crates/local/src",
        "cli/src",
        "src-tauri",
    ];
    let callers: Vec<String> =
        product.iter().flat_map(|folder| sources(&root().join(folder))).collect();
    let store = sources(&root().join("crates/store/src"));
    let declared: BTreeSet<&str> =
        store.iter().flat_map(|source| public_functions(source)).collect();
    assert!(declared.len() > 50, "the sources of the store are found");
    let unused: Vec<&str> = declared
        .iter()
        .copied()
        .filter(|name| !callers.iter().any(|source| calls(source, name)))
        .collect();
    let excepted: Vec<&str> = unused
        .iter()
        .copied()
        .filter(|name| WITHOUT_CALLER.iter().any(|(known, _)| known == name))
        .collect();
    let unnamed: Vec<&&str> = unused.iter().filter(|name| !excepted.contains(name)).collect();
    assert!(unnamed.is_empty(), "only tests call these: wire them, or delete them: {unnamed:?}");
    for (name, reason) in WITHOUT_CALLER {
        assert!(excepted.contains(name), "{name} is excepted ({reason}), but called or gone");
    }
}
