//! Days of a calendar.

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

use super::{PostRow, StatusCount};

/// Which days of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct AgendaQuery {
    /// The first day, as `2027-03-01`; `None` takes today.
    pub from: Option<String>,
    /// How many days; 0 means 31, and 400 is the most.
    pub days: u32,
    /// The zone on whose clocks a day begins and ends; `None` takes the store's.
    pub zone: Option<String>,
    /// Only this account.
    pub account: Option<XUserId>,
    /// Only these statuses; empty means all.
    pub statuses: Vec<Status>,
    /// So many posts of each day are shown, the earliest first; 200 is the most. Further ones are read as
    /// a list from [`AgendaDay::from`] until [`AgendaDay::until`].
    pub rows_per_day: u32,
    /// Whether the free posting times of each day are wanted, of the account that is asked for or of all.
    pub free_slots: bool,
}

/// Days of a calendar, each with what stands on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Agenda {
    /// The zone on whose clocks the days begin and end.
    pub zone: String,
    /// The days, in order.
    pub days: Vec<AgendaDay>,
}

/// One day: the posts that are planned for it or went out on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AgendaDay {
    /// The day, as `2027-03-01`.
    pub date: String,
    /// Its first moment.
    pub from: UnixMillis,
    /// The first moment after it.
    pub until: UnixMillis,
    /// How many posts there are.
    pub posts: u64,
    /// The same by status, those with none left out.
    pub by_status: Vec<StatusCount>,
    /// The first of them, as many as were asked for.
    pub rows: Vec<PostRow>,
    /// The posting times ahead at which their accounts have no post, when they were asked for.
    pub free: Vec<FreeSlot>,
}

/// A posting time at which its account has no post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FreeSlot {
    /// When it is.
    pub at: UnixMillis,
    /// The account.
    pub account: XUserId,
}
