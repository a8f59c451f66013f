//! What a database holds, in numbers.

use rusqlite::Connection;
use serde::Serialize;

use crate::error::Error;

/// What a scheduler's database holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Messages that are not yet delivered, given up or cancelled.
    pub live: i64,
    /// Of these, those whose time has come.
    pub due: i64,
    /// Of the due ones, those that a paused flow control key holds.
    pub held: i64,
    /// Of the live ones, those that wait for their turn in a queue.
    pub waiting_in_queues: i64,
    /// Delivered, and still in the log.
    pub delivered: i64,
    /// Given up, and still in the log.
    pub failed: i64,
    /// Cancelled, and still in the log.
    pub canceled: i64,
    /// Given up, and waiting for somebody's decision.
    pub dead_letters: i64,
    /// Queues.
    pub queues: i64,
    /// Schedules.
    pub schedules: i64,
    /// URL groups.
    pub url_groups: i64,
    /// When the next live message is due, Unix milliseconds.
    pub next_due_at: Option<i64>,
    /// When the next schedule is due, Unix milliseconds.
    pub next_schedule_at: Option<i64>,
}

impl Summary {
    pub(crate) fn read(connection: &Connection, now: i64) -> Result<Self, Error> {
        let sql = "SELECT
                (SELECT count(*) FROM message
                     WHERE state = 'live' AND (queue_name IS NULL OR turn IS NOT NULL)),
                (SELECT count(*) FROM message WHERE state = 'live' AND due_at <= ?1
                     AND (queue_name IS NULL OR turn IS NOT NULL)),
                (SELECT count(*) FROM message
                     WHERE state = 'live' AND queue_name IS NOT NULL AND turn IS NULL),
                (SELECT messages FROM tally WHERE state = 'delivered'),
                (SELECT messages FROM tally WHERE state = 'failed'),
                (SELECT messages FROM tally WHERE state = 'canceled')
                    + (SELECT count(*) FROM message WHERE state = 'canceling'),
                (SELECT count(*) FROM dead_letter),
                (SELECT count(*) FROM queue),
                (SELECT count(*) FROM schedule),
                (SELECT count(*) FROM url_group),
                (SELECT min(due_at) FROM message
                     WHERE state = 'live' AND (queue_name IS NULL OR turn IS NOT NULL)),
                (SELECT min(next_at) FROM schedule),
                (SELECT count(*) FROM message WHERE state = 'live' AND due_at <= ?1
                     AND (queue_name IS NULL OR turn IS NOT NULL)
                     AND flow_key IN (SELECT key FROM flow_rule WHERE paused))";
        Ok(connection.prepare_cached(sql)?.query_row([now], |row| {
            let waiting_in_queues: i64 = row.get(2)?;
            Ok(Self {
                live: row.get::<_, i64>(0)? + waiting_in_queues,
                due: row.get(1)?,
                held: row.get(12)?,
                waiting_in_queues,
                delivered: row.get(3)?,
                failed: row.get(4)?,
                canceled: row.get(5)?,
                dead_letters: row.get(6)?,
                queues: row.get(7)?,
                schedules: row.get(8)?,
                url_groups: row.get(9)?,
                next_due_at: row.get(10)?,
                next_schedule_at: row.get(11)?,
            })
        })?)
    }
}
