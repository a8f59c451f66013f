//! What the window and the command line ask for: plain structs, judged by the engine.

use roost_core::clock::UnixMillis;
use roost_core::failure::{Problem, Problems};
use roost_core::id::{ImportId, PostId, Version};
use roost_core::post::{Content, DuplicatePolicy, LatePolicy, PastPolicy};
use serde::{Deserialize, Serialize};

use crate::view::{Length, PostRow};

/// A post to be made, or its text being typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct NewPost {
    /// The text.
    pub text: String,
    /// Further parts: each is a reply to the one before.
    pub thread: Vec<String>,
    /// All that it says, media and polls included. Where it is given, `text` and `thread` are not read.
    pub content: Option<Content>,
    /// The wall time: `2027-03-01 00:20`. Without one the post is a draft.
    pub wall_time: Option<String>,
    /// The zone of that wall time; `None` takes the store's.
    pub zone: Option<String>,
    /// The account, as handle with or without `@`, or as X user id; `None` takes the only one.
    pub account: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Keep it as a draft even with a time.
    pub draft: bool,
}

impl NewPost {
    /// Returns all that it says.
    #[must_use]
    pub fn said(&self) -> Content {
        let texts = || std::iter::once(&self.text).chain(&self.thread).cloned();
        self.content.clone().unwrap_or_else(|| Content::of_texts(texts()))
    }
}

/// What to change of a post. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct Edit {
    /// The new text.
    pub text: Option<String>,
    /// The new further parts.
    pub thread: Option<Vec<String>>,
    /// All that it is to say. Where it is given, `text` and `thread` are not read; without it, parts
    /// keep what they have beside their texts.
    pub content: Option<Content>,
    /// The new wall time; an empty one makes it a draft.
    pub wall_time: Option<String>,
    /// The new zone.
    pub zone: Option<String>,
    /// The new account.
    pub account: Option<String>,
    /// The new tags.
    pub tags: Option<Vec<String>>,
    /// Schedules a cancelled, failed or missed post again with the change. A cancelled one is given
    /// no time without it.
    pub restore: bool,
    /// The version that the person saw. When the post has another by now, nothing is changed, and the
    /// error says what the post is. Without it the change overwrites whatever is there.
    pub based_on: Option<Version>,
}

impl Edit {
    /// Returns whether it changes what goes out, rather than how the person sorts it.
    pub(crate) fn touches_delivery(&self) -> bool {
        let rest = Self { tags: self.tags.clone(), based_on: self.based_on, ..Self::default() };
        *self != rest
    }

    /// Returns what a post is to say that says `known`; `None` when that stays.
    pub(crate) fn said(&self, known: &Content) -> Option<Content> {
        if self.content.is_some() || (self.text.is_none() && self.thread.is_none()) {
            return self.content.clone();
        }
        let mut texts = known.to_texts();
        let further = texts.split_off(1.min(texts.len()));
        let first = self.text.clone().unwrap_or_else(|| known.first_text().to_owned());
        let mut edited = vec![first];
        edited.extend(self.thread.clone().unwrap_or(further));
        Some(known.clone().with_texts(edited))
    }
}

/// A post that something is to be done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The post.
    pub id: PostId,
    /// The version that the person saw; `None` takes the post as it is.
    #[serde(default)]
    pub based_on: Option<Version>,
}

impl Target {
    /// Returns the post as the person saw it.
    #[must_use]
    pub const fn seen(id: PostId, version: Version) -> Self {
        Self { id, based_on: Some(version) }
    }
}

impl From<PostId> for Target {
    fn from(id: PostId) -> Self {
        Self { id, based_on: None }
    }
}

/// A post that was changed after the version on which a request was based. Nothing was done with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Stale {
    /// The version that the person saw.
    pub based_on: Version,
    /// What the post is now.
    pub now: PostRow,
}

/// What the composer says of a post while it is typed. Nothing is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Verdict {
    /// X's weighted length of the text, and the limit.
    pub length: Length,
    /// What posting it costs, in micro-dollars.
    pub cost_micros: i64,
    /// The instant that the wall time means.
    pub scheduled_at: Option<UnixMillis>,
    /// What must be mended before it can be scheduled.
    pub errors: Vec<Problem>,
    /// What the person should know.
    pub warnings: Vec<Problem>,
}

