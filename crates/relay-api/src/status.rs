//! The relay as a whole: health, pause, coverage, and the manifest after an epoch change.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, StoreId, TweetId, XUserId};
use roost_core::post::Content;
use serde::{Deserialize, Serialize};

use crate::{DeliveryState, Epoch, MediaSpace, StageResult};

/// How the relay is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayStatus {
    /// The database's mark.
    pub epoch: Epoch,
    /// The relay's version.
    pub version: String,
    /// The relay's clock.
    pub now: UnixMillis,
    /// Whether everything is paused.
    pub paused: bool,
    /// The accounts that are paused by themselves; none from a relay that can't pause one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paused_accounts: Vec<XUserId>,
    /// Whether the backstop waits for a manifest.
    pub needs_manifest: bool,
    /// Whether calls to X are only rehearsed.
    pub dry_run: bool,
    /// The newest event.
    pub head: i64,
    /// Deliveries not decided yet.
    pub open: u64,
    /// Deliveries past due, not decided and not waiting by rule.
    pub overdue: u64,
    /// Until when the desktop handed everything over.
    pub covered_until: Option<UnixMillis>,
    /// Posts that wait on the desktop beyond that.
    pub posts_beyond: u64,
    /// How far the relay's clock is ahead of X's (behind, below zero), while that is too far:
    /// nothing is taken up or missed by it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_ahead_ms: Option<i64>,
    /// How the relay's clock differs from others', however little; none from a relay that does not
    /// tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clocks: Option<ClockDifferences>,
    /// The fields of a part that the relay knows; none from a relay that does not tell, which knows
    /// the text alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_fields: Vec<String>,
    /// The fields of a part that the relay sends to X beside the text; none from a relay that does
    /// not tell, which keeps the others and refuses the post when it is due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_fields: Vec<String>,
    /// Whether the relay sends follow-up replies ([`crate::Stage::follow_up`]); one that does not tell would
    /// take such a post for one that stands alone, and is given none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follow_ups: bool,
    /// The room that pictures and videos take; none from a relay that keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaSpace>,
}

impl RelayStatus {
    /// Returns the fields of a content that the relay does not know or does not send: the post is not
    /// given to it.
    #[must_use]
    pub fn unknown_fields(&self, content: &Content) -> Vec<String> {
        let mut fields = content.fields_beyond();
        fields.retain(|field| !self.takes(field));
        fields
    }

    /// Returns whether the relay knows a field of a part and sends it.
    #[must_use]
    pub fn takes(&self, field: &String) -> bool {
        self.part_fields.contains(field) && self.sent_fields.contains(field)
    }
}

/// How far the relay's clock is ahead of others' (behind, below zero), in milliseconds, as last
/// compared; none where nothing was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockDifferences {
    /// Of X's, by the time on its last answer.
    #[serde(default)]
    pub ahead_of_x_ms: Option<i64>,
    /// Of the scheduler's, by the time of its last signature. A signature of the past says nothing:
    /// it may have been on its way, or be sent again; so this is never above zero.
    #[serde(default)]
    pub ahead_of_scheduler_ms: Option<i64>,
}

/// The one flag that fences everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Whether nothing may go out.
    pub paused: bool,
}

/// A pause or a resume with its place among those of its store. Two processes of one store may speak
/// to the relay at once; what was pressed last stands, whichever arrives last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedPause {
    /// What is to be.
    #[serde(flatten)]
    pub pause: Pause,
    /// Its place; without one it holds as it arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<PauseOrder>,
}

/// The place of a pause or a resume among those of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseOrder {
    /// Whose.
    pub store_id: StoreId,
    /// Rises with each.
    pub number: i64,
}

impl From<Pause> for OrderedPause {
    fn from(pause: Pause) -> Self {
        Self { pause, order: None }
    }
}

/// Makes the calling device the one that feeds the relay from a store. Sent when a person chose
/// "take over" after a refusal with [`crate::RefusalCode::OtherStore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takeover {
    /// The store that the device took over.
    pub store_id: StoreId,
}

/// What the desktop tells after each hand-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Until when everything is handed over.
    pub until: UnixMillis,
    /// How many posts wait beyond.
    pub posts_beyond: u64,
}

/// One post of a manifest: what the desktop knows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPost {
    /// The post.
    pub post_id: PostId,
    /// The highest revision, withdrawals included.
    pub revision: Revision,
    /// The state the desktop last heard: a decided one fences the post for good.
    pub state: DeliveryState,
    /// Its id on X, when known.
    pub tweet_id: Option<TweetId>,
    /// When it was due as it was last handed over. Not told by older desktops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<UnixMillis>,
    /// It was handed to a relay that the person called gone, which may have sent it until now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// What was handed over last may have been sent, and is not what the desktop wants by now: a
    /// withdrawal of it was asked for, and no relay acknowledged it, or its words or its account were
    /// changed, and no relay was given them. `revision` is the one that was
    /// handed over. Not told by older desktops.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
}

/// What a desktop sends when it sees a new epoch: all that must not be forgotten.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The epoch that it answers to.
    pub epoch: Epoch,
    /// The store.
    pub store_id: StoreId,
    /// Every post that was ever handed over and is younger than the relay's retention.
    pub posts: Vec<ManifestPost>,
    /// Whether more pages follow; the backstop rests until the last one.
    pub more: bool,
}

/// The relay's answer: posts it did not know are to be staged again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ManifestAnswer {
    /// The database's mark.
    pub epoch: Epoch,
    /// Live posts that the relay lost: stage them again under their revision.
    pub missing: Vec<PostId>,
    /// Posts of which the relay knows more than the manifest said.
    pub newer: Vec<StageResult>,
}
