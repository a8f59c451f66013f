//! Why a file was refused as a whole.

use serde::{Serialize, Serializer};

use roost_core::failure::{Code, Problem};

/// Why a file was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// More bytes than allowed; nothing of it was read.
    #[error("The file has {}; at most {} are read.", over(*.bytes, *.limit), megabytes(*.limit))]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Bytes that are no text in the encoding that the file claims.
    #[error("The file is no {encoding}: byte {offset}, on line {line}, fits no character.")]
    NotText {
        /// `UTF-8` or `UTF-16`.
        encoding: &'static str,
        /// How many bytes stand before the wrong one.
        offset: usize,
        /// The line it is on, from 1.
        line: u32,
    },
    /// A zero byte, which no text has.
    #[error("The file holds a zero byte at byte {offset}, on line {line}: it is no plain text.")]
    Nul {
        /// How many bytes stand before it.
        offset: usize,
        /// The line it is on, from 1.
        line: u32,
    },
    /// Nothing in it.
    #[error("The file is empty.")]
    Empty,
    /// No JSON.
    #[error("The file is no JSON: line {line}, column {column}: {reason}.")]
    NotJson {
        /// The line, from 1.
        line: u32,
        /// The column in characters, from 1.
        column: u32,
        /// What was expected there.
        reason: String,
        /// How that is usually mended.
        remedy: String,
    },
    /// More levels of nesting than any import needs.
    #[error("The file is nested more than {limit} levels deep on line {line}.")]
    TooDeep {
        /// The line of the bracket that is one too many, from 1.
        line: u32,
        /// The limit.
        limit: usize,
    },
    /// JSON, but no list of posts.
    #[error("{reason}")]
    WrongShape {
        /// What it is instead, as a sentence.
        reason: String,
        /// The field concerned.
        field: Option<String>,
        /// How that is mended.
        remedy: String,
    },
    /// More rows than allowed.
    #[error("The file holds {rows} posts; at most {limit} are imported at once.")]
    TooManyRows {
        /// How many there are.
        rows: u64,
        /// The limit.
        limit: usize,
    },
}

/// A size above the limit: rounded, it may look the same.
fn over(bytes: usize, limit: usize) -> String {
    let (bytes, limit) = (megabytes(bytes), megabytes(limit));
    if bytes == limit { format!("more than {limit}") } else { bytes }
}

fn megabytes(bytes: usize) -> String {
    if bytes < 1_000_000 {
        return format!("{bytes} bytes");
    }
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

impl ImportError {
    /// The code on which window and command line branch.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::FileTooLarge,
            Self::NotText { .. } | Self::Nul { .. } => Code::FileNotText,
            Self::Empty | Self::NotJson { .. } => Code::FileNotJson,
            Self::TooDeep { .. } => Code::FileTooDeep,
            Self::WrongShape { .. } => Code::FileWrongShape,
            Self::TooManyRows { .. } => Code::FileTooManyRows,
        }
    }

    /// The same in the shape in which a person is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.code(), self.to_string());
        match self {
            Self::NotText { line, .. } | Self::Nul { line, .. } | Self::TooDeep { line, .. } => {
                problem.line = Some(*line);
            }
            Self::NotJson { line, remedy, .. } => {
                problem.line = Some(*line);
                problem.remedy.clone_from(remedy);
            }
            Self::WrongShape { field, remedy, .. } => {
                problem.field.clone_from(field);
                problem.remedy.clone_from(remedy);
            }
            Self::Empty => {
                "Write posts into it; the schema and an example show how."
                    .clone_into(&mut problem.remedy);
            }
            Self::TooLarge { .. } | Self::TooManyRows { .. } => {}
        }
        problem
    }
}

impl Serialize for ImportError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.problem().serialize(serializer)
    }
}
