//! Handing over: what is due, what may have left, what relay and scheduler hold, and until when
//! the person may close the lid.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use roost_core::status::{Actor, Status};
use serde::{Deserialize, Serialize};

use super::Post;
use super::holder::FOR_RELAY;
use crate::error::Error;
use crate::store::{Read, Tx};
use crate::table::EventKind;

/// What the scheduler took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The post.
    pub post_id: PostId,
    /// The revision that was staged and published.
    pub revision: Revision,
    /// The scheduler's message.
    pub message_id: String,
}

/// What has been promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Posts that relay and scheduler hold.
    pub handed_over: u64,
    /// Posts that wait on this computer.
    pub waiting_here: u64,
}

impl Read<'_> {
    /// Returns posts to hand over to `relay`: pending, with an account, due before `horizon_end`,
    /// and with no other relay; soonest first. A follow-up comes when its parent is handed over, whatever
    /// its own time.
    ///
    /// Those past their time are among them; the late policy is the engine's.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn due_for_handover(
        &self,
        relay: &str,
        horizon_end: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Post>, Error> {
        let mut due = self.many_posts(
            &format!(
                "post.status = 'pending' AND post.scheduled_at < ?2 AND post.follow_up_of IS NULL
                     AND post.account_id IS NOT NULL AND post.withdraw_to IS NULL
                     AND post.deleted_at IS NULL AND {FOR_RELAY}
                 ORDER BY post.scheduled_at, post.seq LIMIT ?3"
            ),
            (relay, horizon_end.0, limit),
        )?;
        due.extend(self.follow_ups_for_handover(relay, limit)?);
        Ok(due)
    }

    /// Returns how many posts wait here from `from` on.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn posts_beyond(&self, from: UnixMillis) -> Result<u64, Error> {
        // What waits before `from` is a few windows' worth; what waits beyond may be years'.
        let sql = "SELECT coalesce(
                       (SELECT sum(posts) FROM post_count WHERE status = 'pending'), 0)
                   - (SELECT count(*) FROM scheduled_post
                      WHERE status = 'pending' AND scheduled_at < ?1 AND deleted_at IS NULL)";
        Ok(self.connection.prepare_cached(sql)?.query_row([from.0], |row| row.get(0))?)
    }

    /// Returns posts due after `after` that `relay` holds and a scheduler has a message for, soonest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn queued_after(&self, relay: &str, after: UnixMillis) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.status = 'queued' AND post.scheduled_at > ?2 AND post.offered_to = ?1
                 AND post.qstash_message_id IS NOT NULL AND post.withdraw_to IS NULL
                 AND post.deleted_at IS NULL
             ORDER BY post.scheduled_at, post.seq",
            (relay, after.0),
        )
    }

    /// Returns posts past `before` that were handed over to `relay` and have no result: it is to be
    /// asked for them.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn awaiting_result(
        &self,
        relay: &str,
        before: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Post>, Error> {
        self.many_posts(
            &format!(
                "post.list = 'upcoming' AND post.list_at < ?2 AND post.deleted_at IS NULL
                     AND post.offered_revision > post.withdrawn_revision AND {FOR_RELAY}
                 ORDER BY post.list_at, post.seq LIMIT ?3"
            ),
            (relay, before.0, limit),
        )
    }

    /// Returns posts that were never handed over and whose time has passed: the late policy
    /// decides. Of a follow-up it does so once its parent is on X.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn overdue_here(&self, now: UnixMillis, limit: u32) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.status = 'pending' AND post.scheduled_at < ?1 AND post.deleted_at IS NULL
                 AND post.offered_revision <= post.withdrawn_revision
                 AND (post.follow_up_of IS NULL OR EXISTS (SELECT 1 FROM scheduled_post AS parent
                     WHERE parent.id = post.follow_up_of AND parent.status = 'posted'))
             ORDER BY post.scheduled_at, post.seq LIMIT ?2",
            (now.0, limit),
        )
    }

    /// Every post that may ever have reached the relay, trash included, for the manifest: pages by
    /// [`Post::seq`] after `after_seq`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn ever_offered(
        &self,
        since: UnixMillis,
        after_seq: i64,
        limit: u32,
    ) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.offered_revision > 0 AND post.seq > ?1
                 AND (post.updated_at >= ?2 OR post.scheduled_at >= ?2)
             ORDER BY post.seq LIMIT ?3",
            (after_seq, since.0, limit),
        )
    }

    /// Returns how many posts relay and scheduler hold, and how many wait here.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn coverage(&self) -> Result<Coverage, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(sum(posts) FILTER (WHERE NOT handed), 0) AS here,
                    coalesce(sum(posts) FILTER (WHERE handed), 0) AS there
             FROM post_count WHERE status IN ('pending', 'queued', 'held', 'sending')",
        )?;
        Ok(statement.query_row([], |row| {
            Ok(Coverage { handed_over: row.get("there")?, waiting_here: row.get("here")? })
        })?)
    }
}

