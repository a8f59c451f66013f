//! The checks across rows. Each index holds a set of rows and the posts that are there, and answers by
//! that set alone: in whatever order rows were added, taken away and added again, the answers are the
//! same. One row is added or taken away in microseconds. Which rows repeat which, or nearly, is decided by
//! the session; here are the words for it.

mod near;
mod repeats;
mod timeline;

pub use near::NearText;
pub use repeats::{Repeat, span};
pub use timeline::{Neighbour, Overrun, Timeline};

/// The same text within this is an error: X refuses what an account said a short while ago.
pub const REPEAT_ERROR_MILLIS: i64 = 48 * 60 * 60 * 1000;
/// The same text within this is a warning; further apart it is meant.
pub const REPEAT_WARNING_MILLIS: i64 = 14 * 24 * 60 * 60 * 1000;
