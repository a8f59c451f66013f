//! Requests about the posts of one cause, and about many drafts.

use serde::{Deserialize, Serialize};

use crate::view::{BulkDone, Cause};

/// Does one thing with all posts that failed, wait or were missed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ActOnCause {
    /// The cause, as it is called in the list.
    pub cause: String,
    /// What to do.
    pub step: CauseStep,
    /// How many posts the person saw. When there are others by now, nothing is done, and the error says
    /// how many there are. Without it the posts are taken as they are.
    #[serde(default)]
    pub posts: Option<u64>,
}

/// What to do with the posts of a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "act", deny_unknown_fields)]
pub enum CauseStep {
    /// Try them again.
    Retry,
    /// Give them new times, in their order.
    Reschedule {
        /// The first one's time: a wall time such as `2027-03-01 09:00`, or an instant.
        from: String,
        /// The zone of that wall time; `None` takes the store's.
        #[serde(default)]
        zone: Option<String>,
        /// How far apart they are, in minutes; `None` means 30.
        #[serde(default)]
        interval_minutes: Option<u32>,
    },
    /// Cancel them.
    Cancel,
}

/// What failed, waits or was missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Causes {
    /// The causes, the most frequent first.
    pub causes: Vec<Cause>,
}

/// What became of the posts of a cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CauseDone {
    /// The cause.
    pub cause: String,
    /// What was done.
    #[serde(flatten)]
    pub done: BulkDone,
}
