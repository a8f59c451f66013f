//! Asks npm `twitter-text`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    pub(crate) weighted_length: u32,
    pub(crate) permillage: u32,
    pub(crate) valid: bool,
    /// The last code unit that fits, or 0; below that for some texts that are not composed.
    pub(crate) valid_range_end: i64,
    /// Whether the text is NFC.
    pub(crate) composed: bool,
    pub(crate) urls: Vec<Entity>,
    pub(crate) entities: Vec<Entity>,
}

/// Offsets are UTF-16 code units.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Entity {
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The reference's answer to each text; nothing when the reference is not installed and need
/// not be.
pub(crate) fn ask(texts: &[String]) -> Option<Vec<Answer>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/twitter_text");
    if !folder.join("node_modules/twitter-text").is_dir() {
        let required = std::env::var("ROOST_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "run `npm ci` in crates/core/tests/twitter_text");
        eprintln!("skipped: run `npm ci` in crates/core/tests/twitter_text to compare");
        return None;
    }
    let mut node = Command::new("node")
        .arg("reference.cjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let question = serde_json::to_vec(texts).unwrap();
    // Dropping the pipe ends the question; the script reads all of it before it answers.
    node.stdin.take().unwrap().write_all(&question).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the reference failed: {}", output.status);
    let answers: Vec<Answer> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), texts.len());
    Some(answers)
}