impl Tx<'_> {
    /// Notes that posts may be on `relay`, **before** the request to stage them leaves. Answers those
    /// that still stand at the revision given, may be staged, and are with no other relay.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn offer(
        &mut self,
        relay: &str,
        posts: &[(PostId, Revision)],
    ) -> Result<Vec<PostId>, Error> {
        let mut offered = Vec::with_capacity(posts.len());
        for (post, revision) in posts {
            let changed = self
                .connection
                .prepare_cached(&format!(
                    "UPDATE scheduled_post AS post
                     SET offered_revision = revision, offered_to = ?1, updated_at = ?4
                     WHERE id = ?2 AND revision = ?3 AND withdraw_to IS NULL
                         AND deleted_at IS NULL AND status IN ('pending', 'queued', 'held')
                         AND {FOR_RELAY}"
                ))?
                .execute((relay, post.to_string(), revision.0, self.now.0))?;
            if changed == 1 {
                offered.push(*post);
            }
        }
        Ok(offered)
    }

    /// The relay answered that it knows nothing of a post above `highest` (0: nothing at all), so
    /// that an offer which it refused does not stand between the post and the person.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn relay_knows(&mut self, id: PostId, highest: Revision) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE scheduled_post SET offered_revision = min(offered_revision, ?2)
                 WHERE id = ?1",
            )?
            .execute((id.to_string(), highest.0))?;
        Ok(())
    }

    /// Notes that relay and scheduler hold the posts. Those that moved on meanwhile (edited,
    /// withdrawn, deleted) stay as they are; their message is written down to be deleted, and
    /// they are answered. One that the relay has begun or decided keeps that status.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn mark_queued(&mut self, published: &[Published]) -> Result<Vec<PostId>, Error> {
        let mut moved_on = Vec::new();
        for Published { post_id, revision, message_id } in published {
            let before = self.expect_post(*post_id)?;
            let known = before.qstash_message_id.as_ref() == Some(message_id);
            let fits = before.revision == *revision
                && before.withdraw_to.is_none()
                && before.deleted_at.is_none()
                && !matches!(before.status, Status::Draft | Status::Cancelled);
            if fits {
                let mut after = before.clone();
                if before.status == Status::Pending {
                    after.status = Status::Queued;
                    after.error_code = None;
                    after.error_message = None;
                }
                after.qstash_message_id = Some(message_id.clone());
                if !known {
                    after.synced_at = Some(self.now());
                }
                after.offered_revision = after.offered_revision.max(*revision);
                self.change(&before, after, Actor::Engine, EventKind::Queued)?;
                if let Some(older) = before.qstash_message_id.filter(|_| !known) {
                    self.intend_message_gone(*post_id, &older, Actor::Engine)?;
                }
            } else if !known {
                self.intend_message_gone(*post_id, message_id, Actor::Engine)?;
                moved_on.push(*post_id);
            }
        }
        Ok(moved_on)
    }
}
