//! Which posts a list asks for, in which order, and from which place on.

use std::fmt;
use std::str::FromStr;

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, PostId, XUserId};
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

use super::List;

/// Rows on a page, at the most.
const PAGE_MAX: u32 = 1_000;

/// Which posts. What is none or empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Only these; empty means all.
    pub ids: Vec<PostId>,
    /// Any of these statuses.
    pub statuses: Vec<Status>,
    /// This list of the window.
    pub list: Option<List>,
    /// This account's.
    pub account: Option<XUserId>,
    /// With this tag.
    pub tag: Option<String>,
    /// From this import.
    pub import: Option<ImportId>,
    /// Standing at this moment or later.
    pub from: Option<UnixMillis>,
    /// Standing before this moment.
    pub until: Option<UnixMillis>,
    /// Containing all these words, the last of them perhaps only begun.
    pub text: Option<String>,
    /// With a time (true) or without (false).
    pub scheduled: Option<bool>,
    /// In the list of what needs the person, or waiting in vain for a turn that comes too late.
    pub needs_person: bool,
    /// What search operators ask for beside.
    pub traits: Traits,
}

/// What a search asks of a post beside its words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// Of the account with any of these handles; empty means all.
    pub usernames: Vec<String>,
    /// With all of these tags.
    pub tags: Vec<String>,
    /// With a link that X bills.
    pub has_link: bool,
    /// Of several parts.
    pub is_thread: bool,
    /// With pictures or films.
    pub has_media: bool,
    /// Nothing can be found.
    pub is_impossible: bool,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Soonest first.
    #[default]
    Ascending,
    /// Latest first.
    Descending,
}

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The rows after this place; from the beginning when none.
    pub after: Option<Cursor>,
    /// At most so many; 1000 is the most.
    pub limit: u32,
    /// In which order.
    pub order: Order,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: None, limit: 100, order: Order::Ascending }
    }
}

/// A place in a list: a row's moment, and its seq among rows of the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub(super) at: UnixMillis,
    pub(super) seq: i64,
}

impl Page {
    /// Returns how many rows the page has at the most.
    pub(super) fn rows(&self) -> usize {
        self.limit.clamp(1, PAGE_MAX) as usize
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.at.0, self.seq)
    }
}

/// A word that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no place in a list")]
pub struct InvalidCursor(String);

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let parse = || {
            let (at, seq) = text.split_once('.')?;
            Some(Self { at: UnixMillis(at.parse().ok()?), seq: seq.parse().ok()? })
        };
        parse().ok_or_else(|| InvalidCursor(text.to_owned()))
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
