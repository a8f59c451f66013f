//! What a check found in a row, in words.

use roost_core::failure::Problem;
use serde::{Deserialize, Serialize};

/// How much a finding is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Severity {
    /// The row can't go out like that.
    Error,
    /// The row can go out; a person should know.
    Warning,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Finding {
    /// What is wrong, where, and what to do about it.
    pub problem: Problem,
    /// How much it is in the way.
    pub severity: Severity,
}
