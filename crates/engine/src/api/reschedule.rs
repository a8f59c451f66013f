//! New times for many posts at once, as a host asks for them.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

/// What becomes of the times of a selection. Times of day are `09:00`, dates `2027-03-01`. Posts without
/// a time are refused, but where the change gives each a time of its own: `spread` and `next_slots` take
/// them behind all others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum TimeChange {
    /// All by the same distance: first the days, which keep the time of day over a change of clocks,
    /// then the seconds, which pass as they are.
    Shift {
        /// Days later; earlier where negative.
        #[serde(default)]
        days: i64,
        /// Seconds later; earlier where negative.
        #[serde(default)]
        seconds: i64,
    },
    /// The earliest to this wall time, and the others as far from it as they were.
    MoveFirstTo {
        /// Such as `2027-03-01 09:00`, in the zone of each post.
        wall_time: String,
    },
    /// All to the same time of day, on their days.
    SetTimeOfDay {
        /// Such as `09:00`.
        time: String,
    },
    /// All to the same day, at their times of day.
    SetDate {
        /// Such as `2027-03-01`.
        date: String,
    },
    /// Evenly over days and hours, in the order they have.
    Spread(SpreadOver),
    /// Onto the next free weekly posting times of their accounts, in the order they have.
    NextSlots,
    /// The times that they have, in the order of these posts.
    Arrange {
        /// Each of the posts once.
        order: Vec<PostId>,
    },
    /// The times that they have, the last first.
    Reverse,
    /// The times of two posts exchanged.
    Swap,
    /// The times that they have, in an order by chance.
    Shuffle {
        /// The same number gives the same order.
        seed: u32,
    },
    /// No pause longer than this: later posts come forward.
    Compress {
        /// The longest pause, in minutes.
        longest_gap_minutes: u32,
    },
    /// Room for one more post: from its time on each is pushed back until it is far enough from
    /// the one before.
    PushBack {
        /// The time of the one that needs room.
        taken_at: UnixMillis,
        /// The least distance, in minutes.
        gap_minutes: u32,
    },
    /// One of the posts to a time among the others: from there on each is pushed back until it is far
    /// enough from the one before.
    Insert {
        /// The post that is put there.
        post: PostId,
        /// Its time, such as `2027-03-01 09:00`, in its zone.
        wall_time: String,
        /// The least distance, in minutes.
        gap_minutes: u32,
    },
    /// Off Saturday and Sunday.
    OutOfWeekend {
        /// Where to.
        to: WeekendDay,
    },
    /// What the rules of their zones have changed since they were planned, settled; others stay.
    ByRules {
        /// Whether such posts stay at their instants rather than at their times of day.
        keep_instant: bool,
    },
    /// Into another zone.
    ToZone {
        /// Such as `Europe/Berlin`.
        zone: String,
        /// Whether the posts stay at the same instant rather than at the same time of day.
        keep_instant: bool,
    },
}

/// The days and hours that posts are spread over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SpreadOver {
    /// The first day, such as `2027-03-01`.
    pub first_day: String,
    /// How many wanted days are used.
    pub days: u32,
    /// The wanted days of the week, 1 (Monday) to 7 (Sunday); none means all.
    #[serde(default)]
    pub weekdays: Vec<i8>,
    /// When the hours begin, such as `09:00`.
    pub from: String,
    /// When they end, later than they begin; `24:00` is midnight.
    pub to: String,
    /// By how many minutes a post may be off its even place.
    #[serde(default)]
    pub jitter_minutes: u32,
    /// The same number gives the same times.
    #[serde(default)]
    pub seed: u32,
    /// The zone whose days and hours count; the store's where none is given.
    #[serde(default)]
    pub zone: Option<String>,
}

/// Where posts of the weekend go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum WeekendDay {
    /// To the Friday before.
    Friday,
    /// To the Monday after.
    Monday,
    /// Saturday to Friday, Sunday to Monday.
    Nearest,
}
