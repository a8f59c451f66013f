//! Texts that a spreadsheet would run as a formula: written so that it does not, and read back as they were.
//!
//! A text that begins with one of `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe before it,
//! and so does one that begins with apostrophes and then one of these. Reading takes that one away from what
//! Roost wrote. In other files it may be a quotation mark: there it stays, and is told.

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

/// Returns the text that a cell of a workbook holds whose texts Roost wrote. A spreadsheet that opens a CSV and
/// saves a workbook keeps the apostrophe that [`escape`] wrote.
#[must_use]
pub fn unmarked(cell: &str) -> &str {
    let text = cell.strip_prefix(MARK);
    text.filter(|text| text.trim_start_matches(MARK).starts_with(STARTS)).unwrap_or(cell)
}

/// Returns the text that a cell of CSV holds that Roost wrote: what [`escape`] made of it.
#[must_use]
pub fn unescape(cell: &str) -> &str {
    let text = unmarked(cell);
    if text.len() < cell.len() { text } else { unwrapped(cell) }
}

/// Returns the text that a cell of another program's CSV holds: that of a formula which is nothing but a
/// text, such as `="2027-03-01"`, and the cell itself otherwise.
#[must_use]
pub fn unwrapped(cell: &str) -> &str {
    let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.filter(|text| !text.contains('"')).unwrap_or(cell)
}

/// Returns whether a text begins with an apostrophe that a program may have written for spreadsheets, and
/// which closes no quotation further on, such as in `'@ada is right', he said`.
#[must_use]
pub fn seems_marked(text: &str) -> bool {
    let rest = text.strip_prefix(MARK).filter(|rest| rest.starts_with(STARTS));
    rest.is_some_and(|rest| !closes_quotation(rest))
}

/// Returns whether an apostrophe of a text may close a quotation: it stands behind a word and before none.
fn closes_quotation(text: &str) -> bool {
    text.match_indices(MARK).any(|(at, mark)| {
        let before = text[..at].chars().next_back();
        let after = text[at + mark.len()..].chars().next();
        before.is_some_and(|it| !it.is_whitespace()) && !after.is_some_and(char::is_alphanumeric)
    })
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
            ("'=HYPERLINK(\"a\")", "'=HYPERLINK(\"a\")"),
            ("=HYPERLINK(\"a\",\"b\")", "=HYPERLINK(\"a\",\"b\")"),
            ("=\"0042\"", "0042"),
            ("'it''s", "'it''s"),
        ] {
            assert_eq!(unwrapped(cell), text);
        }
    }

    #[test]
    fn an_apostrophe_seems_a_mark_where_it_opens_no_quotation_that_is_closed() {
        for text in ["'=SUM(A1:A3)", "'+41 79 555 01 02", "'@ada is right", "'@ada doesn't mind"] {
            assert!(seems_marked(text), "{text}");
        }
        for text in [
            "'tis the season",
            "'@ada is right', he said",
            "'-15%' is what they say",
            "''=1'",
            "=1",
            "@ada's",
            "",
        ] {
            assert!(!seems_marked(text), "{text}");
        }
    }
}
