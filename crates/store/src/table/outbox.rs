//! Intentions towards relay and scheduler. They are here before they are tried, so that they
//! survive a crash, a sleep and a dead network.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, XUserId};
use roost_core::status::Actor;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::sql::{actor, actor_word, instant, json, parsed, parsed_option, words};
use crate::store::{Read, Tx};

words! {
    /// What is to be done.
    OutboxKind, "outbox kind" {
        /// Withdraw a post on the relay, under the row's revision.
        Withdraw = "withdraw",
        /// Delete a QStash message; the payload is its id. Housekeeping: the relay's fence already
        /// stands.
        DeleteMessage = "delete_message",
        /// Set the relay's pause flag to the payload; with an `account` in it, that account's.
        Pause = "pause",
        /// Tell the relay what the person decided about a parked delivery; the payload says what.
        Resolve = "resolve",
        /// Have the relay delete a post on X; the payload's `draft` goes out in its place then.
        Replace = "replace",
        /// Have the relay delete a post on X, and put nothing in its place.
        DeleteOnX = "delete_on_x",
        /// Anything else that the engine must not forget; the payload says what.
        Task = "task",
    }
}

words! {
    /// How an intention ended.
    OutboxEnding, "outbox ending" {
        /// It was done.
        Done = "done",
        /// Something newer took its place.
        Superseded = "superseded",
        /// It was refused for good.
        Refused = "refused",
    }
}

/// An intention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outbox {
    /// Its place; the order in which it arose.
    pub seq: i64,
    /// What.
    pub kind: OutboxKind,
    /// The post that it is about.
    pub post_id: Option<PostId>,
    /// Under which revision.
    pub revision: Option<Revision>,
    /// The rest.
    pub payload: Value,
    /// Who wants it.
    pub actor: Actor,
    /// How often it was tried.
    pub attempts: u32,
    /// When to try next.
    pub next_at: UnixMillis,
    /// Why it did not work, in plain words.
    pub last_error: Option<String>,
    /// Since when it is here.
    pub created_at: UnixMillis,
}

/// An intention to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOutbox {
    /// What.
    pub kind: OutboxKind,
    /// The post that it is about.
    pub post_id: Option<PostId>,
    /// Under which revision.
    pub revision: Option<Revision>,
    /// The rest.
    pub payload: Value,
    /// Who wants it.
    pub actor: Actor,
}

const COLUMNS: &str = "seq, kind, post_id, revision, payload, actor, attempts, next_at, \
                       last_error, created_at";

fn read_outbox(row: &Row<'_>) -> rusqlite::Result<Outbox> {
    Ok(Outbox {
        seq: row.get("seq")?,
        kind: parsed(row, "kind")?,
        post_id: parsed_option(row, "post_id")?,
        revision: row.get::<_, Option<i64>>("revision")?.map(Revision),
        payload: json(row, "payload")?,
        actor: actor(row, "actor")?,
        attempts: row.get("attempts")?,
        next_at: instant(row, "next_at")?,
        last_error: row.get("last_error")?,
        created_at: instant(row, "created_at")?,
    })
}

