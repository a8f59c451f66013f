//! Why a file was refused as a whole.

use serde::{Serialize, Serializer};

use roost_core::failure::{Code, Problem, clip};

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
        /// Its name, such as `UTF-16`.
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
    /// More columns than allowed.
    #[error("The file has more than {limit} columns, from line {line}.")]
    TooManyColumns {
        /// The line of the first that is one too many, from 1.
        line: u32,
        /// The limit.
        limit: usize,
    },
    /// More cells than allowed, or more text in them.
    #[error("The file unpacks to more than {}: nothing of it was kept.", megabytes(*.limit))]
    TooMuchUnpacked {
        /// The limit in bytes.
        limit: usize,
    },
    /// A file of a kind that is not read.
    #[error("{reason}")]
    Unsupported {
        /// What it is, as a sentence.
        reason: String,
        /// In which form Roost takes it.
        remedy: String,
    },
    /// A workbook that is protected by a password.
    #[error("The workbook is protected by a password.")]
    Encrypted,
    /// A workbook that can't be read.
    #[error("The workbook is damaged: {reason}.")]
    Damaged {
        /// What is wrong with it, without an end mark.
        reason: String,
    },
    /// Several sheets have rows, and none was chosen.
    #[error("The workbook has {} sheets with rows: {}.", .names.len(), quoted(.names))]
    SheetNeeded {
        /// Their names, in the order of the workbook.
        names: Vec<String>,
    },
    /// The sheet that was chosen is not there.
    #[error("The workbook has no sheet \"{}\".", clip(.name, NAME_CHARACTERS_MAX))]
    NoSuchSheet {
        /// The one that was chosen.
        name: String,
        /// Those that are there, in the order of the workbook.
        names: Vec<String>,
    },
    /// A JSON file holds several lists that may be the posts, and none was chosen.
    #[error("The file holds {} lists: {}.", .names.len(), quoted(.names))]
    ListNeeded {
        /// Their names, in the order of the file.
        names: Vec<String>,
    },
    /// The list that was chosen is not there.
    #[error("The file has no list \"{}\".", clip(.name, NAME_CHARACTERS_MAX))]
    NoSuchList {
        /// The one that was chosen.
        name: String,
        /// Those that are there, in the order of the file.
        names: Vec<String>,
    },
    /// An encoding was chosen that is none.
    #[error("There is no encoding \"{}\".", clip(.name, NAME_CHARACTERS_MAX))]
    NoSuchEncoding {
        /// The one that was chosen.
        name: String,
    },
}

/// Characters of a sheet's or a list's name that a message repeats.
const NAME_CHARACTERS_MAX: usize = 40;
/// Sheets, or lists, that a message names.
const SHEETS_NAMED_MAX: usize = 12;

fn quoted(names: &[String]) -> String {
    let named = names.iter().take(SHEETS_NAMED_MAX);
    let mut named: Vec<_> =
        named.map(|name| format!("\"{}\"", clip(name, NAME_CHARACTERS_MAX))).collect();
    if names.len() > SHEETS_NAMED_MAX {
        named.push("…".to_owned());
    }
    named.join(", ")
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
            Self::TooManyColumns { .. } => Code::FileTooManyColumns,
            Self::TooMuchUnpacked { .. } => Code::FileTooLarge,
            Self::Unsupported { .. } | Self::NoSuchEncoding { .. } => Code::FileUnsupported,
            Self::Encrypted => Code::FileEncrypted,
            Self::Damaged { .. } => Code::FileDamaged,
            Self::SheetNeeded { .. } | Self::NoSuchSheet { .. } => Code::SheetNeeded,
            Self::ListNeeded { .. } | Self::NoSuchList { .. } => Code::ListNeeded,
        }
    }

    /// Returns the sheets or lists of which a person has to choose one; none where nothing is to be chosen.
    #[must_use]
    pub fn options(&self) -> &[String] {
        match self {
            Self::SheetNeeded { names }
            | Self::NoSuchSheet { names, .. }
            | Self::ListNeeded { names }
            | Self::NoSuchList { names, .. } => names,
            _ => &[],
        }
    }

    /// Returns it for a text that has `lines` lines before the part in which it was found.
    #[must_use]
    pub(crate) fn moved_down(mut self, lines: u32) -> Self {
        if let Self::NotText { line, .. }
        | Self::Nul { line, .. }
        | Self::NotJson { line, .. }
        | Self::TooDeep { line, .. } = &mut self
        {
            *line = line.saturating_add(lines);
        }
        self
    }

    /// The same in the shape in which a person is told.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.code(), self.to_string());
        match self {
            Self::NotText { line, .. }
            | Self::Nul { line, .. }
            | Self::TooDeep { line, .. }
            | Self::TooManyColumns { line, .. } => {
                problem.line = Some(*line);
            }
            Self::Unsupported { remedy, .. } => problem.remedy.clone_from(remedy),
            Self::NoSuchSheet { names, .. } | Self::NoSuchList { names, .. } => {
                problem.remedy = format!("Choose one of {}.", quoted(names));
            }
            Self::NoSuchEncoding { .. } => {
                "Choose one such as UTF-8, windows-1252 or Shift_JIS."
                    .clone_into(&mut problem.remedy);
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
            Self::TooLarge { .. }
            | Self::TooManyRows { .. }
            | Self::TooMuchUnpacked { .. }
            | Self::Encrypted
            | Self::Damaged { .. }
            | Self::SheetNeeded { .. }
            | Self::ListNeeded { .. } => {}
        }
        problem
    }
}

impl Serialize for ImportError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.problem().serialize(serializer)
    }
}
