//! Finding what is planned more than once.

use roost_core::id::XUserId;
use serde::{Deserialize, Serialize};

use crate::view::PostRow;

/// Asks which planned posts say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct FindDuplicates {
    /// Only posts of this account.
    pub account: Option<XUserId>,
    /// What follows this place: [`Duplicates::next`] of the page before.
    pub after: Option<String>,
    /// Groups at most; 0 means 100, and 500 is the most. A page ends earlier where it has 1,000 posts.
    pub limit: u32,
}

/// One page of what is planned more than once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Duplicates {
    /// The groups, the largest first.
    pub groups: Vec<DuplicateGroup>,
    /// How many groups there are in all.
    pub total: u64,
    /// How many posts in all could go so that each text is planned once.
    pub repeats: u64,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// Planned posts of one account that say the same: drafts, and what is still to go out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DuplicateGroup {
    /// The posts, two at least: the earliest first, those without a time last.
    pub posts: Vec<PostRow>,
}
