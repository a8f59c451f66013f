//! What is kept of each judged row: some words of memory, nothing boxed.

use roost_core::clock::UnixMillis;
use roost_core::duplicate::DuplicateKey;

/// An account's place in the surroundings, or [`NO_ACCOUNT`].
pub type AccountIndex = u16;
/// The account of rows that wait for one.
pub const NO_ACCOUNT: AccountIndex = u16::MAX;

/// What the checks across rows need of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowFacts {
    /// Its place in the source, from 1.
    pub row: u32,
    /// The account that posts.
    pub account: AccountIndex,
    /// When, in whole seconds; `None` for a draft without a time and while it waits for a slot.
    pub at: Option<UnixMillis>,
    /// The first half of what repeats of it have in common.
    pub key: u64,
}

/// Returns the first eight bytes of what repeats have in common, which tell texts apart well enough.
#[must_use]
pub fn key_of(key: &DuplicateKey) -> u64 {
    key.0.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
