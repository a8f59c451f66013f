//! Whether Roost's program may be replaced by a newer one now.

use roost_core::clock::UnixMillis;
use serde::{Deserialize, Serialize};

/// Whether the program may be replaced now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateReadiness {
    /// What has to be over first; none where it may be replaced at once.
    pub hold: Option<UpdateHold>,
}

/// What an update waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateHold {
    /// Its kind.
    pub reason: UpdateHoldReason,
    /// The same in whole sentences, with what the person can do about it.
    pub message: String,
    /// When it is over, where that can be told. It is looked at again then.
    pub until: Option<UnixMillis>,
}

impl UpdateHold {
    /// Returns whether waiting alone does not end it: the person has to make room.
    #[must_use]
    pub fn has_no_end(&self) -> bool {
        self.reason == UpdateHoldReason::DueSoon && self.until.is_none()
    }
}

/// Why a program is not replaced now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum UpdateHoldReason {
    /// X is being called for a post, or asked what became of a call.
    Sending,
    /// Posts or their files are on their way to relay and scheduler.
    HandingOver,
    /// Relay or scheduler have yet to be told something.
    Untold,
    /// A post of this computer is due within minutes.
    DueSoon,
}
