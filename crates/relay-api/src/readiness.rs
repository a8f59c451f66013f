//! Whether a post that is due would be delivered now.

use serde::{Deserialize, Serialize};

/// How ready a relay is. A paused relay is ready: the pause is somebody's wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether a post that is due would be delivered now.
    pub ready: bool,
    /// What is in the way of every post. Told to a device key and to the relay's own machine.
    #[serde(default)]
    pub findings: Vec<ReadinessFinding>,
}

/// One thing that is in the way of every post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessFinding {
    /// A closed list: `database`, `publisher`, `stopping`, `signing_keys`, `public_urls`, `clock`,
    /// `manifest`, `accounts`.
    pub what: String,
    /// What it is, in plain words.
    pub message: String,
}
