//! Why a command failed, and how the shell learns of it.

use roost_core::failure::Problem;
use roost_engine::api;
use serde::Serialize;

use crate::next_step;

/// Whether the command was used wrongly, or could not do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Exit code 2.
    Usage,
    /// Exit code 1.
    Work,
}

/// A failed command: what happened and what to do, in plain words.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    pub(crate) fault: Fault,
    /// The failure's name, for scripts.
    pub(crate) code: String,
    pub(crate) message: String,
    /// Anything a script may want beside: the rows of a refused file.
    pub(crate) details: Option<serde_json::Value>,
    /// What the engine says of it.
    api: Option<Box<api::Failure>>,
}

impl Failure {
    /// The command could not do its work.
    pub(crate) fn work(code: &str, message: impl Into<String>) -> Self {
        Self::new(Fault::Work, code, message)
    }

    /// The command was used wrongly.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Fault::Usage, "usage", message)
    }

    fn new(fault: Fault, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { fault, code, message, details: None, api: None }
    }

    /// The same with details for scripts.
    pub(crate) fn with_details(mut self, details: &impl Serialize) -> Self {
        self.details = serde_json::to_value(details).ok();
        self
    }

    /// A post that has to be mended first.
    pub(crate) fn invalid(problems: Vec<Problem>, message: impl Into<String>) -> Self {
        let error = roost_engine::Error::Invalid(problems);
        Self { message: message.into(), ..Self::from(error) }
    }

    /// The process's exit code.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self.fault {
            Fault::Usage => 2,
            Fault::Work => 1,
        }
    }

    /// The document that `--json` prints: the API's failure, in this host's words.
    pub(crate) fn document(&self) -> serde_json::Value {
        let nothing = || serde_json::json!({ "problems": [], "stale": null, "next_steps": [] });
        let known = self.api.as_ref().and_then(|api| serde_json::to_value(api).ok());
        let mut error = known.unwrap_or_else(nothing);
        error["code"] = self.code.clone().into();
        error["message"] = self.message.clone().into();
        if let Some(details) = &self.details {
            error["details"] = details.clone();
        }
        serde_json::json!({ "error": error })
    }
}

impl From<roost_engine::Error> for Failure {
    fn from(error: roost_engine::Error) -> Self {
        let api = api::Failure::from(error);
        let message = next_step::with_steps(&api.message, &api.next_steps);
        let failure = Self::work(api.code.as_str(), message);
        Self { api: Some(Box::new(api)), ..failure }
    }
}

impl From<roost_sign_in::Error> for Failure {
    fn from(error: roost_sign_in::Error) -> Self {
        if error.code() == "usage" {
            return Self::usage(error.to_string());
        }
        Self::work(error.code(), error.to_string())
    }
}

impl From<roost_pairing::Error> for Failure {
    fn from(error: roost_pairing::Error) -> Self {
        let message = next_step::with_steps(&error.to_string(), &error.next_steps());
        if error.is_usage() {
            return Self::usage(message);
        }
        Self::work(error.code(), message)
    }
}

impl From<roost_pairing::NotLetIn> for Failure {
    fn from(error: roost_pairing::NotLetIn) -> Self {
        Self::work(error.code(), error.to_string())
    }
}

impl From<roost_pairing::NoLink> for Failure {
    fn from(error: roost_pairing::NoLink) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<roost_computer_move::Error> for Failure {
    fn from(error: roost_computer_move::Error) -> Self {
        match error {
            roost_computer_move::Error::Engine(error) => error.into(),
            roost_computer_move::Error::Pairing(error) => error.into(),
            roost_computer_move::Error::Local(error) => error.into(),
            error => Self::work(error.code().as_str(), error.to_string()),
        }
    }
}

impl From<roost_local::Error> for Failure {
    fn from(error: roost_local::Error) -> Self {
        let code = match error {
            roost_local::Error::AlreadyRunning { .. } => "already_running",
            _ => "local",
        };
        Self::work(code, error.to_string())
    }
}
