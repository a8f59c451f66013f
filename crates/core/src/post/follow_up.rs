//! What ties a follow-up reply to the post that it answers.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::PostId;

/// How many minutes after its parent a follow-up reply may go out.
pub const FOLLOW_UP_MINUTES: RangeInclusive<u32> = 1..=24 * 60;

/// How many minutes after its parent a follow-up reply goes out where nobody says.
pub const FOLLOW_UP_USUAL_MINUTES: u32 = 10;

/// A post that goes out as a reply to another of the same account, so long after that one went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FollowUp {
    /// The post that it answers; of a thread, the last part.
    pub parent: PostId,
    /// How many minutes after its parent it goes out.
    pub after_minutes: u32,
}

impl FollowUp {
    /// Returns how long after its parent it goes out.
    #[must_use]
    pub const fn delay(self) -> Duration {
        Duration::from_secs(self.after_minutes as u64 * 60)
    }
}
