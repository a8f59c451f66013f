//! The value of a cell as a text, as true or false, or as a list of texts.
//!
//! A file of JSON has kinds of values, and a number where a text belongs is an error there. In a
//! spreadsheet each value may look like a number, and so may what a person types into a cell.

use std::borrow::Cow;

use roost_core::failure::{Code, Problem, clip};
use serde_json::value::RawValue;

use super::cells::FieldCell;
use crate::finding::{Finding, Severity, Sink};
use crate::table::Kind;

/// Words that say yes in a column of yes and no.
const YES: &[&str] = &["true", "yes", "y", "1", "x", "✓", "✔", "draft", "ja", "oui", "si", "sí"];
/// Words that say no.
const NO: &[&str] = &["false", "no", "n", "0", "-", "nein", "non"];

/// Tells an error of a field, whatever severity the table has for its code.
pub(super) fn error(sink: &mut impl Sink, code: Code, problem: impl FnOnce() -> Problem) {
    sink.add(code, Severity::Error, || Finding::new(problem()));
}

/// Tells a warning of a field, whatever severity the table has for its code.
pub(super) fn warn(sink: &mut impl Sink, code: Code, problem: impl FnOnce() -> Problem) {
    sink.add(code, Severity::Warning, || Finding::new(problem()));
}

impl<'t> FieldCell<'t> {
    /// Returns its text; `None` where it holds another kind of value, which is told then.
    pub(super) fn as_text(self, field: &str, sink: &mut impl Sink) -> Option<&'t str> {
        match self.kind {
            Kind::Text | Kind::Date => return Some(self.text),
            Kind::Number | Kind::Bool if !self.is_typed => return Some(self.text),
            Kind::Broken => error(sink, self.broken_code(), || self.broken(field)),
            _ => error(sink, Code::WrongType, || {
                let message = format!("The field holds {}; a text is expected.", words(self.kind));
                Problem::new(Code::WrongType, message)
                    .in_field(field)
                    .with_remedy("Put it in double quotes.")
            }),
        }
        None
    }

    /// Returns whether it says yes; `None` where it says neither, which is told then.
    pub(super) fn as_truth(self, field: &str, sink: &mut impl Sink) -> Option<bool> {
        let word = self.text.trim();
        let read = match self.kind {
            Kind::Bool => Some(word.eq_ignore_ascii_case("true")),
            Kind::Text | Kind::Number if !self.is_typed => {
                let word = word.to_lowercase();
                let is = |words: &[&str]| words.contains(&word.as_str());
                if is(YES) { Some(true) } else { is(NO).then_some(false) }
            }
            _ => None,
        };
        if read.is_none() {
            error(sink, Code::WrongType, || {
                let found = match self.kind {
                    Kind::Text => format!("\"{}\"", clip(word, 20)),
                    kind => words(kind).to_owned(),
                };
                let message = format!("The field holds {found}; true or false is expected.");
                Problem::new(Code::WrongType, message)
                    .in_field(field)
                    .with_remedy("Write true, or leave it out.")
            });
        }
        read
    }

    /// Returns the texts of a list of JSON, or of a text that is one; `None` where an element is no
    /// text, which is told then, and `Some(None)` where it is no list at all.
    pub(super) fn as_list(
        self,
        field: &str,
        sink: &mut impl Sink,
    ) -> Option<Option<Vec<Cow<'t, str>>>> {
        let looks_like_list = match self.kind {
            Kind::List => true,
            Kind::Text => !self.is_typed && self.text.trim_start().starts_with('['),
            _ => false,
        };
        if !looks_like_list {
            return Some(None);
        }
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(self.text) else {
            return Some(None);
        };
        let read: Vec<Option<Cow<'t, str>>> = (1..)
            .zip(elements)
            .map(|(place, element)| element_text(element, || format!("{field}[{place}]"), sink))
            .collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(Some)
    }

    pub(super) fn not_a_list(self, field: &str, sink: &mut impl Sink) {
        error(sink, Code::WrongType, || {
            let found = words(self.kind);
            let message = format!("The field holds {found}; a list of texts is expected.");
            Problem::new(Code::WrongType, message)
                .in_field(field)
                .with_remedy("Write it as [\"…\", \"…\"].")
        });
    }

    /// A text of JSON that is none has half a character; another source has other ways to break.
    const fn broken_code(self) -> Code {
        if self.is_typed { Code::InvalidCharacter } else { Code::CellBroken }
    }

    fn broken(self, field: &str) -> Problem {
        let problem = Problem::new(self.broken_code(), self.text).in_field(field);
        if self.is_typed { problem.with_remedy(HALF_CHARACTER) } else { problem }
    }
}

const HALF_CHARACTER: &str = "Write the character itself; half of a surrogate pair is none.";

fn element_text<'t>(
    element: &'t RawValue,
    field: impl Fn() -> String,
    sink: &mut impl Sink,
) -> Option<Cow<'t, str>> {
    let json = element.get();
    if !json.starts_with('"') {
        error(sink, Code::WrongType, || {
            let message = format!("The field holds {}; a text is expected.", json_words(json));
            Problem::new(Code::WrongType, message)
                .in_field(field())
                .with_remedy("Put it in double quotes.")
        });
        return None;
    }
    let plain = &json[1..json.len() - 1];
    if !plain.contains('\\') {
        return Some(Cow::Borrowed(plain));
    }
    let read: Option<String> = serde_json::from_str(json).ok();
    if read.is_none() {
        error(sink, Code::InvalidCharacter, || {
            Problem::new(Code::InvalidCharacter, "The text has a broken \\u escape.")
                .in_field(field())
                .with_remedy(HALF_CHARACTER)
        });
    }
    read.map(Cow::Owned)
}

/// Returns what kind of value a cell holds, in words.
const fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Number => "a number",
        Kind::Bool => "true or false",
        Kind::Date => "a date",
        Kind::List => "a list",
        Kind::Object => "an object",
        Kind::Broken => "what can't be read",
    }
}

fn json_words(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "nothing (null)",
        _ => "a number",
    }
}
