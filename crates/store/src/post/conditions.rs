//! The conditions of a statement, with their values.

use rusqlite::types::Value;

/// A WHERE clause with its values.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    pub(super) clauses: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    pub(super) fn of_words(clause: &str) -> Self {
        Self { clauses: vec![clause.to_owned()], values: Vec::new() }
    }

    /// Adds a clause without a value.
    pub(super) fn when(&mut self, clause: impl Into<String>) {
        self.clauses.push(clause.into());
    }

    /// Adds a clause; its one `?` stands for `value`.
    pub(super) fn with(&mut self, clause: &str, value: impl Into<Value>) {
        self.clauses.push(clause.to_owned());
        self.values.push(value.into());
    }

    pub(super) fn all(&self) -> String {
        self.clauses.join(" AND ")
    }
}
