//! What happened to each post, append-only: the delivery receipt, and the source of undo.

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, PostId, Revision};
use roost_core::status::Actor;
use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::sql::{
    actor, actor_word, instant, instant_option, json_option, parsed, parsed_option, words,
};
use crate::store::{Read, Tx};

words! {
    /// What kind of thing happened.
    EventKind, "event" {
        /// Written by hand.
        Created = "created",
        /// Came with an import.
        Imported = "imported",
        /// Text, time, account or parts changed.
        Edited = "edited",
        /// Its tags changed.
        Tagged = "tagged",
        /// Put under a fresh revision, to be handed over.
        Armed = "armed",
        /// Relay and scheduler hold it.
        Queued = "queued",
        /// A withdrawal was asked for.
        Withdrawing = "withdrawing",
        /// The withdrawal is proven.
        Withdrawn = "withdrawn",
        /// The relay could not withdraw it any more.
        WithdrawTooLate = "withdraw_too_late",
        /// The relay told what became of it.
        Outcome = "outcome",
        /// Person or engine moved it to another status.
        Status = "status",
        /// Moved to the trash.
        Deleted = "deleted",
        /// Taken out of the trash.
        Restored = "restored",
        /// An edit came too late: the post went out, or is going out, as it was before.
        EditTooLate = "edit_too_late",
        /// Deleted on X, where it had been.
        GoneFromX = "gone_from_x",
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostEvent {
    /// Its place among all events.
    pub seq: i64,
    /// The seq of the first event of the same write: what one undo takes back together.
    pub action: i64,
    /// The name of that write.
    pub point: String,
    /// The post.
    pub post_id: PostId,
    /// When this computer noted it.
    pub at: UnixMillis,
    /// When it happened by the relay's clock, for what the relay told.
    pub happened_at: Option<UnixMillis>,
    /// Who.
    pub actor: Actor,
    /// What.
    pub kind: EventKind,
    /// The post's revision after it.
    pub revision: Revision,
    /// The fields that changed, as they were; none for a new post.
    pub before: Option<Value>,
    /// The same fields as they are now; for a new post all that it has.
    pub after: Option<Value>,
}

/// What an event says of a post to a list that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedPost {
    /// The event's place among all events.
    pub seq: i64,
    /// The post.
    pub post_id: PostId,
    /// Who changed it.
    pub actor: Actor,
    /// What happened.
    pub kind: EventKind,
    /// Whether its further texts, files or polls changed.
    pub parts: bool,
    /// Whether its tags changed.
    pub tags: bool,
}

/// Everything that one write did to posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The seq of its first event.
    pub action: i64,
    /// The name of the write.
    pub point: String,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub actor: Actor,
    /// How many events.
    pub events: u64,
}

const COLUMNS: &str =
    "seq, action, point, post_id, at, happened_at, actor, kind, revision, before, after";

fn read_event(row: &Row<'_>) -> rusqlite::Result<PostEvent> {
    Ok(PostEvent {
        seq: row.get("seq")?,
        action: row.get("action")?,
        point: row.get("point")?,
        post_id: parsed(row, "post_id")?,
        at: instant(row, "at")?,
        happened_at: instant_option(row, "happened_at")?,
        actor: actor(row, "actor")?,
        kind: parsed(row, "kind")?,
        revision: Revision(row.get("revision")?),
        before: json_option(row, "before")?,
        after: json_option(row, "after")?,
    })
}

