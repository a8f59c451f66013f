//! The formats in which people keep posts.

use serde::{Deserialize, Serialize};

/// A format of files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Format {
    /// An object with a list of posts, or the list itself.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// Values between commas, semicolons or another separator.
    Csv,
    /// Values between tabs.
    Tsv,
    /// A workbook of Excel.
    Xlsx,
    /// A spreadsheet of LibreOffice.
    Ods,
    /// Plain text, a post per paragraph.
    Text,
    /// Markdown, a post per paragraph or between rules.
    Markdown,
    /// The `tweets.js` of an archive that X hands out.
    XArchive,
}

impl Format {
    /// Returns the word by which command line, window and session files name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "json_lines",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::XArchive => "x_archive",
        }
    }

    /// Returns the name that a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::JsonLines => "JSON Lines",
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Xlsx => "Excel workbook",
            Self::Ods => "OpenDocument spreadsheet",
            Self::Text => "plain text",
            Self::Markdown => "Markdown",
            Self::XArchive => "X archive",
        }
    }
}

/// How the values of a row are told apart in CSV and TSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Dialect {
    /// What stands between two values: one ASCII character.
    pub separator: char,
    /// Whether the first row names the columns.
    pub header: bool,
}
