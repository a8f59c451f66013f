//! Texts that a spreadsheet would run as a formula: written so that it does not, and read back as they were.
//!
//! A text that begins with one of `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe before it,
//! and so does one that begins with apostrophes and then one of these. Reading takes that one away.

use std::borrow::Cow;

/// What makes a spreadsheet run a cell.
const STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// What says that the rest is a text.
const MARK: char = '\'';

/// Returns a text as a cell of CSV holds it.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches(MARK).starts_with(STARTS) {
        Cow::Owned(format!("{MARK}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns a text as a cell of a workbook holds it, where every cell is a text and nothing runs: only what
/// [`unmarked`] would take away gets one more.
#[must_use]
pub fn marked(text: &str) -> Cow<'_, str> {
    if unmarked(text) == text { Cow::Borrowed(text) } else { Cow::Owned(format!("{MARK}{text}")) }
}

/// Returns the text that a cell of a workbook holds. A spreadsheet that opens a CSV and saves a workbook keeps
/// the apostrophe that [`escape`] wrote.
#[must_use]
pub fn unmarked(cell: &str) -> &str {
    let text = cell.strip_prefix(MARK);
    text.filter(|text| text.trim_start_matches(MARK).starts_with(STARTS)).unwrap_or(cell)
}

/// Returns the text that a cell of CSV holds: what [`escape`] made of it, or what it is in a formula that is
/// nothing but a text, such as `="2027-03-01"`.
#[must_use]
pub fn unescape(cell: &str) -> &str {
    let text = unmarked(cell);
    if text.len() < cell.len() {
        return text;
    }
    let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.filter(|text| !text.contains('"')).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_comes_back_and_none_runs(text in "['=+@a\"\t\r-]{0,6}|.{0,8}") {
            let cell = escape(&text);
            prop_assert!(!cell.starts_with(STARTS));
            prop_assert_eq!(unescape(&cell), text.as_str());
            prop_assert_eq!(unmarked(&cell), text.as_str(), "a CSV that became a workbook");
            let cell = marked(&text);
            prop_assert_eq!(unmarked(&cell), text.as_str());
        }
    }

    #[test]
    fn formulas_of_other_programs_stay_and_texts_in_them_are_taken_out() {
        for (cell, text) in [
            ("'=HYPERLINK(\"a\")", "=HYPERLINK(\"a\")"),
            ("=HYPERLINK(\"a\",\"b\")", "=HYPERLINK(\"a\",\"b\")"),
            ("=\"0042\"", "0042"),
            ("'it''s", "'it''s"),
        ] {
            assert_eq!(unescape(cell), text);
        }
    }
}