impl Read<'_> {
    /// Everything that happened to one post, oldest first: its receipt.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn events(&self, post: PostId) -> Result<Vec<PostEvent>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM post_event WHERE post_id = ?1 ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let events = statement.query_map([post.to_string()], read_event)?;
        Ok(events.collect::<Result<_, _>>()?)
    }

    /// Returns the newest event of a post that is of one of `kinds`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub(crate) fn newest_event(
        &self,
        post: PostId,
        kinds: &[EventKind],
    ) -> Result<Option<PostEvent>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM post_event
             WHERE post_id = ?1 AND kind IN (SELECT value FROM json_each(?2))
             ORDER BY seq DESC LIMIT 1"
        );
        let kinds = serde_json::to_string(kinds)?;
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row((post.to_string(), kinds), read_event).optional()?)
    }

    /// Whether the relay's word that a post came to `state` at `happened_at` is noted already.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub(crate) fn is_told(
        &self,
        post: PostId,
        happened_at: UnixMillis,
        state: &str,
    ) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM post_event WHERE post_id = ?1 AND happened_at = ?2
                       AND json_extract(after, '$.state') = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.exists((post.to_string(), happened_at.0, state))?)
    }

    /// Returns the seq of the newest event; 0 when there is none.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn last_event(&self) -> Result<i64, Error> {
        let sql = "SELECT coalesce(max(seq), 0) FROM post_event";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// All events after `seq`, oldest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<PostEvent>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM post_event WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let events = statement.query_map((seq, limit), read_event)?;
        Ok(events.collect::<Result<_, _>>()?)
    }

    /// Returns what the events after `seq` up to `last` changed, oldest first, at most `limit` of them.
    /// Their contents are not read.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn changed_posts(
        &self,
        seq: i64,
        last: i64,
        limit: u32,
    ) -> Result<Vec<ChangedPost>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, post_id, actor, kind,
                 json_type(after, '$.parts') IS NOT NULL AS parts,
                 json_type(after, '$.tags') IS NOT NULL AS tags
             FROM post_event WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
        )?;
        let changed = statement.query_map((seq, last, limit), |row| {
            Ok(ChangedPost {
                seq: row.get("seq")?,
                post_id: parsed(row, "post_id")?,
                actor: actor(row, "actor")?,
                kind: parsed(row, "kind")?,
                parts: row.get("parts")?,
                tags: row.get("tags")?,
            })
        })?;
        Ok(changed.collect::<Result<_, _>>()?)
    }

    /// Returns the import whose posts the event at `seq` and its whole write made; none when the event is
    /// of something else.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn import_of_event(&self, seq: i64) -> Result<Option<ImportId>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT post.import_id FROM post_event AS event
             JOIN scheduled_post AS post ON post.id = event.post_id
             WHERE event.seq = ?1 AND event.kind = 'imported'",
        )?;
        let import = statement.query_row([seq], |row| parsed_option(row, "import_id"));
        Ok(import.optional()?.flatten())
    }

    /// The events of one action, newest first: the order in which it is taken back.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn events_of_action(&self, action: i64) -> Result<Vec<PostEvent>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM post_event WHERE action = ?1 ORDER BY seq DESC");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let events = statement.query_map([action], read_event)?;
        Ok(events.collect::<Result<_, _>>()?)
    }

    /// The newest actions, newest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn actions(&self, limit: u32) -> Result<Vec<Action>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT action, point, at, actor, count(*) AS events FROM post_event
             GROUP BY action ORDER BY action DESC LIMIT ?1",
        )?;
        let actions = statement.query_map([limit], |row| {
            Ok(Action {
                action: row.get("action")?,
                point: row.get("point")?,
                at: instant(row, "at")?,
                actor: actor(row, "actor")?,
                events: row.get("events")?,
            })
        })?;
        Ok(actions.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Returns the seqs of the first and the last event of this transaction; none while it has none.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn written_events(&self) -> Result<Option<(i64, i64)>, Error> {
        let Some(first) = self.action else { return Ok(None) };
        Ok(Some((first, self.last_event()?)))
    }

    /// Appends an event; only those who change a post may.
    pub(crate) fn append_event(
        &mut self,
        post: (PostId, Revision),
        by: Actor,
        kind: EventKind,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<(), Error> {
        self.append_event_at(post, by, kind, (before, after), None)
    }

    /// The same for what happened elsewhere, at a time of its own.
    pub(crate) fn append_event_at(
        &mut self,
        post: (PostId, Revision),
        by: Actor,
        kind: EventKind,
        (before, after): (Option<&Value>, Option<&Value>),
        happened_at: Option<UnixMillis>,
    ) -> Result<(), Error> {
        let action = match self.action {
            Some(action) => action,
            // Nothing is ever removed and nobody else writes now: this is the seq that comes next.
            None => self.connection.query_row(
                "SELECT coalesce(max(seq), 0) + 1 FROM post_event",
                [],
                |row| row.get(0),
            )?,
        };
        self.action = Some(action);
        let text = |value: Option<&Value>| value.map(Value::to_string);
        self.connection
            .prepare_cached(
                "INSERT INTO post_event
                     (action, point, post_id, at, actor, kind, revision, before, after,
                      happened_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute((
                action,
                self.point,
                post.0.to_string(),
                self.now.0,
                actor_word(by),
                kind.as_str(),
                post.1.0,
                text(before),
                text(after),
                happened_at.map(|at| at.0),
            ))?;
        Ok(())
    }
}
