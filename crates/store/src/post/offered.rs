//! What a relay was last given of a post, where an edit is not handed over yet.

use roost_core::clock::UnixMillis;

use super::{Post, Schedule};
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
                if let Some(old) = event.before.as_ref().and_then(|old| old.get("schedule")) {
                    schedule = serde_json::from_value::<Option<Schedule>>(old.clone())?;
                }
            }
        }
        Ok(schedule.map(|schedule| schedule.at))
    }
}
