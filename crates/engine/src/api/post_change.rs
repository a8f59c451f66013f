//! Writing a post: what a host sends to make, change, cancel or settle posts, and what it gets back.

use roost_core::clock::UnixMillis;
use roost_core::failure::Problem;
use roost_core::id::{PostId, Version};
use roost_core::post::Content;
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
    /// A reply of the same account that is to follow it.
    pub follow_up: Option<FollowUpChange>,
    /// The post that is being changed, where a change is checked: it is no neighbour of itself.
    pub editing: Option<PostId>,
}

impl NewPost {
    /// Returns all that it says.
    #[must_use]
    pub fn said(&self) -> Content {
        let texts = || std::iter::once(&self.text).chain(&self.thread).cloned();
        self.content.clone().unwrap_or_else(|| Content::of_texts(texts()))
    }
}

/// A reply of the same account that follows a post once that is on X. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct FollowUpChange {
    /// What it says; an empty text removes it.
    pub text: Option<String>,
    /// How many minutes after its post it goes out; without one, 10.
    pub after_minutes: Option<u32>,
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
    /// What to change of the reply that follows it, or the reply that is to follow it from now on.
    pub follow_up: Option<FollowUpChange>,
    /// Schedules a cancelled, failed or missed post again with the change. A cancelled one is given
    /// no time without it.
    pub restore: bool,
    /// A draft stays one with the time that is given.
    pub keep_draft: bool,
    /// The version that the person saw. When the post has another by now, nothing is changed, and the
    /// error says what the post is. Without it the change overwrites whatever is there.
    pub based_on: Option<Version>,
    /// Whether this saves the change that is kept beside the post, which ends with it.
    pub ends_unsaved: bool,
}

impl Edit {
    /// Returns whether it changes what goes out, rather than how the person sorts it.
    pub(crate) fn touches_delivery(&self) -> bool {
        let rest = Self {
            tags: self.tags.clone(),
            based_on: self.based_on,
            ends_unsaved: self.ends_unsaved,
            ..Self::default()
        };
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
