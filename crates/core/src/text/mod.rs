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
mod hashtag;
mod mention;
mod normal;
mod units;
mod url;
mod weight;

use std::ops::Range;

pub use cashtag::cashtags;
pub use hashtag::hashtags;
pub use mention::mentions;
pub use url::{UrlSpan, urls};
pub use weight::{MAX_WEIGHTED_LENGTH, URL_WEIGHT, Weighed, weigh};

/// A hashtag, a mention or a cashtag in a text.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TagSpan {
    /// First byte, the sign (`#`, `@`, `$`) included.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The tag without its sign, as written.
    pub name: String,
}

impl TagSpan {
    fn new(text: &str, range: Range<usize>, name: Range<usize>) -> Self {
        Self { start: range.start, end: range.end, name: text[name].to_owned() }
    }
}

/// Whether a text shows nothing: only white space, joiners and directional marks.
///
/// The reference calls such a text valid; X's own servers trim it and refuse the empty rest, so
/// for us it is empty.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(chars::is_invisible)
}

/// Whether X would find an address in a text, and so bill the post as one with a link.
#[must_use]
pub fn has_url(text: &str) -> bool {
    text.contains('.') && !urls(&normal::Normal::of(text).text).is_empty()
}
