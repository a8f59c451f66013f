//! JSON as such: depth, and where and why a text is none.

use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::error::ImportError;
use crate::source::limits::DEPTH_MAX;
use crate::source::lines::line_at;

/// Makes sure that `text` is one JSON value, without building anything of it.
///
/// # Errors
/// [`ImportError::NotJson`] with its place; [`ImportError::TooDeep`] where the reason is its depth.
pub(super) fn check(text: &str) -> Result<(), ImportError> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            check_depth(text)?;
            Err(not_json(text, &error))
        }
    }
}

/// Returns the column, in characters from 1, from which `line` is no JSON value; `None` where it is one.
pub(super) fn check_line(line: &str) -> Option<u32> {
    let error = serde_json::from_str::<&RawValue>(line).err()?;
    let (column, _) = column_of(line, &error);
    Some(column)
}

fn check_depth(text: &str) -> Result<(), ImportError> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            let line = line_at(text.as_bytes(), offset);
            return Err(ImportError::TooDeep { line, limit: DEPTH_MAX });
        }
    }
    Ok(())
}

/// Returns the column of an error in characters, from 1, and the character that stands there.
fn column_of(line: &str, error: &serde_json::Error) -> (u32, Option<char>) {
    // The parser counts bytes up to and with the one that it did not expect.
    let at = line.floor_char_boundary(error.column().saturating_sub(1).min(line.len()));
    let column = line[..at].chars().count() + 1;
    (u32::try_from(column).unwrap_or(u32::MAX), line[at..].chars().next())
}

fn not_json(text: &str, error: &serde_json::Error) -> ImportError {
    let line_text = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let (column, found) = column_of(line_text, error);
    let (reason, remedy) = explain(error, found, is_start(text, error));
    ImportError::NotJson {
        line: u32::try_from(error.line()).unwrap_or(u32::MAX),
        column,
        reason,
        remedy,
    }
}

/// Whether the very first character was the wrong one: then the file is something else.
fn is_start(text: &str, error: &serde_json::Error) -> bool {
    let blank = text.len() - text.trim_start().len();
    line_at(text.as_bytes(), blank) as usize == error.line()
        && text.trim_start().starts_with(|first| !matches!(first, '[' | '{'))
}

fn explain(error: &serde_json::Error, found: Option<char>, start: bool) -> (String, String) {
    if error.classify() == Category::Eof {
        let reason = "the file ends too early".to_owned();
        return (reason, "It seems cut off: take the whole file.".to_owned());
    }
    let full = error.to_string();
    let words = full.rsplit_once(" at line ").map_or(full.as_str(), |(words, _)| words);
    let found = found.map(|letter| roost_core::failure::clip(&letter.to_string(), 1));
    let reason = match &found {
        Some(found) => format!("{words}, found \"{found}\""),
        None => words.to_owned(),
    };
    let remedy = match (words, found.as_deref()) {
        _ if start => "Save the posts as JSON: the file begins with { or [.",
        (_, Some("'" | "“" | "”" | "‘" | "’" | "„")) => {
            "JSON takes straight double quotes: \"."
        }
        ("trailing characters", _) => "Remove what follows the end, or put all posts in one list.",
        (words, _) if words.starts_with("control character") => {
            "Write a line break inside a text as \\n."
        }
        ("invalid escape", _) => "Write a backslash as \\\\.",
        ("key must be a string", _) => "Put the field's name in double quotes.",
        (words, _) if words.contains("expected `,`") => "Is a comma or a closing quote missing?",
        _ => "Correct it there; an editor that knows JSON shows it.",
    };
    (reason, remedy.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> (u32, u32, String, String) {
        match check(text) {
            Err(ImportError::NotJson { line, column, reason, remedy }) => {
                (line, column, reason, remedy)
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_text_that_is_no_json_is_refused_at_its_line_and_column() {
        for (text, at, words) in [
            ("[1,\n 2 3]", (2, 4), "expected `,` or `]`"),
            ("[\"ééé\" 1]", (1, 8), "expected `,` or `]`"),
            ("[1,]", (1, 4), "expected value, found \"]\""),
            ("[\n  {'content': 1}]", (2, 4), "key must be a string"),
            ("[1] [2]", (1, 5), "trailing characters"),
            ("content,scheduledAt\na,b", (1, 1), "expected value"),
        ] {
            let (line, column, reason, remedy) = place(text);
            assert_eq!((line, column), at, "{text}: {reason}");
            assert!(reason.contains(words), "{text}: {reason}");
            assert!(!remedy.is_empty());
        }
    }

    #[test]
    fn usual_slips_are_answered_with_how_to_mend_them() {
        for (text, hint) in [
            ("[\"a\"", "cut off"),
            ("[{\"content\": \"a", "cut off"),
            ("[{\"content\": “a”}]", "double quotes"),
            ("[{\"content\": 'a'}]", "double quotes"),
            ("[\"a\nb\"]", "\\n"),
            ("[\"a\\qb\"]", "backslash"),
            ("content,scheduledAt", "begins with { or ["),
            ("[{\"a\": 1 \"b\": 2}]", "Is a comma"),
        ] {
            let (.., remedy) = place(text);
            assert!(remedy.contains(hint), "{text}: {remedy}");
        }
    }

    #[test]
    fn a_thousand_levels_of_nesting_without_an_end_are_refused_for_their_depth() {
        for open in ["[", "{\"a\":"] {
            for depth in [1_000, 1_000_000] {
                let text = format!("\n{}1", open.repeat(depth));
                let refused = ImportError::TooDeep { line: 2, limit: DEPTH_MAX };
                assert_eq!(check(&text).err(), Some(refused));
            }
        }
        let text = format!("[\"{}\\\"[\"]", "[{".repeat(1_000));
        assert!(check(&text).is_ok());
    }
}
