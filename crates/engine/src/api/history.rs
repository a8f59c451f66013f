//! History: the steps, and what undoing or redoing them does.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

/// Asks for steps of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListHistory {
    /// Steps before this one; `None` begins with the newest.
    pub before: Option<i64>,
    /// Steps at most; 0 means 50.
    pub limit: u32,
}

/// Steps of history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct History {
    /// The steps, newest first.
    pub steps: Vec<HistoryStep>,
    /// What `before` is to be for the next page; `None` on the last.
    pub next: Option<i64>,
    /// The step that is undone next; `None` when there is none.
    pub undo: Option<i64>,
    /// The step that is redone next; `None` when there is none.
    pub redo: Option<i64>,
    /// Rises with every step, undo and redo: what a request says it is based on.
    pub newest: i64,
}

/// One thing that the person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HistoryStep {
    /// Its place among all steps, by which it is named.
    pub id: i64,
    /// When.
    pub at: UnixMillis,
    /// What the command is called: `edit`, `import`, `posts.shift`.
    pub label: String,
    /// The same with what it touched, for people: `Moved 12 posts`.
    pub title: String,
    /// What tells it from others: the text of its only post, the file of an import, the account.
    pub about: Option<String>,
    /// How many posts it touched.
    pub posts: u64,
    /// Whether it is in force.
    pub state: StepState,
    /// Since when it is undone.
    pub undone_at: Option<UnixMillis>,
    /// Why it can't be undone, for a step of a kind that never can.
    pub cannot: Option<String>,
}

/// Whether a step is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It is, and can be undone.
    Done,
    /// It is undone, and can be redone.
    Undone,
    /// It is undone, and can't be redone: something else was done since.
    Superseded,
    /// It is of a kind that can't be undone.
    Final,
}

/// Undoes or redoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct MoveInHistory {
    /// Undo: this step and all newer ones. Redo: all up to this step. `None` is one step alone.
    pub to: Option<i64>,
    /// `newest` of the history that the person saw. When something was done since, nothing is changed.
    pub based_on: Option<i64>,
}

/// What undoing or redoing did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Reversal {
    /// Whether nothing was written because only a rehearsal was asked for.
    pub dry_run: bool,
    /// The steps, in the order in which they are undone or redone.
    pub steps: Vec<ReversedStep>,
    /// Steps between them that stay, since they are of a kind that can't be undone.
    pub passed: Vec<HistoryStep>,
    /// Posts that are as they were before the step, or after it.
    pub done: u64,
    /// Posts that are so once the relay confirms that they will not go out.
    pub asked: u64,
    /// Posts whose time has passed, so that they become drafts.
    pub drafts: u64,
    /// Posts that stay as they are.
    pub kept: u64,
    /// The posts, those that stay first; at most 1,000.
    pub posts: Vec<ReversedPost>,
    /// `newest` of the history after it.
    pub newest: i64,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReversedStep {
    /// The step.
    pub step: HistoryStep,
    /// How many of its posts are changed.
    pub changed: u64,
    /// How many stay as they are.
    pub kept: u64,
    /// What became of settings and posting times.
    pub message: Option<String>,
}

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReversedPost {
    /// The step.
    pub step: i64,
    /// The post.
    pub id: PostId,
    /// The beginning of its text; empty when it is deleted for good.
    pub text: String,
    /// What became of it.
    pub outcome: PostReversal,
    /// The same in a sentence, or why it stays.
    pub message: String,
}

/// What became of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum PostReversal {
    /// It stays as it is.
    Kept,
    /// Its time has passed: it becomes a draft.
    Draft,
    /// It is so once the relay confirms.
    Asked,
    /// It is done.
    Done,
}

/// Asks for posts in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListTrash {
    /// Posts at most; 0 means 200.
    pub limit: u32,
}

/// The trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Trash {
    /// Deleted posts, the one deleted last first.
    pub posts: Vec<TrashedPost>,
}

/// A deleted post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TrashedPost {
    /// The post.
    pub id: PostId,
    /// Its text; of a thread, the first.
    pub text: String,
    /// When it was planned, as the person meant it.
    pub wall_time: Option<String>,
    /// The zone of that time.
    pub zone: Option<String>,
    /// When it was deleted.
    pub deleted_at: UnixMillis,
}

/// What became of posts that were to be taken out of the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Restored {
    /// The posts, in the order asked for.
    pub posts: Vec<RestoredPost>,
}

/// A post that was to be taken out of the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RestoredPost {
    /// The post.
    pub id: PostId,
    /// What became of it.
    pub outcome: PostReversal,
    /// The same in a sentence.
    pub message: String,
}
