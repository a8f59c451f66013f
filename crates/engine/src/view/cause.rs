//! What failed, waits or was missed, by what it has in common.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

use crate::NextStep;

/// Posts that failed, wait or were missed for one reason: one action settles them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Cause {
    /// What it is called in a request: `missed:missed`, `failed:duplicate_content:42`. The last part is
    /// the account at X, where the reason is the account's own.
    pub id: String,
    /// Where its posts stand.
    pub state: CauseState,
    /// The reason.
    pub code: Code,
    /// The reason in plain words.
    pub message: String,
    /// What to do about it, in plain words.
    pub remedy: String,
    /// What X or the relay said of it beside.
    pub said: Option<String>,
    /// The handle of the account, without `@`, where the reason is the account's own.
    pub account: Option<String>,
    /// How many posts it has.
    pub posts: u64,
    /// When the first of them is, or was, due.
    pub first_due: Option<UnixMillis>,
    /// What can be done with all of them.
    pub actions: Vec<CauseAct>,
    /// What ends the reason itself.
    pub next_steps: Vec<NextStep>,
}

/// Where the posts of a cause stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum CauseState {
    /// They failed.
    Failed,
    /// Their time passed.
    Missed,
    /// Nobody can say whether they are on X.
    NeedsCheck,
    /// They wait, on the relay or here.
    Waiting,
}

/// What can be done with all posts of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum CauseAct {
    /// Failed and missed posts are scheduled again: at their times, where these are still to come, else
    /// from now on in their order, a minute apart for each account. What waits is tried at once. What
    /// needs a check is looked for once more.
    Retry,
    /// They get new times in their order, at equal distances.
    Reschedule,
    /// They are cancelled.
    Cancel,
}

/// What became of posts that one action was about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BulkDone {
    /// Those with which it was done.
    pub done: Vec<PostId>,
    /// Those with which it could not be done, each with the reason. They are as they were.
    pub refused: Vec<RefusedPost>,
}

/// A post with which something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RefusedPost {
    /// The post.
    pub id: PostId,
    /// Why, as a code.
    pub code: Code,
    /// Why, in plain words.
    pub message: String,
}
