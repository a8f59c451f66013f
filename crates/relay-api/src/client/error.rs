//! Why a request to the relay gave no result.

use crate::Refusal;

/// Whether a request that got no answer may have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing reached the relay: no connection stood.
    NotSent,
    /// The request left; whether the relay acted is not known. Every route may be repeated.
    Unknown,
}

/// Why a request gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// No answer came.
    #[error("the relay at {address} could not be reached: {reason}")]
    Unreachable {
        /// Which relay.
        address: String,
        /// Whether the request may have been carried out all the same.
        outcome: Outcome,
        /// Why, in the words of the network.
        reason: String,
    },
    /// The relay answered, and said no.
    #[error("the relay refused: {refusal}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why.
        refusal: Refusal,
    },
    /// Something answered that is no relay, or one of another version.
    #[error("{address} answered {status} with something that is no relay's answer: {reason}")]
    Garbled {
        /// Which address.
        address: String,
        /// The HTTP status.
        status: u16,
        /// What was wrong with it.
        reason: String,
    },
    /// The client could not be made: the device key or address can't be used.
    #[error("{0}")]
    Unusable(String),
}

impl ClientError {
    /// Returns the relay's refusal, when it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// Returns whether no answer came at all: the row is "relay not reached", not wrong.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Returns whether it is certain that the relay did not carry the request out.
    #[must_use]
    pub const fn is_definite(&self) -> bool {
        match self {
            Self::Unreachable { outcome, .. } => matches!(outcome, Outcome::NotSent),
            Self::Refused { status, .. } => *status < 500,
            Self::Garbled { .. } => false,
            Self::Unusable(_) => true,
        }
    }
}
