//! What happened to each post, append-only: the delivery receipt, and the source of undo.

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, PostId, Revision};
use roost_core::status::{Actor, Status};
use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::bulk;
use crate::error::Error;
use crate::post::PostChange;
use crate::post::post_change::FORM;
use crate::sql::{actor, actor_word, instant, instant_option, parsed, parsed_option, unreadable};
use crate::store::{Read, Tx};
use crate::table::event_kind::EventKind;
use crate::table::label::Label;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostEvent {
    /// Its place among all events.
    pub seq: i64,
    /// The seq of the first event of the same command: all posts that it changed share it, and one undo
    /// takes them back together.
    pub group: i64,
    /// What the command is called.
    pub label: Label,
    /// The name of its write.
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
    /// What it says of the post.
    pub change: PostChange,
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

const COLUMNS: &str = "seq, action, label, point, post_id, at, happened_at, actor, kind, revision, \
                       form, before, after";

/// What an event of a new post is written with: table and columns, and how many there are.
const APPENDED: (&str, usize) =
    ("post_event (action, label, point, post_id, at, actor, kind, revision, form, after)", 10);

/// Reads a row of whichever form: **the one reader**.
fn read_event(row: &Row<'_>) -> rusqlite::Result<PostEvent> {
    let (actor, kind) = (actor(row, "actor")?, parsed(row, "kind")?);
    let before = row.get_ref("before")?.as_str_or_null()?;
    let after = row.get_ref("after")?.as_str_or_null()?;
    let form: u32 = row.get("form")?;
    let change = match form {
        0..=FORM => PostChange::read(before, after).map_err(|error| error.to_string()),
        newer => Err(format!("an event of form {newer}; this Roost knows {FORM}")),
    };
    Ok(PostEvent {
        seq: row.get("seq")?,
        group: row.get("action")?,
        label: parsed_option(row, "label")?.unwrap_or_else(|| Label::of(kind, actor)),
        point: row.get("point")?,
        post_id: parsed(row, "post_id")?,
        at: instant(row, "at")?,
        happened_at: instant_option(row, "happened_at")?,
        actor,
        kind,
        revision: Revision(row.get("revision")?),
        change: change.map_err(|error| unreadable(row, "after", error))?,
    })
}

impl Read<'_> {
    /// Returns everything that happened to one post, oldest first: its receipt.
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

    /// Returns all events after `seq`, oldest first.
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

    /// Returns the events from `first` to `last`, oldest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn events_between(&self, first: i64, last: i64) -> Result<Vec<PostEvent>, Error> {
        let sql =
            format!("SELECT {COLUMNS} FROM post_event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let events = statement.query_map((first, last), read_event)?;
        Ok(events.collect::<Result<_, _>>()?)
    }

    /// Returns the post of an event; none when there is no such event.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn post_of_event(&self, seq: i64) -> Result<Option<PostId>, Error> {
        let sql = "SELECT post_id FROM post_event WHERE seq = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([seq], |row| parsed(row, "post_id")).optional()?)
    }

    /// Returns where a post stood right after the event at `seq`, by the first later event that tells
    /// what it was before; none when it stands there still.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn status_after_event(&self, post: PostId, seq: i64) -> Result<Option<Status>, Error> {
        let sql = "SELECT json_extract(before, '$.status') AS status FROM post_event
                   WHERE post_id = ?1 AND seq > ?2 AND json_extract(before, '$.status') IS NOT NULL
                   ORDER BY seq LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = (post.to_string(), seq);
        Ok(statement.query_row(values, |row| parsed(row, "status")).optional()?)
    }

    /// Returns the events of one action, newest first: the order in which it is taken back.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn events_of_action(&self, action: i64) -> Result<Vec<PostEvent>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM post_event WHERE action = ?1 ORDER BY seq DESC");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let events = statement.query_map([action], read_event)?;
        Ok(events.collect::<Result<_, _>>()?)
    }

    /// Returns the newest actions, newest first.
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

    /// Names the command that this write is of. Without it each event has the name that its kind has
    /// most often.
    pub fn label(&mut self, label: Label) {
        self.label = Some(label);
    }

    /// Appends an event; only what changes a post may.
    pub(crate) fn append_event(
        &mut self,
        post: (PostId, Revision),
        by: Actor,
        kind: EventKind,
        change: &PostChange,
    ) -> Result<(), Error> {
        self.append_event_at(post, by, kind, change, None)
    }

    /// Appends an event of one kind for each of many posts, in their order: the post, its revision, and
    /// what the event says of it in the newest form.
    pub(crate) fn append_events<R>(
        &mut self,
        (kind, by): (EventKind, Actor),
        rows: &[R],
        event: impl Fn(&R) -> (PostId, Revision, &str),
    ) -> Result<(), Error> {
        let group = self.event_group()?;
        let label = self.label.unwrap_or_else(|| Label::of(kind, by));
        self.touched.many += rows.len() as u64;
        bulk::insert(self.connection, APPENDED, rows, |row, values| {
            let (post, revision, after) = event(row);
            values.next(group)?;
            values.next(label.as_str())?;
            values.next(self.point)?;
            values.next(post.to_string())?;
            values.next(self.now.0)?;
            values.next(actor_word(by))?;
            values.next(kind.as_str())?;
            values.next(revision.0)?;
            values.next(FORM)?;
            values.next(after)
        })?;
        Ok(())
    }

    /// Appends the same event for each post of a condition on `scheduled_post`, in the order of making.
    /// ?1 to ?3 of the condition are `values`.
    pub(crate) fn append_events_where(
        &mut self,
        (kind, by): (EventKind, Actor),
        change: &PostChange,
        condition: &str,
        values: (&str, i64, i64),
    ) -> Result<(), Error> {
        let group = self.event_group()?;
        let label = self.label.unwrap_or_else(|| Label::of(kind, by));
        let (before, after) = change.stored()?;
        let sql = format!(
            "INSERT INTO post_event (action, label, point, post_id, at, actor, kind, revision, form,
                 before, after)
             SELECT ?4, ?5, ?6, id, ?7, ?8, ?9, revision, ?10, ?11, ?12
             FROM scheduled_post NOT INDEXED WHERE {condition} ORDER BY seq"
        );
        let appended = self.connection.prepare_cached(&sql)?.execute(rusqlite::params![
            values.0,
            values.1,
            values.2,
            group,
            label.as_str(),
            self.point,
            self.now.0,
            actor_word(by),
            kind.as_str(),
            FORM,
            before,
            after,
        ])?;
        self.touched.many += appended as u64;
        Ok(())
    }

    /// Returns what all events of this write share: the seq of the first.
    pub(crate) fn event_group(&mut self) -> Result<i64, Error> {
        let group = match self.action {
            Some(group) => group,
            // Nothing is ever removed and nobody else writes now: this is the seq that comes next.
            None => self.last_event()? + 1,
        };
        self.action = Some(group);
        Ok(group)
    }

    /// The same for what happened elsewhere, at a time of its own.
    pub(crate) fn append_event_at(
        &mut self,
        (post, revision): (PostId, Revision),
        by: Actor,
        kind: EventKind,
        change: &PostChange,
        happened_at: Option<UnixMillis>,
    ) -> Result<(), Error> {
        let group = self.event_group()?;
        let label = self.label.unwrap_or_else(|| Label::of(kind, by));
        let (before, after) = change.stored()?;
        self.touched.single.insert(post);
        self.connection
            .prepare_cached(
                "INSERT INTO post_event
                     (action, label, point, post_id, at, actor, kind, revision, form, before, after,
                      happened_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute((
                group,
                label.as_str(),
                self.point,
                post.to_string(),
                self.now.0,
                actor_word(by),
                kind.as_str(),
                revision.0,
                FORM,
                before,
                after,
                happened_at.map(|at| at.0),
            ))?;
        Ok(())
    }
}
