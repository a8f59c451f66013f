//! Which relay holds what was handed over. What one relay was given is no other relay's to send, and
//! only that relay's word says that it was withdrawn.

use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

use super::Post;
use crate::error::Error;
use crate::store::{Read, Tx};

/// What may be on the relay named ?1 or on none: every question about handing over asks this.
pub(super) const FOR_RELAY: &str = "(post.offered_revision <= post.withdrawn_revision
     OR post.offered_to IS NULL OR post.offered_to = ?1)";

/// What some relay may still send; [`Post::may_be_on_relay`] says the same of one post.
pub(super) const MAY_BE_ON_RELAY: &str =
    "post.offered_revision > post.withdrawn_revision AND post.status IN
     ('draft', 'pending', 'queued', 'held', 'sending', 'unknown', 'partial')";

/// A relay that holds posts, and is not the one in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherRelay {
    /// Its public address.
    pub relay: String,
    /// How many posts it may still send.
    pub posts: u64,
}

impl Post {
    /// Whether another relay than `relay` may still send it.
    #[must_use]
    pub fn is_held_by_other_than(&self, relay: &str) -> bool {
        self.may_be_on_relay() && self.offered_to.as_deref().is_some_and(|other| other != relay)
    }
}

impl Read<'_> {
    /// Returns the posts that `relay` may still send.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn held_by(&self, relay: &str) -> Result<Vec<Post>, Error> {
        self.many_posts(
            &format!("{MAY_BE_ON_RELAY} AND post.offered_to = ?1 ORDER BY post.seq"),
            [relay],
        )
    }

    /// Whether another relay than `relay` may still send a post.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn is_held_elsewhere(&self, id: PostId, relay: &str) -> Result<bool, Error> {
        Ok(self.post(id)?.is_some_and(|post| post.is_held_by_other_than(relay)))
    }

    /// Returns the relays that may still send posts, but `relay`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn other_relays(&self, relay: Option<&str>) -> Result<Vec<OtherRelay>, Error> {
        let sql = format!(
            "SELECT post.offered_to AS relay, count(*) AS posts FROM scheduled_post AS post
             WHERE {MAY_BE_ON_RELAY} AND post.offered_to IS NOT NULL AND post.offered_to IS NOT ?1
             GROUP BY post.offered_to ORDER BY post.offered_to"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_map([relay], |row| {
            Ok(OtherRelay { relay: row.get("relay")?, posts: row.get("posts")? })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// A relay is known under another address; it is the same one.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn relay_renamed(&mut self, from: &str, to: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE scheduled_post SET offered_to = ?2 WHERE offered_to = ?1")?
            .execute((from, to))?;
        self.connection.prepare_cached("DELETE FROM relay_feed WHERE relay = ?1")?.execute([to])?;
        self.connection
            .prepare_cached("UPDATE relay_feed SET relay = ?2 WHERE relay = ?1")?
            .execute((from, to))?;
        Ok(())
    }

    /// The relay that holds a post leaves it to a person and calls for it no more: whichever relay is
    /// in use may be told what the person decides.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn let_go_by_relay(&mut self, id: PostId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE scheduled_post SET offered_to = NULL WHERE id = ?1")?
            .execute([id.to_string()])?;
        Ok(())
    }

    /// The person said that a relay will never send anything again. What it held is for whichever
    /// relay is in use, which is told of it like of posts that it lost itself.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn relay_is_gone(&mut self, relay: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE scheduled_post SET offered_to = NULL WHERE offered_to = ?1")?
            .execute([relay])?;
        self.connection.prepare_cached("DELETE FROM relay_feed")?.execute([])?;
        Ok(())
    }
}
