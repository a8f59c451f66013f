//! A delivery that is no post's: it takes the way that every delivery takes, and the relay tells how it came.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use serde::{Deserialize, Serialize};

/// A test delivery that the relay waits for, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// What the test delivery names in the place of a post.
    pub probe: PostId,
    /// The relay's clock.
    pub now: UnixMillis,
    /// The addresses that a delivery may be signed for.
    pub accepted_urls: Vec<String>,
    /// How it came; none while it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<ProbeArrival>,
    /// The last delivery that was refused since the test began: it may have been this one, which names
    /// itself only where its signature is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<DeliveryRefusal>,
}

/// How a test delivery came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeArrival {
    /// When, by the relay's clock.
    pub at: UnixMillis,
    /// When the scheduler signed it, by its clock, in whole seconds.
    pub signed_at: UnixMillis,
    /// Whether the next key made the signature: the keys were rotated since the relay heard of them.
    pub by_next_key: bool,
}

/// A delivery that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRefusal {
    /// When, by the relay's clock.
    pub at: UnixMillis,
    /// For what.
    pub kind: RefusedFor,
    /// Why, in the relay's words.
    pub reason: String,
}

/// What a delivery was refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedFor {
    /// The relay knows no signing keys at all.
    NoKeys,
    /// It knows other ones.
    Key,
    /// It was signed for another address.
    Url,
    /// It was signed at another time than the relay's clock shows.
    Clock,
    /// Something else, or what a later release knows.
    #[serde(other)]
    Other,
}

/// Whether X takes an account's sign-in; nothing is posted for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountProof {
    /// X's id of the user.
    pub x_user_id: XUserId,
    /// The handle, without `@`.
    pub username: String,
    /// Why not, where X does not take it or could not be asked; none where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
