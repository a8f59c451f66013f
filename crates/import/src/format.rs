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
