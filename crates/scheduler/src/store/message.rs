//! Messages: accepting, loading, ending them.

use std::sync::LazyLock;

use axum::body::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::deduplication;
use super::event::{State, note};
use super::writer::Write;
use crate::error::Error;
use crate::secret;
use crate::spec::{Deduplication, Spec};
use crate::timer::{AHEAD_MS, AT_ONCE, Due, Horizon, PrefetchResult};

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageState {
    /// Waits for an attempt, or is in one.
    Live,
    /// Was cancelled while an attempt was under way.
    Canceling,
    Delivered,
    Failed,
    Canceled,
}

impl MessageState {
    const ALL: [Self; 5] =
        [Self::Live, Self::Canceling, Self::Delivered, Self::Failed, Self::Canceled];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Canceling => "canceling",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    pub(super) fn read(text: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Failed)
    }
}

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

    /// Plans the next attempt.
    pub(crate) fn retry(&self, write: &mut Write<'_>, at: i64) -> Result<(), Error> {
        let mut statement = write.connection.prepare_cached(
            "UPDATE message SET retried = ?2, due_at = ?3 WHERE seq = ?1 AND state = 'live'
             RETURNING queue_name IS NULL OR turn IS NOT NULL",
        )?;
        let values = params![self.seq, self.retried + 1, at];
        // Its queue may have been paused while it was under way.
        let has_turn: Option<bool> = statement.query_row(values, |row| row.get(0)).optional()?;
        if has_turn == Some(true) {
            write.arm(Due { at, ..self.due() });
        }
        if has_turn.is_some() {
            write.change_counters().retried += 1;
        }
        Ok(())
    }

    /// Ends the message. Whoever has written down what follows from its end calls
    /// [`Message::pass_turn`].
    pub(crate) fn end(
        write: &mut Write<'_>,
        seq: i64,
        state: MessageState,
        now: i64,
    ) -> Result<(), Error> {
        let sql = "UPDATE message SET state = ?2, finished_at = ?3
                   WHERE seq = ?1 AND finished_at IS NULL";
        let mut statement = write.connection.prepare_cached(sql)?;
        if statement.execute(params![seq, state.as_str(), now])? == 1 {
            write.change_counters().end(state);
        }
        Ok(())
    }

    /// Cancels it. One that is in flight may still be delivered by the attempt under way.
    pub(crate) fn cancel(write: &mut Write<'_>, due: Due, now: i64) -> Result<(), Error> {
        let seq = due.seq;
        note(write, seq, now, State::CancelRequested, None, None)?;
        if write.withdraw(due) {
            note(write, seq, now, State::Canceled, None, None)?;
            Self::end(write, seq, MessageState::Canceled, now)?;
            return Self::pass_turn(write, seq, now);
        }
        let sql = "UPDATE message SET state = 'canceling' WHERE seq = ?1";
        write.connection.prepare_cached(sql)?.execute([seq])?;
        Ok(())
    }

    /// Lets the next message of its queue follow, if this one ended with all that tells of it.
    pub(crate) fn pass_turn(write: &mut Write<'_>, seq: i64, now: i64) -> Result<(), Error> {
        let sql = "SELECT turn_queue FROM message WHERE seq = ?1 AND turn_queue IS NOT NULL";
        let mut statement = write.connection.prepare_cached(sql)?;
        let queue: Option<String> = statement.query_row([seq], |row| row.get(0)).optional()?;
        queue.map_or(Ok(()), |queue| super::queue::admit(write, &queue, now))
    }

    /// The state as a write sees it.
    pub(crate) fn state_now(write: &Write<'_>, seq: i64) -> Result<Option<MessageState>, Error> {
        let sql = "SELECT state FROM message WHERE seq = ?1";
        let text = write
            .connection
            .prepare_cached(sql)?
            .query_row([seq], |row| row.get::<_, String>(0))
            .optional()?;
        Ok(text.map(|text| MessageState::read(&text)))
    }

    /// What was being cancelled when the process ended is cancelled.
    pub(crate) fn end_canceling(write: &mut Write<'_>, now: i64) -> Result<(), Error> {
        let connection = write.connection;
        connection.execute(
            "INSERT INTO event (message_seq, time, state)
             SELECT seq, ?1, 'CANCELED' FROM message WHERE state = 'canceling'",
            [now],
        )?;
        let ended = connection.execute(
            "UPDATE message SET state = 'canceled', finished_at = ?1 WHERE state = 'canceling'",
            [now],
        )?;
        (0..ended).for_each(|_| write.change_counters().end(MessageState::Canceled));
        Ok(())
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

/// A message that is about to be accepted.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage {
    pub(crate) spec: Spec,
    pub(crate) body: Bytes,
    pub(crate) due_at: i64,
    pub(crate) deduplication: Option<Deduplication>,
    /// The turn that a callback belongs to.
    pub(crate) turn: Option<Turn>,
}

