//! What the engine stores of a row.

use roost_core::clock::UnixMillis;
use roost_core::cost::MicroDollars;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::XUserId;
use roost_core::post::Content;
use roost_core::status::Status;
use roost_core::zone::{WallTime, Zone};

use crate::follow_up::MeantFollowUp;
use crate::surroundings::KnownPost;

/// A row that is ready to store: a post to make, or one to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyRow {
    /// Its place in the source, from 1.
    pub row: u32,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// What it says.
    pub content: Content,
    /// When, on the wall clock of `zone`; a draft may have no time.
    pub wall_time: Option<WallTime>,
    /// The zone of the wall time.
    pub zone: Zone,
    /// The instant, in whole seconds.
    pub scheduled_at: Option<UnixMillis>,
    /// [`Status::Pending`] or [`Status::Draft`].
    pub status: Status,
    /// The account; none while none is connected, and of a change where none is named.
    pub account: Option<XUserId>,
    /// Words to find it by, each once.
    pub tags: Vec<String>,
    /// A note to oneself.
    pub note: Option<String>,
    /// The reply that is to follow it.
    pub follow_up: Option<MeantFollowUp>,
    /// Its id in the person's own plan.
    pub own_id: Option<String>,
    /// The name of that plan, where the row itself names it.
    pub plan: Option<String>,
    /// What repeats of it have in common.
    pub duplicate_key: DuplicateKey,
    /// What posting it costs.
    pub cost: MicroDollars,
    /// The waiting post that it changes, as it is now; without one it makes a new one.
    pub updates: Option<KnownPost>,
}

/// A row that is not imported: to be saved with its reason, mended and imported again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its place in the source, from 1; its cells stand in the table of the session.
    pub row: u32,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The cells that a person changed.
    pub changed: Vec<(crate::field::Field, String)>,
    /// Why, in sentences.
    pub reason: String,
}
