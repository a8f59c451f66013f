//! A message as it is kept, and how its rows are read.

use std::sync::LazyLock;

use axum::body::Bytes;
use rusqlite::{Connection, Row, params};

use super::message_state::MessageState;
use super::writer::Write;
use crate::error::Error;
use crate::spec::Spec;
use crate::timer::{AHEAD_MS, AT_ONCE, Due, Horizon, PrefetchResult};

/// A message as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) state: MessageState,
    pub(crate) due_at: i64,
    pub(crate) not_before: i64,
    pub(crate) created_at: i64,
    pub(crate) retried: u32,
    /// On the heap: a message passes through many hands on its way.
    pub(crate) spec: Box<Spec>,
    /// Shared by all that are made of it.
    pub(crate) body: Bytes,
    /// Absent for what belongs to no queue, and for what waits in one.
    pub(crate) turn: Option<Turn>,
}

/// A place at the head of a queue. It is held until the message whose turn it is and all that
/// tells of it have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) queue: String,
    /// The message whose turn it is.
    pub(crate) of: i64,
}

impl Turn {
    pub(super) fn give(&self, write: &Write<'_>, seq: i64, at: i64) -> Result<(), Error> {
        let sql = "UPDATE message SET turn_queue = ?2, turn = ?3, due_at = ?4 WHERE seq = ?1";
        let mut statement = write.connection.prepare_cached(sql)?;
        statement.execute(params![seq, self.queue, self.of, at])?;
        Ok(())
    }
}

/// The columns that [`Message::read`] expects, of a table named or aliased `message`.
pub(super) const COLUMNS: &str = "message.seq, message.id, message.state, message.due_at, \
     message.not_before, message.created_at, message.retried, message.spec, message.body, \
     message.turn_queue, message.turn";
/// How many columns those are.
pub(super) const COLUMN_COUNT: usize = 11;

impl Message {
    /// Reads [`COLUMNS`] from the front of a row.
    pub(super) fn read(row: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            seq: row.get(0)?,
            id: row.get(1)?,
            state: MessageState::read(text(row, 2)?),
            due_at: row.get(3)?,
            not_before: row.get(4)?,
            created_at: row.get(5)?,
            retried: row.get(6)?,
            spec: serde_json::from_str(text(row, 7)?)?,
            body: row.get::<_, Vec<u8>>(8)?.into(),
            turn: match (row.get(9)?, row.get(10)?) {
                (Some(queue), Some(of)) => Some(Turn { queue, of }),
                _ => None,
            },
        })
    }

    /// Whether it may be delivered as soon as it is due: not while it waits in a queue.
    pub(crate) fn may_start(&self) -> bool {
        self.state == MessageState::Live && (self.turn.is_some() || self.spec.queue_name.is_none())
    }

    pub(crate) fn due(&self) -> Due {
        let lane = self.spec.flow.as_ref().map(|flow| flow.key.as_str().into());
        Due { at: self.due_at, seq: self.seq, lane }
    }

    pub(crate) fn by_seq(connection: &Connection, seq: i64) -> Result<Option<Self>, Error> {
        static SQL: LazyLock<String> =
            LazyLock::new(|| format!("SELECT {COLUMNS} FROM message WHERE seq = ?1"));
        one(connection, &SQL, seq)
    }

    /// The message, while the API tells of it: until its end.
    pub(crate) fn pending(connection: &Connection, id: &str) -> Result<Option<Self>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM message WHERE id = ?1 AND state IN ('live', 'canceling')"
        );
        one(connection, &sql, id)
    }

    /// When to look at the live messages that are in no queue, or whose turn it is: from a place
    /// in their order up to a little after `now`.
    pub(crate) fn due_from(
        connection: &Connection,
        from: Horizon,
        now: i64,
    ) -> Result<PrefetchResult, Error> {
        let sql = "SELECT due_at, seq, flow_key FROM message
                   WHERE state = 'live' AND (queue_name IS NULL OR turn IS NOT NULL)
                       AND (due_at, seq) >= (?1, ?2) AND due_at < ?3
                   ORDER BY due_at, seq LIMIT ?4";
        let mut statement = connection.prepare_cached(sql)?;
        let end = Horizon { at: now.saturating_add(AHEAD_MS), seq: i64::MIN };
        let rows = statement.query_map(params![from.at, from.seq, end.at, AT_ONCE], read_due)?;
        let due: Vec<Due> = rows.collect::<Result<_, _>>()?;
        let cut = due.last().filter(|_| due.len() >= AT_ONCE as usize).map(Horizon::behind);
        // A clock that was set back moves no horizon back.
        let until = cut.unwrap_or(end).max(from);
        Ok(PrefetchResult { due, until })
    }

    /// Of each flow control key with live messages the spec of the newest, whose limits count.
    pub(crate) fn newest_of_each_flow(connection: &Connection) -> Result<Vec<Spec>, Error> {
        let mut statement = connection.prepare(
            "SELECT spec FROM message WHERE seq IN (
                 SELECT max(seq) FROM message
                 WHERE state = 'live' AND flow_key IS NOT NULL GROUP BY flow_key)",
        )?;
        let texts = statement.query_map([], |row| row.get::<_, String>(0))?;
        texts.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
    }

    /// Whether live messages have this flow control key.
    pub(crate) fn have_flow(connection: &Connection, key: &str) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM message WHERE flow_key = ?1 AND state = 'live')";
        Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
    }
}

/// A text where it lies.
fn text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    Ok(row.get_ref(column)?.as_str()?)
}

fn one(
    connection: &Connection,
    sql: &str,
    key: impl rusqlite::ToSql,
) -> Result<Option<Message>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(Message::read).transpose()
}

/// The messages that wait in a queue, first come first, at most so many.
pub(super) fn waiting(write: &Write<'_>, queue: &str, most: i64) -> Result<Vec<Due>, Error> {
    let sql = "SELECT due_at, seq, flow_key FROM message
               WHERE queue_name = ?1 AND state = 'live' AND turn IS NULL ORDER BY seq LIMIT ?2";
    let mut statement = write.connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![queue, most], read_due)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn read_due(row: &Row<'_>) -> rusqlite::Result<Due> {
    let lane: Option<String> = row.get(2)?;
    Ok(Due { at: row.get(0)?, seq: row.get(1)?, lane: lane.map(Into::into) })
}
