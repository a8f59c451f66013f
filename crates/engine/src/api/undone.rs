//! What taking an import back did.

use serde::{Deserialize, Serialize};

/// What undoing an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Undone {
    /// Posts removed at once: they never left this computer.
    pub removed: u64,
    /// Posts whose withdrawal was asked for; they are cancelled with the relay's acknowledgement.
    pub cancelling: u64,
    /// Posts that stay: they are on X or being sent.
    pub kept: u64,
}
