//! Changing many posts at once: which posts, and what a host is shown before and after.

use roost_core::clock::UnixMillis;
use roost_core::failure::Problem;
use roost_core::id::{PostId, Version, XUserId};
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

use super::post_change::Target;
use super::reschedule::TimeChange;
use super::rewrite::RewriteChange;
use crate::view::PostQuery;

/// Which posts are changed: those named and those that a query finds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// The posts; one that was changed after the version that the person saw is refused.
    pub posts: Vec<Target>,
    /// All posts that a query finds, whatever page it asks for; beside `posts`.
    pub query: Option<PostQuery>,
}

/// Gives many posts new times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct Reschedule {
    /// Which posts.
    pub selection: Selection,
    /// What becomes of their times.
    pub change: TimeChange,
    /// How it is applied.
    #[serde(default)]
    pub terms: BulkTerms,
}

/// Changes what many posts say, or how they are sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// Which posts.
    pub selection: Selection,
    /// What becomes of them.
    pub change: RewriteChange,
    /// How it is applied.
    #[serde(default)]
    pub terms: BulkTerms,
}

/// How a change of many posts is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct BulkTerms {
    /// Leaves out what can't be changed. Without it nothing is changed where one post can't be.
    pub skip_refused: bool,
    /// Schedules failed, missed and cancelled posts again with their new times; without it they are
    /// refused.
    pub restore: bool,
    /// The token of the preview that the person agreed to. Where the change would come out otherwise by
    /// now, nothing is changed.
    pub token: Option<String>,
}

/// A change of many posts, as it would be or as it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BulkEdit {
    /// Each selected post, in the order of the times it had; those without a time last.
    pub posts: Vec<BulkEditRow>,
    /// How many are changed.
    pub changed: u32,
    /// How many stay as they are.
    pub unchanged: u32,
    /// How many can't be changed.
    pub refused: u32,
    /// Of the refused, how many would stand in the past.
    pub past: u32,
    /// How many come too near to another post of their account.
    pub colliding: u32,
    /// What all selected posts cost before, in micro-dollars.
    pub cost_before_micros: i64,
    /// What they cost after it.
    pub cost_after_micros: i64,
    /// The first instant of those that are changed and have a time.
    pub first_at: Option<UnixMillis>,
    /// The last.
    pub last_at: Option<UnixMillis>,
    /// What it takes of the scheduler.
    pub messages: MessagesNeeded,
    /// Stands for all that is shown here: `terms.token` of the request that applies it.
    pub token: String,
    /// Whether it was done, rather than shown.
    pub is_applied: bool,
}

/// What a change takes of the scheduler's messages: one for each post that is handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MessagesNeeded {
    /// Messages for changed posts within the horizon, which are handed over anew or for the first time.
    pub needed: u32,
    /// Posts that are taken back from the scheduler: they move beyond the horizon or become drafts.
    pub withdrawn: u32,
    /// Messages that the scheduler took from this store since midnight in UTC, when its day begins.
    pub used_today: u32,
    /// How many more QStash's free plan takes today; `None` for the scheduler on this computer, which
    /// has no quota. Other plans take more.
    pub free_plan_left: Option<u32>,
    /// Posts that stay Pending for now, because the scheduler's quota of the day is used up.
    pub staying_pending: u32,
    /// When the scheduler takes messages again, where its quota is used up.
    pub quota_ends_at: Option<UnixMillis>,
}

/// One post of a selection, before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BulkEditRow {
    /// The post.
    pub id: PostId,
    /// Its version before the change.
    pub version: Version,
    /// The beginning of its text before the change.
    pub excerpt: String,
    /// Its account's handle before the change, without `@`.
    pub username: Option<String>,
    /// What it is before.
    pub before: PostState,
    /// What it is after; `None` where it stays as it is or can't be changed.
    pub after: Option<PostState>,
    /// Where words are found, and what stands there then.
    pub matches: Vec<TextMatch>,
    /// What becomes of it at the scheduler.
    pub handover: HandoverChange,
    /// Why it can't be changed.
    pub refused: Option<Problem>,
    /// What the person should know.
    pub warnings: Vec<Problem>,
}

/// What a change of many posts can touch of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PostState {
    /// Where it stands.
    pub status: Status,
    /// When it is planned; a draft may have no time.
    pub time: Option<PostTime>,
    /// Its account.
    pub account: Option<XUserId>,
    /// The texts of its parts, where the change is of words; else empty.
    pub texts: Vec<String>,
    /// Its tags, where the change is of tags; else empty.
    pub tags: Vec<String>,
    /// Its note, where the change is of notes.
    pub note: Option<String>,
    /// What posting it costs, in micro-dollars; nothing where it is not to go out any more.
    pub cost_micros: i64,
    /// Whether it is in the trash.
    #[serde(default)]
    pub is_deleted: bool,
}

/// The time of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PostTime {
    /// The instant.
    pub at: UnixMillis,
    /// What clocks show then: `2027-03-01 09:00`.
    pub wall_time: String,
    /// In which zone.
    pub zone: String,
}

/// A place where words are found in a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TextMatch {
    /// Which part of the thread, from 0.
    pub part: u32,
    /// Which match of the part, from 0.
    pub number: u32,
    /// Where it begins in the part's text, in UTF-16 code units.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The words that are there.
    pub found: String,
    /// The words that stand there then.
    pub replacement: String,
    /// Whether the person leaves this one as it is.
    pub is_skipped: bool,
}

/// What becomes of a post at the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum HandoverChange {
    /// Nothing: it is not handed over, and is not for now; or what changes is not sent.
    None,
    /// It takes a message: it is handed over anew or for the first time.
    Armed,
    /// It is taken back from relay and scheduler.
    Withdrawn,
}
