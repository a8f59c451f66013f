//! Words that X takes for an address and a person does not: names of files, and two sentences without a
//! blank between them.

use roost_core::text::{UrlSpan, has_url};

use super::edit::Edit;

/// Endings of files that are domains of countries or others too.
const FILE_ENDINGS: &[&str] = &["md", "py", "sh", "zip", "mov"];
/// Endings of files of which only well-known names are taken for one: many addresses end so.
const RARE_ENDINGS: &[&str] = &["rs", "pl", "ps", "so", "cc", "in", "mk"];
/// Names that files have.
const FILE_NAMES: &[&str] = &[
    "main",
    "mod",
    "build",
    "test",
    "tests",
    "setup",
    "install",
    "deploy",
    "run",
    "start",
    "script",
    "config",
    "configure",
    "index",
    "utils",
    "init",
    "makefile",
    "cargo.toml",
];
/// Sites that people mean.
const SITES: &[&str] = &[
    "brew.sh",
    "bun.sh",
    "esm.sh",
    "astral.sh",
    "atuin.sh",
    "fly.sh",
    "transfer.sh",
    "ohmyz.sh",
    "get.sh",
    "point.md",
    "999.md",
    "hackaday.md",
];
/// Products that are written like an address.
const PRODUCTS: &[&str] = &["asp.net", "vb.net", "ml.net", "ado.net", "paint.net", "socket.io"];

/// Returns the words of a text that become a link by accident, each with the same word and a blank in
/// it, as people write it.
pub(super) fn find(text: &str, urls: &[UrlSpan]) -> Vec<Edit> {
    let words = urls.iter().map(|url| url.start..url.end);
    let accidents = words.filter_map(|range| {
        let word = text.get(range.clone())?;
        let at = split(word)?;
        Some(Edit::new(range, broken(word, at)))
    });
    accidents.collect()
}

/// Where the blank belongs; `None` for an address that is meant.
fn split(word: &str) -> Option<usize> {
    let dot = word.rfind('.')?;
    let (name, ending) = (&word[..dot], &word[dot + 1..]);
    if word.contains(['/', ':']) || name.is_empty() {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    if lower.starts_with("www.") || SITES.contains(&lower.as_str()) {
        return None;
    }
    let mut letters = ending.chars();
    let begins_sentence = letters.next().is_some_and(char::is_uppercase)
        && letters.clone().all(char::is_lowercase)
        && name.ends_with(|letter: char| letter.is_lowercase() || letter.is_ascii_digit());
    if begins_sentence {
        return Some(dot + 1);
    }
    let ending = ending.to_ascii_lowercase();
    let file = name.to_ascii_lowercase();
    // `example.com.py` is a shop in Paraguay.
    let is_site =
        file.rsplit('.').next().is_some_and(|it| matches!(it, "com" | "org" | "gov" | "edu"));
    let is_file = FILE_ENDINGS.contains(&ending.as_str()) && !is_site
        || RARE_ENDINGS.contains(&ending.as_str()) && FILE_NAMES.contains(&file.as_str());
    // Product names are addresses when they are written small.
    let is_product = PRODUCTS.contains(&lower.as_str()) && word != lower;
    (is_file || is_product).then_some(dot)
}

/// The word with a blank, and further ones while something of it still is an address.
fn broken(word: &str, at: usize) -> String {
    let mut broken = format!("{} {}", &word[..at], &word[at..]);
    while has_url(&broken) {
        let Some(dot) = broken
            .match_indices('.')
            .map(|(at, _)| at)
            .rfind(|at| !broken[..*at].ends_with(' ') && !broken[at + 1..].starts_with(' '))
        else {
            break;
        };
        broken.insert(dot, ' ');
    }
    broken
}
