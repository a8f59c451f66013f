//! Rows that say what is there already: in the file, or in the store. Accounts are apart: X
//! compares what one account says.

use std::collections::HashMap;

use super::options::KnownPosts;
use super::parsed::{Row, SkipReason};
use roost_core::duplicate::DuplicateKey;
use roost_core::failure::{Code, Problem};
use roost_core::id::XUserId;

/// What was said so far.
pub(super) struct Said<'o> {
    known: &'o KnownPosts,
    /// The first row of the file that says it.
    rows: HashMap<(Option<XUserId>, DuplicateKey), u32>,
}

impl<'o> Said<'o> {
    pub(super) fn new(known: &'o KnownPosts) -> Self {
        Self { known, rows: HashMap::new() }
    }

    /// Takes note of a row, and tells when the same was said before.
    pub(super) fn note(&mut self, row: &Row) -> Option<SkipReason> {
        if self.known.holds(&row.account, &row.duplicate_key) {
            return Some(SkipReason::AlreadyThere);
        }
        let first = *self.rows.entry((row.account.clone(), row.duplicate_key)).or_insert(row.row);
        (first != row.row).then_some(SkipReason::DuplicateOfRow { first })
    }
}

/// The warning for a row that is kept although it says what is there already.
pub(super) fn kept(reason: SkipReason) -> Problem {
    let message = match reason {
        SkipReason::DuplicateOfRow { first } => format!("Row {first} says the same."),
        _ => "The same post is there already.".to_owned(),
    };
    Problem::new(Code::DuplicateContent, message)
        .in_field("content")
        .with_remedy("X may refuse it; change the text to be safe.")
}
