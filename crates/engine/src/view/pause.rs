//! What a pause or a resume came to.

use roost_core::id::XUserId;
use serde::{Deserialize, Serialize};

use super::SyncState;

/// How things stand after a pause or a resume, and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PauseSet {
    /// How things stand.
    #[serde(flatten)]
    pub sync: SyncState,
    /// What it came to.
    pub report: PauseReport,
}

/// What a pause or a resume came to, once the relay has confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PauseReport {
    /// Whether it was a pause.
    pub paused: bool,
    /// The account that it is about; none for everything.
    pub account: Option<XUserId>,
    /// Posts that the relay holds of it. The relay has confirmed all but those that it is sending.
    pub handed_over: u64,
    /// Of these, the ones that are being sent: no pause stops what has begun.
    pub sending: u64,
    /// After a resume: whether the account is still paused, since everything is.
    pub still_paused: bool,
    /// After a resume: posts whose time passed meanwhile, by more than the late policy allows.
    pub late: LateAfterPause,
}

/// What became of posts whose time passed during a pause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LateAfterPause {
    /// How many were taken back from the relay.
    pub posts: u64,
    /// Those of them for which the relay has confirmed it.
    pub confirmed: u64,
    /// Those that go out all the same, under a fresh revision.
    pub goes_out: u64,
    /// Those that wait for the person as missed.
    pub missed: u64,
}
