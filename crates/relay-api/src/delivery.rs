//! The one outcome of a post, over all its revisions.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, StoreId, TweetId, XUserId};
use roost_core::post::{Content, FollowUp};
use serde::{Deserialize, Serialize};

use crate::Epoch;

/// Where a delivery stands on the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Held for its time.
    Staged,
    /// Due and taken up; the publisher has it.
    Claimed,
    /// The relay waits: a limit, credits, a pause, the account, an early delivery.
    Waiting,
    /// The intent is on disk; the call to X may have left.
    Sending,
    /// May be on X or not; the timeline is being read.
    Unknown,
    /// On X.
    Posted,
    /// Some parts of a thread are on X.
    Partial,
    /// X or the relay refused it for good.
    Refused,
    /// Could not be settled by reading; a person decides.
    Parked,
    /// Withdrawn by the person.
    Withdrawn,
    /// Past its deadline before anyone could post it.
    Expired,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Staged,
        Self::Claimed,
        Self::Waiting,
        Self::Sending,
        Self::Unknown,
        Self::Posted,
        Self::Partial,
        Self::Refused,
        Self::Parked,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// Returns the name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Claimed => "claimed",
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Posted => "posted",
            Self::Partial => "partial",
            Self::Refused => "refused",
            Self::Parked => "parked",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Returns the status under which a person sees this state.
    #[must_use]
    pub const fn status(self) -> roost_core::status::Status {
        use roost_core::status::Status;
        match self {
            Self::Staged | Self::Claimed => Status::Queued,
            Self::Waiting => Status::Held,
            Self::Sending | Self::Unknown => Status::Sending,
            Self::Posted => Status::Posted,
            Self::Partial => Status::Partial,
            Self::Refused => Status::Failed,
            Self::Parked => Status::Unknown,
            Self::Withdrawn => Status::Cancelled,
            Self::Expired => Status::Missed,
        }
    }
}

/// A delivery as the relay tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The post.
    pub post_id: PostId,
    /// The highest revision the relay knows.
    pub revision: Revision,
    /// The account it belongs to, when it was ever staged.
    pub account: Option<XUserId>,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is due.
    pub due_at: Option<UnixMillis>,
    /// Until when the relay waits, when it does.
    pub until: Option<UnixMillis>,
    /// The id on X of the first part.
    pub tweet_id: Option<TweetId>,
    /// Of a thread: the ids on X of the parts that are there, from the first on. Empty for a post of
    /// one part, and from a relay that does not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<TweetId>,
    /// Which failure or reason to wait: a word of the table in `docs/failures.md`.
    pub code: Option<String>,
    /// The same in plain words, X's own words included.
    pub message: Option<String>,
    /// Calls to X so far.
    pub attempts: u32,
    /// When X accepted it.
    pub posted_at: Option<UnixMillis>,
    /// When this last changed.
    pub updated_at: UnixMillis,
}

/// Asks for up to [`crate::BATCH_MAX`] deliveries by post.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lookup {
    /// The posts.
    pub post_ids: Vec<PostId>,
}

/// What the relay knows of the posts asked for; those it never heard of are absent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LookupAnswer {
    /// The database's mark.
    pub epoch: Epoch,
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
}

/// Asks for what is staged of up to [`crate::BATCH_MAX`] posts of a store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextsOf {
    /// The store that the posts live in.
    pub store_id: StoreId,
    /// The posts.
    pub post_ids: Vec<PostId>,
    /// Instead of naming posts: the next [`crate::BATCH_MAX`] of the store after this one, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<PostId>,
}

/// What a relay sends of a post, or sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostTexts {
    /// The post.
    pub post_id: PostId,
    /// The highest revision that the relay knows of it.
    pub revision: Revision,
    /// What it says, as `parts`.
    #[serde(flatten)]
    pub content: Content,
    /// What it replies to, when it is a follow-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up: Option<FollowUp>,
}

/// The answer to [`TextsOf`]; posts of another store, and those whose texts the relay does not keep
/// any more, are absent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextsAnswer {
    /// The texts.
    pub posts: Vec<PostTexts>,
    /// The last post that was looked at, when posts were asked for by place and there may be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<PostId>,
}

/// A person's decision, and what stood before their eyes when they made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What is to be done.
    #[serde(flatten)]
    pub resolve: Resolve,
    /// What they saw. Without it the decision holds for whatever the relay finds; a decision that
    /// may be told twice needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// No person decided: the desktop of a sandbox did, by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_itself: bool,
}

impl From<Resolve> for Decision {
    fn from(resolve: Resolve) -> Self {
        Self { resolve, seen: None, by_itself: false }
    }
}

/// The delivery as a person saw it, from [`Delivery`]. When it has moved on since, the relay
/// answers [`crate::RefusalCode::TooLate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// [`Delivery::revision`].
    pub revision: Revision,
    /// [`Delivery::attempts`].
    pub attempts: u32,
}

/// What a person decides about a parked delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Resolve {
    /// Read the timeline once more.
    Verify,
    /// It is on X, under this id.
    WentOut {
        /// The id that the person found.
        tweet_id: TweetId,
    },
    /// It is not on X: send it again.
    SendAgain,
}

/// Asks the relay to delete on X everything that a post put there. The post must be posted; told
/// twice, it is deleted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The store that the post lives in.
    pub store_id: StoreId,
}

/// Everything of the post is deleted on X.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The ids that are gone, from the first part on.
    pub tweet_ids: Vec<TweetId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_reads_what_was_said_before_there_was_anything_seen() {
        let tweet_id = TweetId("1".to_owned());
        for resolve in [Resolve::Verify, Resolve::SendAgain, Resolve::WentOut { tweet_id }] {
            let old = serde_json::to_value(&resolve).expect("JSON");
            let decision: Decision = serde_json::from_value(old).expect("a decision");
            assert_eq!(decision, resolve.clone().into());
            let seen = Some(Seen { revision: Revision(3), attempts: 2 });
            let new =
                serde_json::to_value(Decision { resolve: resolve.clone(), seen, by_itself: false });
            let new = new.expect("JSON");
            assert_eq!(serde_json::from_value::<Resolve>(new.clone()).expect("as before"), resolve);
            let decision: Decision = serde_json::from_value(new).expect("a decision");
            assert_eq!(decision, Decision { resolve, seen, by_itself: false });
        }
    }
}
