//! Staging a post on the relay, and withdrawing it.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, StoreId, TweetId, XUserId};
use roost_core::post::{BodyHash, Content, FollowUp};
use serde::{Deserialize, Serialize};

use crate::{DeliveryState, Epoch};

/// One post under one revision, as the relay is to send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The post.
    pub post_id: PostId,
    /// The revision under which it is armed.
    pub revision: Revision,
    /// The account that is to post it.
    pub account: XUserId,
    /// What it says, as `parts`; at least one. A relay that does not know all of their fields
    /// ([`crate::RelayStatus::part_fields`]) is not given it.
    #[serde(flatten)]
    pub content: Content,
    /// The hash of that content: a relay that reads less than was sent notices it. Not told by older
    /// desktops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<BodyHash>,
    /// When it is due.
    pub due_at: UnixMillis,
    /// After this it must not go out any more.
    pub not_after: UnixMillis,
    /// What it replies to, when it is a follow-up. Its own times are then the earliest: where its parent
    /// went out later, they move by as much. The body hash is that of the content with the tie
    /// ([`BodyHash::tied_to`]). Only a relay that says so ([`crate::RelayStatus::follow_ups`]) is given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<StagedFollowUp>,
}

/// What a follow-up replies to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedFollowUp {
    /// The parent, and how long after it.
    #[serde(flatten)]
    pub tie: FollowUp,
    /// Where the parent is on X, when the desktop knows that it is: a relay that lost its database, or
    /// another than sent the parent, does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_on_x: Option<ParentOnX>,
}

/// A parent that is on X.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentOnX {
    /// The id on X of its last part.
    pub tweet_id: TweetId,
    /// When X took it.
    pub posted_at: UnixMillis,
}

/// Up to [`crate::BATCH_MAX`] posts to stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageBatch {
    /// The store that these posts live in.
    pub store_id: StoreId,
    /// The posts.
    pub items: Vec<Stage>,
}

/// What the relay did with one staged post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageOutcome {
    /// Durable on the relay; the same request again answers the same.
    Staged,
    /// This revision is here with another body, or a higher one is: arm above `highest`.
    Conflict,
    /// Some revision of the post is sending, unknown, posted or partial.
    TooLate,
    /// The relay does not know the account.
    UnknownAccount,
    /// The row itself is wrong (no part, not_after before due_at, text over the limit of size).
    Invalid,
    /// The relay does not know all that the post has, and keeps none of it: it is to be updated. Only
    /// a desktop that told [`Stage::body_hash`] is answered so.
    Outdated,
    /// The relay does not have all files that the post names ([`StageResult::missing_media`]): upload
    /// them and stage again. Never the answer to a post without media.
    MediaMissing,
}

/// The answer for one staged post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageResult {
    /// The post.
    pub post_id: PostId,
    /// The revision that was asked for.
    pub revision: Revision,
    /// What happened.
    pub outcome: StageOutcome,
    /// The highest revision the relay knows of this post, withdrawals included.
    pub highest: Revision,
    /// The delivery's state now, when the relay knows the post.
    pub state: Option<DeliveryState>,
    /// Why not, in plain words, when it was not staged.
    pub message: Option<String>,
    /// The digests of the files that the relay lacks, each once, with [`StageOutcome::MediaMissing`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_media: Vec<String>,
}

/// The answer to a [`StageBatch`], in the order of its items.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StageAnswer {
    /// The database's mark.
    pub epoch: Epoch,
    /// One result per item.
    pub results: Vec<StageResult>,
}

/// Withdraws a post: nothing at or below `revision` goes out after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdraw {
    /// The post.
    pub post_id: PostId,
    /// The withdrawal's own revision, above every arming.
    pub revision: Revision,
}

/// Up to [`crate::BATCH_MAX`] withdrawals.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawBatch {
    /// The store that these posts live in.
    pub store_id: StoreId,
    /// The withdrawals.
    pub items: Vec<Withdraw>,
}

/// What the relay did with one withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawOutcome {
    /// Proven: nothing at or below the revision goes out. Also for a post never staged here.
    Withdrawn,
    /// A higher revision stands; this withdrawal is stale.
    Stale,
    /// Some revision of the post is sending, unknown, posted or partial.
    TooLate,
}

/// The answer for one withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawResult {
    /// The post.
    pub post_id: PostId,
    /// The withdrawal's revision.
    pub revision: Revision,
    /// What happened.
    pub outcome: WithdrawOutcome,
    /// The highest revision the relay knows of this post.
    pub highest: Revision,
    /// The delivery's state now.
    pub state: Option<DeliveryState>,
}

/// The answer to a [`WithdrawBatch`], in the order of its items.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithdrawAnswer {
    /// The database's mark.
    pub epoch: Epoch,
    /// One result per item.
    pub results: Vec<WithdrawResult>,
}