impl Read<'_> {
    /// Returns open intentions of one kind whose time to be tried has come, oldest first. By kind,
    /// so that no number of one kind keeps another from being seen.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn outbox_due(
        &self,
        kind: OutboxKind,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Outbox>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox
             WHERE done_at IS NULL AND kind = ?1 AND next_at <= ?2 ORDER BY seq LIMIT ?3"
        ))?;
        let found = statement.query_map((kind.as_str(), now.0, limit), read_outbox)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Returns open withdrawals for `relay` whose time has come, oldest first: those of posts that
    /// another relay holds are not for it.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn withdrawals_due(&self, relay: &str, now: UnixMillis) -> Result<Vec<Outbox>, Error> {
        let mut due = Vec::new();
        for intention in self.outbox_due(OutboxKind::Withdraw, now, u32::MAX)? {
            let elsewhere = match intention.post_id {
                Some(post) => self.is_held_elsewhere(post, relay)?,
                None => false,
            };
            if !elsewhere {
                due.push(intention);
            }
        }
        Ok(due)
    }

    /// Returns open intentions about one post, oldest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn outbox_of(&self, post: PostId) -> Result<Vec<Outbox>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM outbox WHERE post_id = ?1 AND done_at IS NULL ORDER BY seq"
        ))?;
        let found = statement.query_map([post.to_string()], read_outbox)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Whether an intention still waits to be carried out.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn outbox_is_open(&self, seq: i64) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM outbox WHERE seq = ?1 AND done_at IS NULL";
        Ok(self.connection.prepare_cached(sql)?.exists([seq])?)
    }

    /// Returns the number of the newest pause or resume, open or not; 0 when there was none.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn newest_pause(&self) -> Result<i64, Error> {
        let sql = "SELECT coalesce(max(seq), 0) FROM outbox WHERE kind = 'pause'";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Returns whether a pause or a resume has not reached the relay.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn is_pause_open(&self) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM outbox WHERE kind = 'pause' AND done_at IS NULL";
        Ok(self.connection.prepare_cached(sql)?.exists([])?)
    }

    /// Returns whether an intention of this kind is open.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub(crate) fn outbox_has(&self, kind: OutboxKind) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM outbox WHERE kind = ?1 AND done_at IS NULL";
        Ok(self.connection.prepare_cached(sql)?.exists([kind.as_str()])?)
    }

    /// Returns how many intentions are open.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn outbox_open(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM outbox WHERE done_at IS NULL";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Writes an intention down, to be tried at once. Answers its seq.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn intend(&mut self, new: &NewOutbox) -> Result<i64, Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO outbox (kind, post_id, revision, payload, actor, next_at, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            )?
            .execute((
                new.kind.as_str(),
                new.post_id.map(|post| post.to_string()),
                new.revision.map(|revision| revision.0),
                new.payload.to_string(),
                actor_word(new.actor),
                self.now.0,
            ))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Ends an intention. Ending it again changes nothing.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn outbox_end(&mut self, seq: i64, ending: OutboxEnding) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET done_at = ?2, ending = ?3 WHERE seq = ?1 AND done_at IS NULL",
            )?
            .execute((seq, self.now.0, ending.as_str()))?;
        Ok(())
    }

    /// Notes that an attempt did not work, and when the next is due.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn outbox_retry(
        &mut self,
        seq: i64,
        next_at: UnixMillis,
        error: &str,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, next_at = ?2, last_error = ?3
                 WHERE seq = ?1 AND done_at IS NULL",
            )?
            .execute((seq, next_at.0, error))?;
        Ok(())
    }

    /// Says more exactly what an open intention is, before it is tried: what follows from the
    /// moment it is first carried out must be the same at every repetition.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn outbox_refine(&mut self, seq: i64, payload: &Value) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE outbox SET payload = ?2 WHERE seq = ?1 AND done_at IS NULL")?
            .execute((seq, payload.to_string()))?;
        Ok(())
    }

    /// Makes every open intention due now: the network is back, or the person asks.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn outbox_hurry(&mut self) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET next_at = ?1 WHERE done_at IS NULL AND next_at > ?1",
            )?
            .execute([self.now.0])?;
        Ok(())
    }

    /// Ends the open pauses of everything, or of an account: a newer press of the button takes their
    /// place, and none of them may reach the relay after it.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn supersede_pauses(&mut self, account: Option<&XUserId>) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET done_at = ?1, ending = ?2
                 WHERE kind = 'pause' AND done_at IS NULL
                     AND json_extract(payload, '$.account') IS ?3",
            )?
            .execute((self.now.0, OutboxEnding::Superseded.as_str(), account.map(|it| &it.0)))?;
        Ok(())
    }

    /// Puts the open withdrawals of a post off, or hurries them.
    pub(crate) fn put_off_withdrawals(
        &mut self,
        post: PostId,
        to: UnixMillis,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET next_at = ?2
                 WHERE post_id = ?1 AND kind = 'withdraw' AND done_at IS NULL",
            )?
            .execute((post.to_string(), to.0))?;
        Ok(())
    }

    /// Ends what was decided about a post and has not reached the relay.
    pub(crate) fn supersede_decisions(&mut self, post: PostId) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET done_at = ?2, ending = ?3
                 WHERE post_id = ?1 AND kind = 'resolve' AND done_at IS NULL",
            )?
            .execute((post.to_string(), self.now.0, OutboxEnding::Superseded.as_str()))?;
        Ok(())
    }

    /// Ends the open withdrawals of a post.
    pub(crate) fn end_withdrawals(
        &mut self,
        post: PostId,
        ending: OutboxEnding,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE outbox SET done_at = ?2, ending = ?3
                 WHERE post_id = ?1 AND kind = 'withdraw' AND done_at IS NULL",
            )?
            .execute((post.to_string(), self.now.0, ending.as_str()))?;
        Ok(())
    }

    /// Writes down that a scheduler message is to be deleted.
    pub(crate) fn intend_message_gone(
        &mut self,
        post: PostId,
        message_id: &str,
        by: Actor,
    ) -> Result<(), Error> {
        self.intend(&NewOutbox {
            kind: OutboxKind::DeleteMessage,
            post_id: Some(post),
            revision: None,
            payload: Value::from(message_id),
            actor: by,
        })?;
        Ok(())
    }

    /// Removes ended intentions older than `before`.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn outbox_prune(&mut self, before: UnixMillis) -> Result<usize, Error> {
        Ok(self
            .connection
            .prepare_cached("DELETE FROM outbox WHERE done_at < ?1")?
            .execute([before.0])?)
    }
}
