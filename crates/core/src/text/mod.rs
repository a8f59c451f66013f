//! What X counts and sees in a text: weight, addresses, hashtags, mentions, cashtags.
//!
//! The rules are those of npm `twitter-text` 3.1.0 with its default configuration (version 3),
//! the last published word of X on counting. They are written anew here, as scanners that read
//! a text once, because the reference is made of backtracking expressions and the ports of it
//! count bare domains differently: an undercount is a post that X refuses at night.
//!
//! All offsets are bytes of the text that was passed in, on character boundaries.

mod cashtag;
mod chars;
mod emoji;
mod emoji_sets;
mod entities;
mod entity;
mod hashtag;
mod mention;
mod normal;
mod plain;
mod split;
mod units;
mod url;
mod weight;

pub use entities::{cashtags, entities};
pub use entity::{Entity, EntityKind};
pub use split::split;
pub use url::{UrlSpan, urls};
pub use weight::{MAX_WEIGHTED_LENGTH, URL_WEIGHT, Weighed, weigh};

/// Returns whether a text shows nothing: only white space, joiners and directional marks.
///
/// The reference calls such a text valid; X's own servers trim it and refuse the empty rest, so
/// for us it is empty.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(chars::is_invisible)
}

/// Returns how many addresses X would find in a text once it has normalised it. Price and counts go
/// by this.
#[must_use]
pub fn link_count(text: &str) -> usize {
    if url::may_hold_address(text) { urls(&normal::Normal::of(text).text).len() } else { 0 }
}

/// Returns whether X would find an address in a text, and so bill the post as one with a link.
#[must_use]
pub fn has_url(text: &str) -> bool {
    link_count(text) > 0
}
