//! How a computer is let in: a one-time code against a key of its own.

use std::fmt;

use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a computer sends with the one-time code of a pairing link. The key by which the relay is to
/// know it is the bearer of the request, so that a request whose answer was lost can be repeated.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairRequest {
    /// The code of the link.
    pub code: String,
    /// What the relay's list of devices calls the computer.
    pub device: String,
}

impl fmt::Debug for PairRequest {
    /// Names the device; the code stays out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PairRequest").field("device", &self.device).finish_non_exhaustive()
    }
}

/// What a computer hears that was let in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairAnswer {
    /// What the relay calls it.
    pub device: String,
    /// The token of the relay's own scheduler; none where the relay works with QStash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduler_token: Option<String>,
}

impl fmt::Debug for PairAnswer {
    /// Names the device; the token stays out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PairAnswer").field("device", &self.device).finish_non_exhaustive()
    }
}

/// A computer that may speak to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PairedDevice {
    /// Its name.
    pub name: String,
    /// Since when.
    pub added_at: UnixMillis,
    /// Whether it is the one that asks.
    pub this_one: bool,
}

/// Returns the fingerprint of a pairing link, which relay and computer both show: of all that decides
/// which relay is trusted with what. A person who compares the two knows that the link is the printed one.
#[must_use]
pub fn link_fingerprint(relay_url: &str, pin: Option<&str>, code: &str) -> String {
    let relay_url = relay_url.trim_end_matches('/');
    let text = format!("{relay_url}\n{}\n{code}", pin.unwrap_or_default());
    crate::fingerprint_groups(&Sha256::digest(text.as_bytes()).into())
}
