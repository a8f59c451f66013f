//! One thing that is wrong with one post or one row, in the shape in which a person is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Code;

/// What is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Problem {
    /// The kind; the window branches on nothing else.
    pub code: Code,
    /// The row of the file, from 1; none for the file as a whole and for a post being written.
    pub row: Option<u32>,
    /// The field, such as `scheduledAt` or `thread[2]`.
    pub field: Option<String>,
    /// What is wrong, in plain words.
    pub message: String,
    /// What to do about it, in plain words.
    pub remedy: String,
    /// The line of the file on which the row begins, from 1.
    pub line: Option<u32>,
}

impl Problem {
    /// Returns a problem with the code's own remedy.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            row: None,
            field: None,
            message: message.into(),
            remedy: code.remedy().to_owned(),
            line: None,
        }
    }

    /// Returns the problem, at a field.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Returns the problem, with a remedy of its own.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Returns the problem, in a row of a file.
    #[must_use]
    pub fn in_row(mut self, row: u32, line: u32) -> Self {
        self.row = Some(row);
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Problem {
    /// One line, such as `row 3, scheduledAt: … Choose a later time.`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.row, &self.field) {
            (Some(row), Some(field)) => write!(formatter, "row {row}, {field}: ")?,
            (Some(row), None) => write!(formatter, "row {row}: ")?,
            (None, Some(field)) => write!(formatter, "{field}: ")?,
            (None, None) => {}
        }
        write!(formatter, "{} {}", self.message, self.remedy)
    }
}

/// A list of problems that stays bounded: the first ones are told, all are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Problems {
    /// The first ones, in the order of the file.
    pub listed: Vec<Problem>,
    /// How many there are in all.
    pub total: u64,
}

impl Problems {
    /// Counts a problem, and tells it while fewer than `most` are listed. What is only counted is
    /// never put into words, so that a file full of errors costs no more than a good one.
    pub fn add(&mut self, most: usize, problem: impl FnOnce() -> Problem) {
        self.total += 1;
        if self.listed.len() < most {
            self.listed.push(problem());
        }
    }

    /// Returns whether there are no problems.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }
}

/// Returns `text` cut to `most` characters, with an ellipsis where it was longer, and without
/// characters that would garble a message.
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    let mut clipped: String = text
        .chars()
        .take(most)
        .map(|letter| if letter.is_control() { '\u{FFFD}' } else { letter })
        .collect();
    if text.chars().nth(most).is_some() {
        clipped.push('…');
    }
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_counted_in_full_and_told_in_part() {
        let mut problems = Problems::default();
        for _ in 0..10 {
            problems.add(3, || Problem::new(Code::TextMissing, "The post is empty."));
        }
        assert_eq!((problems.listed.len(), problems.total), (3, 10));
    }

    #[test]
    fn a_problem_says_where_what_and_what_to_do() {
        let problem = Problem::new(Code::TextMissing, "The post is empty.")
            .in_field("content")
            .in_row(7, 30)
            .with_remedy("Write something.");
        assert_eq!(problem.to_string(), "row 7, content: The post is empty. Write something.");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["code"], "text_missing");
        assert_eq!(json["row"], 7);
    }

    #[test]
    fn what_is_repeated_from_outside_is_short_and_harmless() {
        assert_eq!(clip("a\u{1b}[31mb", 3), "a\u{FFFD}[…");
        assert_eq!(clip("abc", 3), "abc");
    }
}
