//! Where the store is, when it went to another computer.

use std::sync::{Mutex, PoisonError};

use roost_core::failure::Code;
use roost_store::MovedAway;

use crate::view::Trouble;

/// Where the store went, if it did.
#[derive(Debug)]
pub(super) struct Moved(Mutex<Option<MovedAway>>);

impl Moved {
    pub(super) const fn new(moved: Option<MovedAway>) -> Self {
        Self(Mutex::new(moved))
    }

    /// Returns why the store is not used here.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(trouble)
    }

    /// Notes where the store is. Returns whether that is news.
    pub(super) fn set(&self, moved: Option<MovedAway>) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = *known != moved;
        *known = moved;
        is_news
    }
}

/// What keeps a store that went away from being used.
fn trouble(moved: &MovedAway) -> Trouble {
    let message = format!(
        "On {} the posts of this data folder were moved to another computer, in the file \"{}\". They \
         can be read here and not changed, and nothing goes out from here. Use this computer again only \
         when they were not put in use there, or are not any more: otherwise both would post them.",
        moved.at,
        moved.file.display()
    );
    Trouble::new(Code::StoreMoved, message)
}
