//! Troubles that began, when they were over, and what each channel was told of them.

use std::collections::HashMap;
use std::time::Duration;

use roost_core::alarm::AlarmKind;
use roost_core::clock::UnixMillis;
use rusqlite::{Connection, params};

/// Troubles that are over are kept for so long.
const KEEP_OVER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incident {
    pub(crate) id: i64,
    /// What it is the trouble of: one of a key is open at a time.
    pub(crate) key: String,
    pub(crate) kind: AlarmKind,
    /// As it was said when it began.
    pub(crate) line: String,
    pub(crate) began_at: UnixMillis,
    pub(crate) over_at: Option<UnixMillis>,
    /// Channels that were told: whether they heard its end, too.
    pub(crate) told: HashMap<String, bool>,
}

/// Everything that is not over, or was over after `since`.
pub(crate) fn load(connection: &Connection, since: UnixMillis) -> rusqlite::Result<Vec<Incident>> {
    let mut told: HashMap<i64, HashMap<String, bool>> = HashMap::new();
    let mut statement =
        connection.prepare_cached("SELECT alarm_id, channel, over FROM alarm_told")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        told.entry(row.get(0)?).or_default().insert(row.get(1)?, row.get(2)?);
    }
    let mut statement = connection.prepare_cached(
        "SELECT id, key, kind, line, began_at, over_at FROM alarm
          WHERE over_at IS NULL OR over_at > ?1 ORDER BY id",
    )?;
    let mut rows = statement.query([since.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, kind): (i64, String) = (row.get(0)?, row.get(2)?);
        // A kind of a later release is none of this one's.
        let Ok(kind) = kind.parse() else { continue };
        found.push(Incident {
            id,
            key: row.get(1)?,
            kind,
            line: row.get(3)?,
            began_at: UnixMillis(row.get(4)?),
            over_at: row.get::<_, Option<i64>>(5)?.map(UnixMillis),
            told: told.remove(&id).unwrap_or_default(),
        });
    }
    Ok(found)
}

/// The highest number that a trouble ever had.
pub(crate) fn last_id(connection: &Connection) -> rusqlite::Result<i64> {
    let last = "SELECT ifnull(max(id), 0) FROM alarm";
    connection.prepare_cached(last)?.query_row([], |row| row.get(0))
}

/// Keeps a trouble as it stands now, and what was told of it.
pub(crate) fn keep(connection: &Connection, incident: &Incident) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO alarm (id, key, kind, line, began_at, over_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET over_at = ?6",
        )?
        .execute(params![
            incident.id,
            incident.key,
            incident.kind.as_str(),
            incident.line,
            incident.began_at.0,
            incident.over_at.map(|at| at.0),
        ])?;
    for (channel, over) in &incident.told {
        connection
            .prepare_cached(
                "INSERT INTO alarm_told (alarm_id, channel, over) VALUES (?1, ?2, ?3)
                 ON CONFLICT (alarm_id, channel) DO UPDATE SET over = ?3",
            )?
            .execute(params![incident.id, channel, over])?;
    }
    Ok(())
}

/// Forgets troubles that were over long ago.
pub(crate) fn prune(connection: &Connection, now: UnixMillis) -> rusqlite::Result<()> {
    // The last one stays: its number is where the next begins.
    connection.execute(
        "DELETE FROM alarm WHERE over_at < ?1 AND id < (SELECT max(id) FROM alarm)",
        [now.minus(KEEP_OVER).0],
    )?;
    Ok(())
}

/// The day whose posts were told last.
pub(crate) fn posted_told(connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT posted_told FROM relay", [], |row| row.get(0))
}

/// Notes the day whose posts were told.
pub(crate) fn note_posted_told(connection: &Connection, day: &str) -> rusqlite::Result<()> {
    connection.execute("UPDATE relay SET posted_told = ?1", [day]).map(drop)
}
