//! A post as it stands in the database.

use roost_core::clock::UnixMillis;
use roost_core::cost::Prices;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{ImportId, PostId, Revision, SeriesId, TweetId, Version, XUserId};
use roost_core::post::{BodyHash, Content, FollowUp};
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

use super::withdraw_to::WithdrawTo;
use crate::sql::words;

words! {
    /// The lists of the window; each status stands in one of them.
    List, "list" {
        /// No time, or not armed.
        Drafts = "drafts",
        /// Waiting for their time, here or on the relay.
        Upcoming = "upcoming",
        /// Failed, missed, in part on X, or to be checked.
        NeedsYou = "needs_you",
        /// On X.
        Posted = "posted",
        /// Withdrawn.
        Cancelled = "cancelled",
    }
}

impl List {
    /// The list in which posts of `status` stand. The database derives the same in a column.
    #[must_use]
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Draft => Self::Drafts,
            Status::Pending | Status::Queued | Status::Held | Status::Sending => Self::Upcoming,
            Status::Partial | Status::Unknown | Status::Failed | Status::Missed => Self::NeedsYou,
            Status::Posted => Self::Posted,
            Status::Cancelled => Self::Cancelled,
        }
    }
}

/// When a post is planned: the instant, and what the person meant by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The instant. Kept in whole seconds, rounded up, so that nothing is early.
    pub at: UnixMillis,
    /// The wall time as the person meant it.
    pub wall_time: String,
    /// The IANA zone of the wall time.
    pub zone: String,
}

/// The person's own id of a post, which counts within a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OwnId {
    /// The name of the plan; empty for the one that has no name.
    pub plan: String,
    /// The id.
    pub id: String,
}

/// Which time of which series a post was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The series.
    pub series: SeriesId,
    /// The wall time of its rule: `2027-03-01 09:00`. It stays when the post gets another time.
    pub wall_time: String,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Post {
    /// Its place in the order of making; what a [`Cursor`](super::Cursor) goes by.
    pub seq: i64,
    /// Its id.
    pub id: PostId,
    /// The account that is to post it.
    pub account: Option<XUserId>,
    /// Its text; of a thread, the first.
    pub content: String,
    /// What repeats of all that it says have in common.
    #[serde(rename = "content_hash")]
    pub duplicate_key: DuplicateKey,
    /// The hash of all that it says, to the letter; none where the words were damaged already when
    /// stores began to keep it.
    #[serde(skip)]
    pub body_hash: Option<BodyHash>,
    /// What X charges for it, in micro-dollars.
    pub cost_micros: i64,
    /// Whether X bills a part of it as one with a link.
    #[serde(skip)]
    pub has_link: bool,
    /// When it is planned.
    pub schedule: Option<Schedule>,
    /// Where it stands.
    pub status: Status,
    /// Its newest arming or withdrawal.
    pub revision: Revision,
    /// Its newest version: what a request that a person based on an older one is held against.
    pub version: Version,
    /// The highest revision that may have reached the relay; 0 when none.
    pub offered_revision: Revision,
    /// The relay that was offered it, by its public address. None while it is for whichever is in
    /// use.
    pub offered_to: Option<String>,
    /// The highest revision whose withdrawal is proven; 0 when none.
    pub withdrawn_revision: Revision,
    /// What it becomes once the withdrawal that is on its way is proven.
    pub withdraw_to: Option<WithdrawTo>,
    /// The scheduler's message for the newest arming.
    pub qstash_message_id: Option<String>,
    /// Whether there is such a message. The database derives it.
    pub synced_to_qstash: bool,
    /// Since when there is.
    pub synced_at: Option<UnixMillis>,
    /// Until when the relay waits; the reason is in the error fields.
    pub held_until: Option<UnixMillis>,
    /// Its id on X; of a thread, the first part's.
    pub tweet_id: Option<TweetId>,
    /// Why it failed or waits: a word of the closed set of codes.
    pub error_code: Option<String>,
    /// The same in plain words, X's own included.
    pub error_message: Option<String>,
    /// Calls to X so far.
    pub retry_count: u32,
    /// When X took it.
    pub posted_at: Option<UnixMillis>,
    /// When it failed.
    pub failed_at: Option<UnixMillis>,
    /// The import that it came with.
    pub import_id: Option<ImportId>,
    /// Its row in that file.
    pub import_row: Option<u32>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
    /// Since when it is in the trash.
    pub deleted_at: Option<UnixMillis>,
    /// The post that went out with its old words, when this is the draft that keeps what an edit of
    /// it had meant.
    pub late_edit_of: Option<PostId>,
    /// Since when it is deleted on X, after it had been there.
    pub gone_from_x_at: Option<UnixMillis>,
    /// The person's own id of it.
    pub own_id: Option<OwnId>,
    /// A note to oneself, which never leaves this computer.
    pub note: Option<String>,
    /// Which time of which series it was made for.
    pub occurrence: Option<Occurrence>,
    /// The post that it follows as a reply, and how long after it.
    pub follow_up: Option<FollowUp>,
}

impl Post {
    /// Whether the relay may still send some revision of it, so that only its word makes sure that
    /// it does not. A post that needs a check is among them: a decision to send it again may have
    /// reached the relay already.
    #[must_use]
    pub fn may_be_on_relay(&self) -> bool {
        self.offered_revision > self.withdrawn_revision
            && matches!(
                self.status,
                Status::Draft
                    | Status::Pending
                    | Status::Queued
                    | Status::Held
                    | Status::Sending
                    | Status::Unknown
                    | Status::Partial
            )
    }

    /// Whether a person sees no difference between this and `other`, tags aside. The way from this
    /// computer to X is none: a post that relay and scheduler took over is what it was.
    #[must_use]
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let is_on_its_way = |post: &Self| post.list() == List::Upcoming;
        (self.status == other.status || (is_on_its_way(self) && is_on_its_way(other)))
            && self.body_hash == other.body_hash
            && self.schedule == other.schedule
            && self.account == other.account
            && self.withdraw_to == other.withdraw_to
            && self.deleted_at == other.deleted_at
            && self.gone_from_x_at == other.gone_from_x_at
            && self.own_id == other.own_id
            && self.note == other.note
            && self.occurrence == other.occurrence
            && self.follow_up == other.follow_up
    }

    /// Returns whether `content`, as it is kept for this post, is what was written. SQLite's own checks
    /// miss most single flipped bits; damaged words are never to be posted.
    #[must_use]
    pub fn is_intact(&self, content: &Content) -> bool {
        self.body_hash.is_some_and(|hash| hash.matches(content))
    }

    /// Makes the row say `content`: the first text, and all that follows from the whole.
    pub(super) fn say(&mut self, content: &Content, prices: &Prices) {
        content.first_text().clone_into(&mut self.content);
        self.duplicate_key = content.duplicate_key();
        self.body_hash = Some(content.body_hash());
        self.cost_micros = content.cost_at(prices).0;
        self.has_link = content.has_link();
    }

    /// Returns the list in which it stands.
    #[must_use]
    pub const fn list(&self) -> List {
        List::of(self.status)
    }

    /// Returns the moment under which it stands there.
    #[must_use]
    pub fn list_at(&self) -> UnixMillis {
        let planned = self.schedule.as_ref().map(|schedule| schedule.at);
        self.posted_at.or(planned).unwrap_or(self.created_at)
    }
}
