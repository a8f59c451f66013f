//! Removing what is past its retention, a little at a time so that publishes don't wait.

use rusqlite::params;

use super::MessageState;
use super::writer::Write;
use crate::error::Error;

/// Messages removed in one write.
const AT_ONCE: u32 = 500;

/// Removes messages (with log and dead letter) that ended before `before`, and forgotten
/// deduplication ids. True when there may be more.
pub(crate) fn step(write: &mut Write<'_>, before: i64, now: i64) -> Result<bool, Error> {
    let sql = "DELETE FROM message WHERE seq IN (
                   SELECT seq FROM message
                   WHERE finished_at IS NOT NULL AND finished_at < ?1 LIMIT ?2)
               RETURNING state";
    let mut statement = write.connection.prepare_cached(sql)?;
    let states = statement.query_map(params![before, AT_ONCE], |row| row.get::<_, String>(0))?;
    let states = states.collect::<Result<Vec<_>, _>>()?;
    let removed = states.len();
    states.iter().for_each(|state| write.change_counters().forget(MessageState::read(state)));
    let sql = "DELETE FROM deduplication WHERE key IN (
                   SELECT key FROM deduplication WHERE expires_at <= ?1 LIMIT ?2)";
    let forgotten = write.connection.prepare_cached(sql)?.execute(params![now, AT_ONCE])?;
    Ok(removed.max(forgotten) >= AT_ONCE as usize)
}
