//! What a transaction gathers for its step of history.

use std::collections::HashSet;

use roost_core::id::{ImportId, PostId};
use serde_json::Value;

/// The posts of the events that a transaction appended since its last step.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Those of which each has an event of its own, by statements for many.
    pub(crate) many: u64,
    /// Those that were changed one by one.
    pub(crate) single: HashSet<PostId>,
    /// The last event of the step before in this transaction.
    pub(crate) until: Option<i64>,
}

/// What a step says beside its label and its events.
#[derive(Debug, Default)]
pub(crate) struct StepNotes {
    /// The import that it made or took back.
    pub(crate) import: Option<ImportId>,
    /// The account or the relay that it is about.
    pub(crate) subject: Option<String>,
    /// Settings or posting times, as they were and as they are.
    pub(crate) change: Option<(Value, Value)>,
}
