//! The log: what happened to each message.

use rusqlite::{Connection, params, params_from_iter};

use super::filter::Filter;
use super::message_row::{COLUMN_COUNT, COLUMNS, Message};
use super::writer::Write;
use crate::error::Error;
use crate::header::Headers;

/// Bodies on one page; it ends early when they are more. They are base64 in the answer, twice.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A step in a message's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Created,
    Active,
    Retry,
    Error,
    Delivered,
    Failed,
    CancelRequested,
    Canceled,
}

impl State {
    pub(crate) const ALL: [Self; 8] = [
        Self::Created,
        Self::Active,
        Self::Retry,
        Self::Error,
        Self::Delivered,
        Self::Failed,
        Self::CancelRequested,
        Self::Canceled,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Active => "ACTIVE",
            Self::Retry => "RETRY",
            Self::Error => "ERROR",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
            Self::CancelRequested => "CANCEL_REQUESTED",
            Self::Canceled => "CANCELED",
        }
    }
}

/// What a destination answered, or why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    /// 0 without an answer.
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
    pub(crate) error: Option<String>,
}

/// A line of the log.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Its place in the log.
    pub(crate) seq: i64,
    pub(crate) time: i64,
    pub(crate) state: String,
    pub(crate) next_delivery_time: Option<i64>,
    pub(crate) answer: Option<Answer>,
}

/// Adds a line to the log.
pub(crate) fn note(
    write: &Write<'_>,
    message_seq: i64,
    time: i64,
    state: State,
    next_delivery_time: Option<i64>,
    answer: Option<&Answer>,
) -> Result<(), Error> {
    let headers = answer.map(|answer| serde_json::to_string(&answer.headers)).transpose()?;
    let mut statement = write.connection.prepare_cached(
        "INSERT INTO event (message_seq, time, state, next_delivery_time, response_status,
             response_headers, response_body, error)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    statement.execute(params![
        message_seq,
        time,
        state.as_str(),
        next_delivery_time,
        answer.map(|answer| answer.status),
        headers,
        answer.map(|answer| &answer.body),
        answer.and_then(|answer| answer.error.as_ref()),
    ])?;
    Ok(())
}

impl Event {
    /// A page of the log, newest first, each line with its message; and whether there is more.
    pub(crate) fn page(
        connection: &Connection,
        filter: &Filter,
        wanted: &Wanted,
    ) -> Result<(Vec<(Self, Message)>, bool), Error> {
        let (condition, values) = filter.sql();
        let sql = wanted.sql(&condition);
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let (mut page, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            if page.len() >= wanted.count || bytes >= MOST_BYTES {
                return Ok((page, true));
            }
            let message = Message::read(row)?;
            let status: Option<u16> = row.get(COLUMN_COUNT + 4)?;
            let headers: Option<String> = row.get(COLUMN_COUNT + 5)?;
            let answer = match (status, headers) {
                (Some(status), Some(headers)) => Some(Answer {
                    status,
                    headers: serde_json::from_str(&headers)?,
                    body: row.get::<_, Option<Vec<u8>>>(COLUMN_COUNT + 6)?.unwrap_or_default(),
                    error: row.get(COLUMN_COUNT + 7)?,
                }),
                _ => None,
            };
            let event = Self {
                seq: row.get(COLUMN_COUNT)?,
                time: row.get(COLUMN_COUNT + 1)?,
                state: row.get(COLUMN_COUNT + 2)?,
                next_delivery_time: row.get(COLUMN_COUNT + 3)?,
                answer,
            };
            let answered = event.answer.as_ref().map_or(0, |answer| answer.body.len());
            bytes += message.body.len() + answered;
            page.push((event, message));
        }
        Ok((page, false))
    }
}

/// What is asked of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Lines at most.
    pub(crate) count: usize,
    /// Whether bodies are read: the message's and the answer's.
    pub(crate) bodies: bool,
    /// Whether a time is asked for: then the order is by it, as its index is. Otherwise it is the
    /// order in which lines were written, which is another when the clock was set back.
    pub(crate) by_time: bool,
}

impl Wanted {
    pub(super) fn sql(&self, condition: &str) -> String {
        let order = if self.by_time { "event.time DESC, event.seq DESC" } else { "event.seq DESC" };
        let (mut columns, mut answer) = (COLUMNS.to_owned(), "event.response_body");
        if !self.bodies {
            columns = columns.replace("message.body", "x''");
            answer = "NULL";
        }
        format!(
            "SELECT {columns}, event.seq, event.time, event.state, event.next_delivery_time,
                 event.response_status, event.response_headers, {answer}, event.error
             FROM event JOIN message ON message.seq = event.message_seq
             WHERE {condition} ORDER BY {order} LIMIT {}",
            self.count.saturating_add(1)
        )
    }
}
