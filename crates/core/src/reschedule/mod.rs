//! New times for a selection of planned posts: shift, move, spread, reorder, compress.
//!
//! Everything here is arithmetic on times: nothing knows what a post says, whether it may still be
//! changed, or what else is planned. A selection is a list of times; an operation answers with a
//! list of the same length, each at the place of the post it is for. What becomes of them (past
//! times, collisions, cost) is judged by those who show the result before it is applied.

mod order;
mod planned_time;
mod shift;
mod slots;
mod spacing;
mod spread;
mod weekdays;

pub use order::{arrange, reverse, shuffle};
pub use planned_time::PlannedTime;
pub use shift::{by_rules, move_first_to, set_date, set_time_of_day, shift, to_zone};
pub use slots::to_slots;
pub use spacing::{compress, push_back};
pub use spread::{Spread, spread};
pub use weekdays::{Weekdays, WeekendMove, out_of_weekend};

/// Why a selection gets no new times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RescheduleError {
    /// A post would leave the years that a time can name.
    #[error("a post would be planned for a year outside 1 to 9998; choose a smaller change")]
    OutOfYears,
    /// A time of day that no clock shows.
    #[error("there is no such time of day; hours go from 0 to 23, minutes from 0 to 59")]
    NoSuchTimeOfDay,
    /// The days to spread over hold none that is wanted.
    #[error("none of the days of the range is a wanted day of the week; choose a longer range")]
    NoDays,
    /// The hours to spread over end before they begin.
    #[error("the hours to spread over end before they begin; choose a later end")]
    NoHours,
    /// An order that doesn't name each post once.
    #[error("the order has to name each of the {expected} selected posts once")]
    InvalidOrder {
        /// How many posts are selected.
        expected: usize,
    },
    /// Fewer free posting times than posts.
    #[error("there are {free} free posting times for {needed} posts; add posting times first")]
    TooFewSlots {
        /// The posting times that are free.
        free: usize,
        /// The posts that need one.
        needed: usize,
    },
}

/// Returns the places of the times in the order of their instants; equal ones in the order given.
fn by_instant(times: &[PlannedTime]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..times.len()).collect();
    places.sort_by_key(|place| times[*place].at);
    places
}
