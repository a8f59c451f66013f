//! A row of cells under a mapping, understood as the post that it means.

mod cells;

use roost_core::clock::UnixMillis;
use roost_core::id::TweetId;
use roost_core::post::Content;
use roost_core::zone::{WallTime, Zone};

pub use cells::{Changes, FieldCell, FieldCells};

/// A row as it is understood, before it is judged. What could not be read was told to the sink and is
/// absent here.
#[derive(Debug, Clone, Default)]
pub struct Meant {
    /// What it says; no part where its text could not be read.
    pub content: Content,
    /// Its time.
    pub when: Option<MeantTime>,
    /// The zone of its time; `None` where the one that it names is none.
    pub zone: Option<Zone>,
    /// Whether the row itself, the file or the person names the zone, and not the settings alone.
    pub zone_is_named: bool,
    /// The account.
    pub account: MeantAccount,
    /// Whether it says of itself that it is a draft.
    pub draft: bool,
    /// Words to find it by, each once.
    pub tags: Vec<String>,
    /// A note to oneself.
    pub note: Option<String>,
    /// Its id in the person's own plan.
    pub own_id: Option<String>,
    /// What its status says beside draft or not.
    pub standing: Standing,
    /// Its id on X, of what went out already.
    pub tweet_id: Option<TweetId>,
}

/// The time of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeantTime {
    /// On the wall clock of the row's zone.
    pub wall: WallTime,
    /// The instant, in whole seconds; `None` where clocks skip the wall time.
    pub at: Option<UnixMillis>,
    /// How it was written.
    pub written: Written,
}

/// How a time was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// As a wall time.
    Wall,
    /// As an instant with an offset, or as a number of seconds or milliseconds.
    Instant,
    /// With `Z` or `+00:00` at its end.
    Utc,
}

/// The account of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum MeantAccount {
    /// None is connected: the post waits for one.
    #[default]
    Awaited,
    /// This one, by its place in [`Surroundings::accounts`](crate::surroundings::Surroundings).
    Known(usize),
    /// One that is not known, or it is not clear which is meant.
    Unclear,
}

/// What a row's status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Standing {
    /// It is still to go out.
    #[default]
    Planned,
    /// It went out already.
    WentOut,
    /// It is not to go out.
    Cancelled,
    /// It is for another network.
    OtherNetwork,
}
