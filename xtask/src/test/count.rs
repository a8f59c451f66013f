//! Counts tests from the closing lines of cargo test, nextest and Vitest.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read, Write};

/// How many tests passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// Adds another count.
    pub(crate) const fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// One JSON document.
    pub(crate) fn json(&self, elapsed_ms: u128) -> serde_json::Value {
        serde_json::json!({
            "passed": self.passed,
            "failed": self.failed,
            "skipped": self.skipped,
            "elapsed_ms": elapsed_ms,
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

/// Passes on what is printed and counts as it goes by.
pub(crate) fn copy_and_count(source: impl Read, sink: &mut impl Write) -> Counts {
    let mut counts = Counts::default();
    let mut reader = BufReader::new(source);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
        // A closed terminal must not end the count.
        let _shown = sink.write_all(&line);
        if let Some(found) = closing_line(&String::from_utf8_lossy(&line)) {
            counts.add(&found);
        }
        line.clear();
    }
    counts
}

/// What a closing line counts, if it is one.
fn closing_line(line: &str) -> Option<Counts> {
    let plain = without_colours(line);
    let text = plain.trim();
    let is_closing = text.starts_with("test result:")
        || (text.starts_with("Summary [") && text.contains("run:"))
        || (text.starts_with("Tests ") && text.ends_with(')'));
    if !is_closing {
        return None;
    }
    let number = |word: &str| number_before(text, word);
    Some(Counts {
        passed: number("passed"),
        failed: number("failed"),
        skipped: number("skipped") + number("ignored"),
    })
}

/// The number that stands before `word`; 0 where there is none.
fn number_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> = text.split(|character: char| !character.is_alphanumeric()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let pair = words.windows(2).find(|pair| pair[1] == word);
    pair.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

/// The line without the terminal's escape sequences.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            let _sequence = characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(line: &str) -> Option<(u64, u64, u64)> {
        closing_line(line).map(|counts| (counts.passed, counts.failed, counts.skipped))
    }

    #[test]
    fn every_runners_closing_line_is_understood() {
        let cargo = "test result: ok. 12 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out";
        assert_eq!(counts(cargo), Some((12, 1, 3)));
        let nextest =
            "     Summary [  12.3s] 120 tests run: 119 passed (1 slow), 1 failed, 2 skipped";
        assert_eq!(counts(nextest), Some((119, 1, 2)));
        let vitest = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m14 passed\u{1b}[39m (14)";
        assert_eq!(counts(vitest), Some((14, 0, 0)));
        assert_eq!(counts("test text::counts ... ok"), None);
    }
}
