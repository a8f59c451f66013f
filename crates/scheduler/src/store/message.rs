//! Messages: accepting and ending them.

use axum::body::Bytes;
use rusqlite::{OptionalExtension, params};

use super::deduplication;
use super::event::{State, note};
use super::message_row::{Message, Turn};
use super::message_state::MessageState;
use super::writer::Write;
use crate::error::Error;
use crate::secret;
use crate::spec::{Deduplication, Spec};
use crate::timer::Due;

impl Message {
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
