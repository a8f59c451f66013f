//! Why a command failed, and how the shell learns of it.

use serde::Serialize;

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
}

impl Failure {
    /// The command could not do its work.
    pub(crate) fn work(code: &str, message: impl Into<String>) -> Self {
        Self { fault: Fault::Work, code: code.to_owned(), message: message.into(), details: None }
    }

    /// The command was used wrongly.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Usage,
            code: "usage".to_owned(),
            message: message.into(),
            details: None,
        }
    }

    /// The same with details for scripts.
    pub(crate) fn with_details(mut self, details: &impl Serialize) -> Self {
        self.details = serde_json::to_value(details).ok();
        self
    }

    /// The process's exit code.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self.fault {
            Fault::Usage => 2,
            Fault::Work => 1,
        }
    }

    /// The document that `--json` prints.
    pub(crate) fn document(&self) -> serde_json::Value {
        let mut error = serde_json::json!({ "code": self.code, "message": self.message });
        if let Some(details) = &self.details {
            error["details"] = details.clone();
        }
        serde_json::json!({ "error": error })
    }
}

impl From<roost_engine::Error> for Failure {
    fn from(error: roost_engine::Error) -> Self {
        let code = error.code().as_str().to_owned();
        let problems = error.problems();
        let details = match error.stale() {
            Some(stale) => serde_json::to_value(stale).ok(),
            None if problems.is_empty() => None,
            None => Some(serde_json::json!({ "problems": problems })),
        };
        Self { fault: Fault::Work, code, message: error.to_string(), details }
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
        if error.is_usage() {
            return Self::usage(error.to_string());
        }
        Self::work(error.code(), error.to_string())
    }
}

impl From<roost_pairing::NoLink> for Failure {
    fn from(error: roost_pairing::NoLink) -> Self {
        Self::usage(error.to_string())
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