/// The acknowledgement of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) deduplicated: bool,
}

impl NewMessage {
    /// Accepts the message, unless it repeats one.
    pub(crate) fn insert(self, write: &mut Write<'_>, now: i64) -> Result<Published, Error> {
        if let Some(key) = &self.deduplication
            && let Some((id, url)) = deduplication::find(write, key, now)?
        {
            return Ok(Published { id, url, deduplicated: true });
        }
        let id = secret::message_id(now);
        let seq = self.insert_row(write, &id, now)?;
        write.change_counters().published += 1;
        for label in &self.spec.labels {
            let sql = "INSERT INTO message_label (label, message_seq) VALUES (?1, ?2)";
            write.connection.prepare_cached(sql)?.execute(params![label, seq])?;
        }
        if let Some(key) = &self.deduplication {
            deduplication::insert(write, key, &id, &self.spec.url, now)?;
        }
        note(write, seq, now, State::Created, None, None)?;
        if let Some(queue) = &self.spec.queue_name {
            super::queue::make(write, queue, now)?;
            super::queue::admit(write, queue, now)?;
        } else {
            let lane = self.spec.flow.as_ref().map(|flow| flow.key.as_str().into());
            write.arm(Due { at: self.due_at, seq, lane });
        }
        if let Some(flow) = self.spec.flow {
            write.configure(flow);
        }
        Ok(Published { id, url: self.spec.url, deduplicated: false })
    }

    fn insert_row(&self, write: &Write<'_>, id: &str, now: i64) -> Result<i64, Error> {
        let spec = &self.spec;
        let url = url::Url::parse(&spec.url).ok();
        let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
        let path = url.as_ref().map_or("", |url| url.path());
        let mut statement = write.connection.prepare_cached(
            "INSERT INTO message (id, state, due_at, not_before, created_at, url, host, path,
                 caller_ip, topic_name, endpoint_name, queue_name, schedule_id, flow_key, spec,
                 body, turn_queue, turn)
             VALUES (?1, 'live', ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
                 ?16)",
        )?;
        let flow_key = spec.flow.as_ref().map(|flow| &flow.key);
        Ok(statement.insert(params![
            id,
            self.due_at,
            now,
            spec.url,
            host,
            path,
            spec.caller_ip,
            spec.topic_name,
            spec.endpoint_name,
            spec.queue_name,
            spec.schedule_id,
            flow_key,
            serde_json::to_string(spec)?,
            &self.body[..],
            self.turn.as_ref().map(|turn| &turn.queue),
            self.turn.as_ref().map(|turn| turn.of),
        ])?)
    }
}

/// Marks that attempts begin, all in one statement: each one costs as much as a line.
pub(crate) fn note_attempts(write: &Write<'_>, seqs: &[i64], now: i64) -> Result<(), Error> {
    let mut statement = write.connection.prepare_cached(
        "INSERT INTO event (message_seq, time, state) SELECT value, ?2, ?3 FROM json_each(?1)",
    )?;
    statement.execute(params![serde_json::to_string(seqs)?, now, State::Active.as_str()])?;
    Ok(())
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
