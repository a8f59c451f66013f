//! What Roost knows without touching the world: posts, statuses, windows, text rules,
//! limits and cost. No IO, no async, no clock of its own.

pub mod alarm;
pub mod clock;
pub mod cost;
pub mod duplicate;
pub mod failure;
mod hex;
pub mod id;
pub mod limits;
pub mod notice;
pub mod post;
pub mod recurrence;
pub mod reschedule;
pub mod rewrite;
pub mod search_words;
pub mod status;
pub mod text;
pub mod time_words;
pub mod window;
pub mod zone;
