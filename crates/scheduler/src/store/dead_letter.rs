//! Messages that were given up.

use rusqlite::{Connection, params, params_from_iter};

use super::event::Answer;
use super::filter::Filter;
use super::message_row::{COLUMN_COUNT, COLUMNS, Message};
use super::writer::Write;
use crate::error::Error;

/// A message that was given up, with the last answer it got.
#[derive(Debug, Clone)]
pub(crate) struct DeadLetter {
    pub(crate) seq: i64,
    pub(crate) dlq_id: String,
    pub(crate) message: Message,
    pub(crate) answer: Answer,
}

impl DeadLetter {
    /// Lays a message aside; tells the id of the letter.
    pub(crate) fn insert(
        write: &Write<'_>,
        message_seq: i64,
        now: i64,
        answer: &Answer,
    ) -> Result<String, Error> {
        let dlq_id = format!("{now}-{message_seq}");
        let mut statement = write.connection.prepare_cached(
            "INSERT INTO dead_letter
                 (dlq_id, message_seq, time, response_status, response_headers, response_body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let body = match (&answer.error, answer.status) {
            (Some(error), 0) => error.as_bytes(),
            _ => &answer.body,
        };
        let headers = serde_json::to_string(&answer.headers)?;
        statement.execute(params![dlq_id, message_seq, now, answer.status, headers, body])?;
        Ok(dlq_id)
    }

    /// A page of letters, newest first.
    pub(crate) fn list(
        connection: &Connection,
        filter: &Filter,
        count: usize,
    ) -> Result<Vec<Self>, Error> {
        let (condition, values) = filter.sql();
        let sql = format!(
            "SELECT {COLUMNS}, dead_letter.seq, dead_letter.dlq_id, dead_letter.response_status,
                 dead_letter.response_headers, dead_letter.response_body
             FROM dead_letter JOIN message ON message.seq = dead_letter.message_seq
             WHERE {condition} ORDER BY dead_letter.seq DESC LIMIT {count}"
        );
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut page = Vec::new();
        while let Some(row) = rows.next()? {
            page.push(Self {
                message: Message::read(row)?,
                seq: row.get(COLUMN_COUNT)?,
                dlq_id: row.get(COLUMN_COUNT + 1)?,
                answer: Answer {
                    status: row.get(COLUMN_COUNT + 2)?,
                    headers: serde_json::from_str(&row.get::<_, String>(COLUMN_COUNT + 3)?)?,
                    body: row.get(COLUMN_COUNT + 4)?,
                    error: None,
                },
            });
        }
        Ok(page)
    }

    /// Removes a page of letters, newest first: how many there were, and where to go on.
    pub(crate) fn delete_page(
        write: &Write<'_>,
        filter: &Filter,
        count: usize,
    ) -> Result<(usize, Option<i64>), Error> {
        let (condition, values) = filter.sql();
        let sql = format!(
            "SELECT dead_letter.seq
             FROM dead_letter JOIN message ON message.seq = dead_letter.message_seq
             WHERE {condition} ORDER BY dead_letter.seq DESC LIMIT {}",
            count.saturating_add(1)
        );
        let mut statement = write.connection.prepare(&sql)?;
        let found = statement.query_map(params_from_iter(values), |row| row.get::<_, i64>(0))?;
        let mut seqs = found.collect::<Result<Vec<_>, _>>()?;
        let more = seqs.len() > count;
        seqs.truncate(count);
        let sql = "DELETE FROM dead_letter WHERE seq = ?1";
        let mut statement = write.connection.prepare_cached(sql)?;
        for seq in &seqs {
            statement.execute([seq])?;
        }
        Ok((seqs.len(), seqs.last().copied().filter(|_| more)))
    }

    /// Whether nobody removed it yet.
    pub(crate) fn is_there(&self, write: &Write<'_>) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM dead_letter WHERE seq = ?1";
        Ok(write.connection.prepare_cached(sql)?.exists([self.seq])?)
    }

    /// Removes the letter; its message stays in the log. False when it was gone already.
    pub(crate) fn delete(&self, write: &Write<'_>) -> Result<bool, Error> {
        let sql = "DELETE FROM dead_letter WHERE seq = ?1";
        Ok(write.connection.prepare_cached(sql)?.execute([self.seq])? == 1)
    }
}
