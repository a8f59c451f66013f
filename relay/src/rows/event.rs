//! The feed.

use roost_core::clock::UnixMillis;
use roost_relay_api::{Event, EventKind};
use rusqlite::{Connection, params};

use super::foreign;
/// Appends an event. Returns its number.
pub(crate) fn append(
    connection: &Connection,
    kind: &EventKind,
    now: UnixMillis,
) -> rusqlite::Result<i64> {
    let body = serde_json::to_string(kind).map_err(|error| foreign(2, error.to_string()))?;
    connection
        .prepare_cached("INSERT INTO event (at, body) VALUES (?1, ?2)")?
        .execute(params![now.0, body])?;
    Ok(connection.last_insert_rowid())
}

/// Events after a cursor, oldest first.
pub(crate) fn after(
    connection: &Connection,
    cursor: i64,
    limit: u32,
) -> rusqlite::Result<Vec<Event>> {
    connection
        .prepare_cached("SELECT seq, at, body FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2")?
        .query_map(params![cursor, limit], |row| {
            let body: String = row.get(2)?;
            Ok(Event {
                seq: row.get(0)?,
                at: UnixMillis(row.get(1)?),
                kind: serde_json::from_str(&body).map_err(|error| foreign(2, error.to_string()))?,
            })
        })?
        .collect()
}

/// The newest event's number; stays when events are pruned.
pub(crate) fn head(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)")?
        .query_row([], |row| row.get(0))
}

/// Removes events from before an instant, from the front only.
pub(crate) fn prune(connection: &Connection, before: UnixMillis) -> rusqlite::Result<usize> {
    let last: Option<i64> = connection
        .prepare_cached(
            "SELECT max(seq) FROM event
              WHERE seq < ifnull((SELECT min(seq) FROM event WHERE at >= ?1), 9e18)",
        )?
        .query_row([before.0], |row| row.get(0))?;
    let Some(last) = last else { return Ok(0) };
    connection.execute("UPDATE relay SET pruned_to = max(pruned_to, ?1)", [last])?;
    connection.execute("DELETE FROM event WHERE seq <= ?1", [last])
}