/// What became of a cancellation of several posts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Cancelled {
    /// Withdrawn, and it is proven.
    pub cancelled: Vec<PostId>,
    /// Asked for; the relay has not acknowledged yet.
    pub cancelling: Vec<PostId>,
    /// Not any more: being sent, on X, or cancelled before.
    pub too_late: Vec<PostId>,
    /// Changed after the version that the person saw: nothing was done with these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<Stale>,
}

impl Cancelled {
    /// Those that are withdrawn, proven or not yet.
    pub fn withdrawn(&self) -> impl Iterator<Item = PostId> {
        self.cancelled.iter().chain(&self.cancelling).copied()
    }
}

/// How to import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct ImportOptions {
    /// The file's name, for messages and the list of imports.
    pub source: String,
    /// The account for posts that name none.
    pub account: Option<String>,
    /// The zone, for files that name none.
    pub zone: Option<String>,
    /// What to do with times in the past.
    pub past: PastPolicy,
    /// What to do with texts that are there already.
    pub duplicates: DuplicatePolicy,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportReport {
    /// The file's name.
    pub source: String,
    /// The import; `None` for a rehearsal, a refused file, or when nothing was left to import.
    pub import_id: Option<ImportId>,
    /// Whether nothing was written because only a rehearsal was asked for.
    pub dry_run: bool,
    /// Rows in the file.
    pub rows: u64,
    /// Posts that were (or would be) scheduled.
    pub scheduled: u64,
    /// Posts that were (or would be) kept as drafts.
    pub drafts: u64,
    /// Rows left out because of their time or as duplicates.
    pub skipped: u64,
    /// Of these, duplicates.
    pub duplicates: u64,
    /// The first rows that were left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Posts with a link.
    pub with_link: u64,
    /// What posting all of it costs, in micro-dollars.
    pub cost_micros: i64,
    /// The first time.
    pub first_at: Option<UnixMillis>,
    /// The last time.
    pub last_at: Option<UnixMillis>,
    /// The zone of the times.
    pub zone: String,
    /// What must be mended; when there is one, nothing was written.
    pub errors: Problems,
    /// What the person should know.
    pub warnings: Problems,
}

/// A row that was left out of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LeftOut {
    /// Its place in the file, from 1.
    pub row: u32,
    /// Why, in plain words.
    pub reason: String,
}

/// What undoing an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Undone {
    /// Posts removed at once: they never left this computer.
    pub removed: u64,
    /// Posts whose withdrawal was asked for; they are cancelled with the relay's acknowledgement.
    pub cancelling: u64,
    /// Posts that stay: they are on X or being sent.
    pub kept: u64,
}

/// What the person found out about a post that needs a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Finding {
    /// Read the timeline once more.
    Verify,
    /// It is on X.
    WentOut {
        /// Its address on X or its id, as the person has it.
        tweet: String,
    },
    /// It is not on X: send it again.
    SendAgain,
}

/// What was saved, and what the person should know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Saved {
    /// The post after the change.
    pub post: PostRow,
    /// What the person should know.
    pub warnings: Vec<Problem>,
}

/// What the person prefers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Preferences {
    /// The zone in which the person thinks.
    pub zone: String,
    /// Windows to hand over, counting the current one.
    pub horizon_windows: u32,
    /// What to do with posts that were never handed over in time.
    pub late: LatePolicy,
    /// What to do with an account's posts when X no longer accepts its sign-in.
    pub when_disconnected: WhenDisconnected,
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

impl ImportReport {
    /// The report of a file that was refused as a whole.
    pub(crate) fn nothing(zone: &roost_core::zone::Zone) -> Self {
        Self {
            source: String::new(),
            import_id: None,
            dry_run: false,
            rows: 0,
            scheduled: 0,
            drafts: 0,
            skipped: 0,
            duplicates: 0,
            left_out: Vec::new(),
            with_link: 0,
            cost_micros: 0,
            first_at: None,
            last_at: None,
            zone: zone.name().to_owned(),
            errors: Problems::default(),
            warnings: Problems::default(),
        }
    }
}
