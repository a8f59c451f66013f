//! Queues: first come, first delivered, at most so many at a time.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::message_row::{Turn, read_due, waiting};
use super::quota;
use super::writer::Write;
use crate::error::Error;
use crate::timer::Due;

/// A queue as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) name: String,
    /// Messages whose turn it is, at most.
    pub(crate) parallelism: u32,
    pub(crate) paused: bool,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    /// Messages that are not yet delivered or given up.
    pub(crate) lag: i64,
}

const SELECT: &str = "SELECT name, parallelism, paused, created_at, updated_at,
     (SELECT count(*) FROM message WHERE queue_name = queue.name AND state = 'live') FROM queue";

impl Queue {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            name: row.get(0)?,
            parallelism: row.get(1)?,
            paused: row.get(2)?,
            created_at: row.get(3)?,
            updated_at: row.get(4)?,
            lag: row.get(5)?,
        })
    }

    pub(crate) fn by_name(connection: &Connection, name: &str) -> Result<Option<Self>, Error> {
        let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE name = ?1"))?;
        Ok(statement.query_row([name], Self::read).optional()?)
    }

    /// All queues, by name.
    pub(crate) fn all(connection: &Connection) -> Result<Vec<Self>, Error> {
        let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY name"))?;
        let rows = statement.query_map([], Self::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Makes the queue, or changes what is given of it.
pub(crate) fn upsert(
    write: &mut Write<'_>,
    name: &str,
    parallelism: Option<u32>,
    paused: Option<bool>,
    now: i64,
) -> Result<(), Error> {
    quota::within(
        "maxParallelism",
        parallelism.unwrap_or(1).into(),
        write.limits.queue_parallelism,
    )?;
    make_within(write, name, now)?;
    let sql = "UPDATE queue SET parallelism = coalesce(?2, parallelism),
                   paused = coalesce(?3, paused), updated_at = ?4 WHERE name = ?1";
    let mut statement = write.connection.prepare_cached(sql)?;
    statement.execute(params![name, parallelism, paused, now])?;
    if paused == Some(true) {
        take_turns(write, name)?;
    }
    admit(write, name, now)
}

/// Makes the queue when there is none: one message at a time.
pub(super) fn make(write: &Write<'_>, name: &str, now: i64) -> Result<(), Error> {
    let sql = "INSERT INTO queue (name, parallelism, paused, created_at, updated_at)
               VALUES (?1, 1, 0, ?2, ?2) ON CONFLICT (name) DO NOTHING";
    write.connection.prepare_cached(sql)?.execute(params![name, now])?;
    Ok(())
}

/// As [`make`], within the plan's limit: for whoever asks for it.
pub(crate) fn make_within(write: &Write<'_>, name: &str, now: i64) -> Result<(), Error> {
    make(write, name, now)?;
    quota::within("maxQueues", quota::count(write, "queue")?, write.limits.queues)
}

/// Pauses or resumes; false when there is no such queue.
pub(crate) fn pause(
    write: &mut Write<'_>,
    name: &str,
    paused: bool,
    now: i64,
) -> Result<bool, Error> {
    let sql = "UPDATE queue SET paused = ?2, updated_at = ?3 WHERE name = ?1";
    let known = write.connection.prepare_cached(sql)?.execute(params![name, paused, now])? == 1;
    if paused {
        take_turns(write, name)?;
    }
    admit(write, name, now)?;
    Ok(known)
}

/// Lets the queue's messages wait for their turn once more: a retry, or what waits for its time,
/// must not go out during a pause. A callback keeps its place: it tells of what has happened.
fn take_turns(write: &mut Write<'_>, name: &str) -> Result<(), Error> {
    // The first condition about the state is the index's own.
    let sql = "UPDATE message SET turn_queue = NULL, turn = NULL
               WHERE turn_queue = ?1 AND state IN ('live', 'canceling')
                   AND state = 'live' AND queue_name = ?1
               RETURNING due_at, seq, flow_key";
    let mut statement = write.connection.prepare_cached(sql)?;
    let taken = statement.query_map([name], read_due)?.collect::<Result<Vec<_>, _>>()?;
    taken.into_iter().for_each(|due| write.disarm(due));
    Ok(())
}

/// Removes the queue; what waits in it is cancelled, and the log says so.
pub(crate) fn delete(write: &mut Write<'_>, name: &str, now: i64) -> Result<(), Error> {
    write.connection.execute("DELETE FROM queue WHERE name = ?1", [name])?;
    for due in waiting(write, name, i64::MAX)? {
        super::Message::cancel(write, due, now)?;
    }
    Ok(())
}

/// Gives the next messages their turn, as many as the queue lets pass now.
pub(super) fn admit(write: &mut Write<'_>, name: &str, now: i64) -> Result<(), Error> {
    let sql = "SELECT parallelism - (SELECT count(DISTINCT turn) FROM message
                   WHERE turn_queue = ?1 AND state IN ('live', 'canceling'))
               FROM queue WHERE name = ?1 AND NOT paused";
    let mut statement = write.connection.prepare_cached(sql)?;
    let room: Option<i64> = statement.query_row([name], |row| row.get(0)).optional()?;
    let Some(room) = room.filter(|room| *room > 0) else { return Ok(()) };
    for due in waiting(write, name, room)? {
        let at = due.at.max(now);
        Turn { queue: name.to_owned(), of: due.seq }.give(write, due.seq, at)?;
        write.arm(Due { at, ..due });
    }
    Ok(())
}

/// As [`admit`], of every queue: after a start.
pub(crate) fn admit_all(write: &mut Write<'_>, now: i64) -> Result<(), Error> {
    for queue in Queue::all(write.connection)? {
        admit(write, &queue.name, now)?;
    }
    Ok(())
}
