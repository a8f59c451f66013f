//! What the person prefers, as a host reads and changes it.

use std::path::PathBuf;

use roost_core::cost::Prices;
use roost_core::notice::NoticeChannels;
use roost_core::post::LatePolicy;
use serde::{Deserialize, Serialize};

/// What the person prefers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Preferences {
    /// The zone in which the person thinks.
    pub zone: String,
    /// Windows to hand over, counting the current one.
    pub horizon_windows: u32,
    /// The longest delay that the scheduler's plan takes, in days: no horizon reaches beyond it. 7 on
    /// QStash's free plan.
    pub plan_delay_days: u32,
    /// What to do with posts that were never handed over in time.
    pub late: LatePolicy,
    /// What to do with an account's posts when X no longer accepts its sign-in.
    pub when_disconnected: WhenDisconnected,
    /// What X charges for a post. What went out keeps the cost that it had.
    pub prices: Prices,
    /// An import warns of posts of an account that are closer to each other than this, in minutes; 0
    /// for none.
    pub collision_minutes: u32,
    /// The folder whose files are opened as imports that wait for the person's yes; `None` for none.
    pub watched_folder: Option<PathBuf>,
    /// What the backups beside the store may take together, in bytes. The newest stays in any case.
    pub backup_bytes_max: u64,
    /// Whether the window's program starts, hidden, when the person logs in. The window keeps the system
    /// to it.
    #[serde(default)]
    pub start_at_login: bool,
    /// How the person is told of what.
    #[serde(default)]
    pub notices: NoticeChannels,
    /// What X may charge in a month before Roost warns, in micro-dollars; none for no warning.
    #[serde(default)]
    pub month_budget_micros: Option<i64>,
}

/// What becomes of an account's pending posts when X no longer accepts its sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum WhenDisconnected {
    /// They wait, and go on after the next sign-in.
    #[default]
    Hold,
    /// They are cancelled; each can be scheduled again.
    Cancel,
}
