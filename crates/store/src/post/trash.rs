//! The trash. A post that the relay could know is out of sight there, never out of mind: the
//! relay's manifest still names it.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use roost_core::status::{Actor, Status};

use super::Post;
use crate::error::Error;
use crate::store::{Read, Tx};
use crate::table::EventKind;

/// How long a post that never left this computer stays in the trash.
const KEEP_UNSENT: Duration = Duration::from_secs(30 * 86_400);
/// How long one that was handed over does: longer than the relay keeps its content (90 days).
const KEEP_SENT: Duration = Duration::from_secs(120 * 86_400);

impl Read<'_> {
    /// Returns what is in the trash, newest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn trash(&self, limit: u32) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.deleted_at IS NOT NULL ORDER BY post.deleted_at DESC, post.seq DESC LIMIT ?1",
            [limit],
        )
    }
}

impl Tx<'_> {
    /// Moves a post to the trash. Returns the post as it is now.
    ///
    /// # Errors
    /// When the relay may still send it: withdraw it with
    /// [`WithdrawTo::Deleted`](super::WithdrawTo::Deleted) instead.
    pub fn delete_post(&mut self, id: PostId, by: Actor) -> Result<Post, Error> {
        let before = self.live_post(id)?;
        if before.may_be_on_relay() {
            return Err(Error::StillHandedOver { post: id });
        }
        let mut after = before.clone();
        after.deleted_at = Some(self.now());
        self.change(&before, after, by, EventKind::Deleted)
    }

    /// Takes a post out of the trash. What was to go out takes a fresh revision; an id of the person's own
    /// that another post has meanwhile is lost, and so is its place in a series. Returns the post as it is now.
    ///
    /// # Errors
    /// When there is no such post, or SQLite cannot write.
    pub fn restore_post(&mut self, id: PostId, by: Actor) -> Result<Post, Error> {
        let before = self.expect_post(id)?;
        let mut after = before.clone();
        after.deleted_at = None;
        if before.deleted_at.is_some() && before.status == Status::Pending {
            after.revision = before.revision.next();
        }
        if let Some(own) = &before.own_id {
            let taken = self.posts_by_own_id(&own.plan, &[&own.id])?;
            if taken.iter().any(|(_, other)| other.id != id) {
                after.own_id = None;
            }
        }
        if let Some(of) = &before.occurrence {
            let taken = self.post_of_occurrence(of)?;
            if taken.is_some_and(|other| other.id != id) {
                after.occurrence = None;
            }
        }
        self.change(&before, after, by, EventKind::Restored)
    }

    /// Empties the trash of what is old enough, but of what a relay has yet to hear of. Events stay.
    /// Returns how many posts left it.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn empty_trash(&mut self) -> Result<usize, Error> {
        let (unsent, sent): (UnixMillis, UnixMillis) =
            (self.now().minus(KEEP_UNSENT), self.now().minus(KEEP_SENT));
        Ok(self
            .connection
            .prepare_cached(
                "DELETE FROM scheduled_post WHERE deleted_at IS NOT NULL AND deleted_at
                     < CASE WHEN offered_revision > ?3 THEN ?2 ELSE ?1 END
                     AND withdraw_to IS NULL
                     AND NOT EXISTS (SELECT 1 FROM outbox
                         WHERE post_id = scheduled_post.id AND done_at IS NULL)",
            )?
            .execute((unsent.0, sent.0, Revision(0).0))?)
    }
}
