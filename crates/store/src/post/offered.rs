//! What a relay was last given of a post, where an edit is not handed over yet.

use roost_core::clock::UnixMillis;

use super::holder::MAY_BE_ON_RELAY;
use super::{Post, PostFields};
use crate::error::Error;
use crate::store::Read;

impl Read<'_> {
    /// Returns when a post was due as it was last handed over. What was edited since never reached
    /// a relay; the receipt keeps what it was before. `None` for a post without a time.
    ///
    /// # Errors
    /// When SQLite cannot read, or the receipt is damaged.
    pub fn offered_due_at(&self, post: &Post) -> Result<Option<UnixMillis>, Error> {
        let mut schedule = post.schedule.clone();
        if post.revision > post.offered_revision {
            for event in self.events(post.id)?.into_iter().rev() {
                if event.revision <= post.offered_revision {
                    break;
                }
                if let Some(old) = event.change.before.and_then(|old| old.schedule) {
                    schedule = old;
                }
            }
        }
        Ok(schedule.map(|schedule| schedule.at))
    }

    /// Returns the posts whose older revision a relay may still send, each with the moment at which
    /// that one was due: the person moved or changed them, and the relay does not know yet. Read from
    /// the index of what relays hold, which is small however many posts there are.
    ///
    /// # Errors
    /// When SQLite cannot read, or a receipt is damaged.
    pub(super) fn superseded_on_relay(&self) -> Result<Vec<(Post, UnixMillis)>, Error> {
        let sql = format!("{MAY_BE_ON_RELAY} AND post.revision > post.offered_revision");
        let mut found = Vec::new();
        for post in self.many_posts(&sql, [])? {
            if let Some(due) = self.offered_due_at(&post)? {
                found.push((post, due));
            }
        }
        Ok(found)
    }

    /// Whether the words or the account of a post were changed since it was last handed over: what
    /// may be out is not what the post is now.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn changed_since_offered(&self, post: &Post) -> Result<bool, Error> {
        if post.revision <= post.offered_revision {
            return Ok(false);
        }
        let is_change = |old: &PostFields| old.has_content() || old.account.is_some();
        Ok(self.events(post.id)?.iter().any(|event| {
            event.revision > post.offered_revision
                && event.change.before.as_ref().is_some_and(is_change)
        }))
    }
}
