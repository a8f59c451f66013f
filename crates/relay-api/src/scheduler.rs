//! Which schedulers a relay believes: their signing keys, and the token of its own.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The signing keys of a QStash account, as a computer that has its token asked for them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulerKeys {
    /// What QStash signs with now.
    pub current: String,
    /// What it signs with after the next rotation.
    pub next: String,
}

impl fmt::Debug for SchedulerKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SchedulerKeys(..)")
    }
}

impl SchedulerKeys {
    /// Returns what tells this pair from others, and gives neither key away.
    #[must_use]
    pub fn digest(&self) -> String {
        keys_digest(&self.current, &self.next)
    }
}

/// Returns what tells a pair of signing keys from others: a hash of both, in base64url. Keys are random,
/// so that nobody finds them by it.
#[must_use]
pub fn keys_digest(current: &str, next: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{current}\n{next}")))
}

/// Whose deliveries the relay takes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SchedulerState {
    /// Whether a scheduler runs inside the relay.
    pub own: bool,
    /// The digest of each pair of signing keys whose deliveries are taken; see [`keys_digest`].
    pub keys: Vec<String>,
}

/// The token that opens the scheduler inside the relay.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulerToken {
    /// The token.
    pub token: String,
}

impl fmt::Debug for SchedulerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SchedulerToken(..)")
    }
}
