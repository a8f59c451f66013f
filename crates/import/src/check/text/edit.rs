//! A change to a place of a text.

use std::ops::Range;

/// A place of a text, and what is to stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The place, in bytes.
    pub range: Range<usize>,
    /// What is to stand there.
    pub with: String,
}

impl Edit {
    /// Returns a change of a place.
    pub(super) fn new(range: Range<usize>, with: impl Into<String>) -> Self {
        Self { range, with: with.into() }
    }

    /// Returns a change that takes a place away.
    pub(super) fn remove(range: Range<usize>) -> Self {
        Self { range, with: String::new() }
    }
}

/// Returns the text after changes that are in its order and do not overlap.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut read = 0;
    for edit in edits {
        changed.push_str(&text[read..edit.range.start]);
        changed.push_str(&edit.with);
        read = edit.range.end;
    }
    changed.push_str(&text[read..]);
    changed
}

/// Puts changes into the order of the text, and drops those that overlap an earlier one.
pub(super) fn in_order(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|edit| edit.range.start);
    let mut end = 0;
    edits.retain(|edit| {
        let is_free = edit.range.start >= end;
        if is_free {
            end = edit.range.end;
        }
        is_free
    });
    edits
}
