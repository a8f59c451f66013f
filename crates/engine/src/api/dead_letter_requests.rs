//! Requests about the scheduler's dead-letter queue.

use serde::{Deserialize, Serialize};

use crate::view::DeadLetterRow;

/// Asks for messages that the scheduler gave up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListDeadLetters {
    /// Where the page before ended.
    pub after: Option<String>,
    /// Letters at most, 100 at the most; 0 means 50.
    pub limit: u32,
}

/// Names messages that the scheduler gave up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ManyDeadLetters {
    /// Their ids in the queue.
    pub ids: Vec<String>,
}

/// A page of messages that the scheduler gave up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeadLetters {
    /// The letters, newest first.
    pub letters: Vec<DeadLetterRow>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// What became of dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeadLettersDone {
    /// Those with which it was done.
    pub done: Vec<String>,
    /// Those that were not in the queue any more.
    pub gone: Vec<String>,
}
