//! Escapes that stand there as characters: `\n`, `\t`, `\"`, `\u2019`.

use super::edit::Edit;

/// Commands of LaTeX that begin like an escape.
const COMMANDS: &[&str] = &[
    "nabla",
    "neq",
    "ne ",
    "neg",
    "not",
    "nu ",
    "nu$",
    "newcommand",
    "noindent",
    "theta",
    "times",
    "to ",
    "tau",
    "text",
    "tan",
    "tilde",
    "top",
    "triangle",
    "title",
    "table",
];

/// Returns the escapes of a text with what they stand for.
pub(super) fn find(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let has_address = text.contains(":\\/\\/");
    let mut read = 0;
    while let Some(found) = text[read..].find('\\') {
        let start = read + found;
        match escape(&text[start..], has_address) {
            Some((length, with)) if !is_code(text, start) => {
                read = start + length;
                edits.push(Edit::new(start..read, with));
            }
            // A backslash before a backslash escapes it.
            _ => read = start + if text[start..].starts_with("\\\\") { 2 } else { 1 },
        }
    }
    edits
}

/// The length of the escape that `rest` begins with, and what it stands for.
fn escape(rest: &str, has_address: bool) -> Option<(usize, String)> {
    let after = &rest[1..];
    if COMMANDS.iter().any(|command| after.starts_with(command)) {
        return None;
    }
    match after.as_bytes().first()? {
        b'r' if after.starts_with("r\\n") => Some((4, "\n".to_owned())),
        b'n' => Some((2, "\n".to_owned())),
        b't' => Some((2, "\t".to_owned())),
        b'"' => Some((2, "\"".to_owned())),
        b'/' if has_address => Some((2, "/".to_owned())),
        b'u' => unicode(rest),
        _ => None,
    }
}

/// `\u2019`, or two halves of a pair.
fn unicode(rest: &str) -> Option<(usize, String)> {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if is_hex { u16::from_str_radix(digits, 16).ok() } else { None }
    };
    let first = unit(0)?;
    let units = match unit(6).filter(|_| (0xD800..0xDC00).contains(&first)) {
        Some(second) => vec![first, second],
        None => vec![first],
    };
    let letters = String::from_utf16(&units).ok()?;
    let is_visible = !letters.contains(|letter: char| letter.is_control() && letter != '\n');
    is_visible.then_some((units.len() * 6, letters))
}

/// Whether the backslash stands in a path, in an expression or between back ticks.
fn is_code(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let start = before
        .rfind(char::is_whitespace)
        .map_or(0, |blank| blank + text[blank..].chars().next().map_or(1, char::len_utf8));
    let end = text[at..].find(char::is_whitespace).map_or(text.len(), |blank| at + blank);
    let word = text[start..end].trim_start_matches(['"', '\'', '(']);
    let line = before.rfind('\n').map_or(0, |line| line + 1);
    let in_ticks = before[line..].bytes().filter(|byte| *byte == b'`').count() % 2 == 1;
    in_ticks || is_path(word) || ["\\d", "\\w", "\\s"].iter().any(|class| word.contains(class))
}

/// `C:\new`, `\\server\name`. Of the letters before a colon some begin a question or an answer.
fn is_path(word: &str) -> bool {
    let bytes = word.as_bytes();
    word.starts_with("\\\\")
        || matches!(bytes, [letter, b':', b'\\', ..]
            if matches!(letter.to_ascii_lowercase(), b'c'..=b'h' | b'x'..=b'z'))
}
