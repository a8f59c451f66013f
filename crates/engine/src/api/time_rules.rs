//! Posts that changed clock rules of their zones would move.

use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

use super::PostTime;

/// What changed clock rules would move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MovedTimes {
    /// The version of the zone rules that all other posts agree with; none before the first.
    pub tzdb_before: Option<String>,
    /// The version that decides now.
    pub tzdb_now: String,
    /// The posts, the soonest first; the first thousand of them.
    pub posts: Vec<MovedTime>,
    /// How many there are.
    pub total: u64,
}

/// A post that changed clock rules would move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MovedTime {
    /// The post.
    pub id: PostId,
    /// The beginning of its text.
    pub excerpt: String,
    /// What it was planned for.
    pub planned: PostTime,
    /// Its time when it keeps the time of day: another instant.
    pub keeping_wall_time: PostTime,
    /// Its time when it keeps the instant: another time of day.
    pub keeping_instant: PostTime,
}

/// Settles what changed clock rules would move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SettleMovedTimes {
    /// Whether the posts stay at their instants rather than at their times of day.
    pub keep_instant: bool,
    /// Which of them; none means all.
    #[serde(default)]
    pub posts: Vec<PostId>,
    /// Only says what would become of them.
    #[serde(default)]
    pub dry_run: bool,
}
