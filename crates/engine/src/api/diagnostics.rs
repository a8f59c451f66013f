//! What a person passes on when something is wrong.

use serde::{Deserialize, Serialize};

/// Asks for diagnostics.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct GetDiagnostics {
    /// What asks: the window, the command line.
    #[serde(default)]
    pub host: Option<String>,
    /// What it is shown on: size, scale, theme, the system's way of showing windows.
    #[serde(default)]
    pub display: Option<String>,
}

/// Versions, sizes, states and the last lines of the log, without texts, handles, addresses and secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Diagnostics {
    /// What was found, by subject.
    pub sections: Vec<DiagnosticsSection>,
    /// The last lines of the log files, oldest first.
    pub log: Vec<String>,
    /// All of it as Markdown, to be pasted into an issue.
    pub markdown: String,
}

/// What was found of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DiagnosticsSection {
    /// The subject.
    pub title: String,
    /// What was found.
    pub facts: Vec<DiagnosticsFact>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DiagnosticsFact {
    /// What it is about.
    pub name: String,
    /// What was found.
    pub value: String,
}
