//! A piece of a text that X turns into a link.

use serde::Serialize;

/// What a link in a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// An address.
    Url,
    /// `@name`, or `@name/list`.
    Mention,
    /// `#name`
    Hashtag,
    /// `$NAME`
    Cashtag,
}

/// A piece of a text that X turns into a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// What it stands for.
    pub kind: EntityKind,
    /// First byte, a sign (`#`, `@`, `$`) included.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The address, or the name without its sign.
    pub value: String,
}

impl Entity {
    pub(super) fn tag(kind: EntityKind, text: &str, start: usize, name: usize, end: usize) -> Self {
        Self { kind, start, end, value: text[name..end].to_owned() }
    }
}
