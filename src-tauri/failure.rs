//! What a command answers when it can't do what was asked: one word to branch on, and plain words.

use roost_core::id::InvalidId;
use serde::Serialize;

use crate::ipc::Type;

/// Why a command was refused.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct Failure {
    /// One word for the window to branch on.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

impl Failure {
    /// The same in the API's shape; a word of the shell's own is one of the engine's inside.
    pub(crate) fn into_api(self) -> roost_engine::api::Failure {
        let code = self.code.parse().unwrap_or(roost_core::failure::Code::Internal);
        roost_engine::api::Failure::new(code, self.message)
    }

    /// A failure of the shell itself.
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

impl From<roost_engine::Error> for Failure {
    fn from(error: roost_engine::Error) -> Self {
        Self::new(error.code().as_str(), error.to_string())
    }
}

impl From<roost_sign_in::Error> for Failure {
    fn from(error: roost_sign_in::Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<InvalidId> for Failure {
    fn from(error: InvalidId) -> Self {
        Self::new("invalid_id", error.to_string())
    }
}
