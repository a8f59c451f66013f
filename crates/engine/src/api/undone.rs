//! What taking an import back does, or would do, to each post.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

/// What undoing an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Undone {
    /// Posts removed at once: they never left this computer.
    pub removed: u64,
    /// Posts whose withdrawal is asked for; they are cancelled with the relay's acknowledgement.
    pub cancelling: u64,
    /// Posts that stay: they are on X or being sent.
    pub kept: u64,
    /// Posts that the import had changed, and that are as they were before.
    pub restored: u64,
    /// Posts that the import had changed, and that stay as they are.
    pub not_restored: u64,
    /// The first of these posts: those that stay in front, those that are removed last.
    pub posts: Vec<UndonePost>,
}

/// A post of an import that is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UndonePost {
    /// The post.
    pub id: PostId,
    /// The beginning of its first text.
    pub text: String,
    /// When it went or goes out.
    pub at: Option<UnixMillis>,
    /// What becomes of it.
    pub fate: UndoFate,
    /// Why it is not simply taken back, in one sentence.
    pub reason: Option<String>,
}

/// What becomes of a post when its import is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum UndoFate {
    /// It stays: it is on X, or being sent.
    Kept,
    /// The import had changed it, and it stays as it is.
    NotRestored,
    /// Its withdrawal is asked for.
    Cancelling,
    /// The import had changed it, and it is as it was.
    Restored,
    /// It goes to the trash.
    Removed,
}
