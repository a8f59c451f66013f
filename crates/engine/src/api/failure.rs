//! Why an operation was refused, in the one shape that every host passes on.

use roost_core::failure::{Code, Problem};
use serde::{Deserialize, Serialize};

use crate::{Error, NextStep, Stale};

/// Characters of a foreign text that a message repeats at the most.
const REPEATED_CHARS_MAX: usize = 64;

/// Why an operation was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Failure {
    /// The kind; a host branches on nothing else.
    pub code: Code,
    /// What happened and what to do, in whole sentences.
    pub message: String,
    /// What must be mended, field by field; empty where nothing of the request is wrong.
    pub problems: Vec<Problem>,
    /// What the post is now, where the request was based on an older version of it.
    pub stale: Option<Box<Stale>>,
    /// The sheets or lists of a source of which the person has to choose one; empty otherwise.
    pub options: Vec<String>,
    /// What the person can do about it in Roost, the most likely first.
    pub next_steps: Vec<NextStep>,
}

impl Failure {
    /// Returns a failure in words of its own.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let next_steps = NextStep::of(code);
        Self {
            code,
            message: message.into(),
            problems: Vec::new(),
            stale: None,
            options: Vec::new(),
            next_steps,
        }
    }

    pub(super) fn unknown_operation(name: &str) -> Self {
        let name: String = name.chars().take(REPEATED_CHARS_MAX).collect();
        Self::new(Code::UnknownOperation, format!("There is no operation \"{name}\"."))
    }

    pub(super) fn bad_request(operation: &str, error: &serde_json::Error) -> Self {
        Self::new(Code::BadRequest, format!("The request to {operation} can't be read: {error}."))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            problems: error.problems().to_vec(),
            options: error.options().to_vec(),
            stale: error.stale().cloned().map(Box::new),
            next_steps: error.next_steps(),
        }
    }
}
