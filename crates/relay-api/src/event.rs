//! The feed of what happened on the relay, in order, without gaps.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use serde::{Deserialize, Serialize};

use crate::{Account, Delivery, Epoch};

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EventKind {
    /// A delivery changed; it is told whole, so that the newest event suffices.
    Delivery {
        /// The delivery after the change.
        delivery: Delivery,
    },
    /// An account changed.
    Account {
        /// The account after the change.
        account: Account,
    },
}

impl EventKind {
    /// Returns the post that the event is about.
    #[must_use]
    pub fn post_id(&self) -> Option<PostId> {
        match self {
            Self::Delivery { delivery } => Some(delivery.post_id),
            Self::Account { .. } => None,
        }
    }

    /// Returns the account that the event is about.
    #[must_use]
    pub fn account(&self) -> Option<&XUserId> {
        match self {
            Self::Delivery { delivery } => delivery.account.as_ref(),
            Self::Account { account } => Some(&account.x_user_id),
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the feed: 1, 2, 3 …
    pub seq: i64,
    /// When it was written.
    pub at: UnixMillis,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// A page of the feed. An empty one means that nothing happened while the relay waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPage {
    /// The database's mark. When it differs from the one known, send a manifest first.
    pub epoch: Epoch,
    /// Events after the cursor, oldest first.
    pub events: Vec<Event>,
    /// The cursor for the next page: the last event's `seq`, or the one asked with.
    pub cursor: i64,
    /// The newest `seq` of the feed. Below the known cursor, the database went back in time.
    pub head: i64,
}
