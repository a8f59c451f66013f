//! The relay's own row: epoch, pause, heartbeat, coverage. How the epoch changes stands in
//! [`super::epoch`].

use roost_core::clock::UnixMillis;
use roost_relay_api::{Coverage, Epoch};
use rusqlite::{Connection, OptionalExtension, params};

use crate::x_time::{KnownSkew, XTime};

/// The relay as a whole.
#[derive(Debug, Clone)]
pub(crate) struct RelayRow {
    pub(crate) epoch: Epoch,
    pub(crate) epoch_born_at: UnixMillis,
    pub(crate) paused: bool,
    pub(crate) heartbeat_at: UnixMillis,
    pub(crate) gap: Option<(UnixMillis, UnixMillis)>,
    pub(crate) pruned_to: i64,
    pub(crate) covered_until: Option<UnixMillis>,
    /// When a desktop told that last.
    pub(crate) covered_at: Option<UnixMillis>,
    pub(crate) posts_beyond: u64,
    /// Where the ledger was moved to: it is not served again.
    pub(crate) moved_to: Option<String>,
    /// The ledger that this one was copied from may be at work.
    pub(crate) is_copy: bool,
}

/// The row, if the database was ever used.
pub(crate) fn get(connection: &Connection) -> rusqlite::Result<Option<RelayRow>> {
    connection
        .prepare_cached("SELECT * FROM relay WHERE one = 1")?
        .query_row([], |row| {
            let from: Option<i64> = row.get("gap_from")?;
            let to: Option<i64> = row.get("gap_to")?;
            Ok(RelayRow {
                epoch: Epoch(row.get("epoch")?),
                epoch_born_at: UnixMillis(row.get("epoch_born_at")?),
                paused: row.get("paused")?,
                heartbeat_at: UnixMillis(row.get("heartbeat_at")?),
                gap: from.zip(to).map(|(from, to)| (UnixMillis(from), UnixMillis(to))),
                pruned_to: row.get("pruned_to")?,
                covered_until: row.get::<_, Option<i64>>("covered_until")?.map(UnixMillis),
                covered_at: row.get::<_, Option<i64>>("covered_at")?.map(UnixMillis),
                posts_beyond: u64::try_from(row.get::<_, i64>("posts_beyond")?).unwrap_or(0),
                moved_to: row.get("moved_to")?,
                is_copy: row.get("is_copy")?,
            })
        })
        .optional()
}

/// The row of a database that is open.
pub(crate) fn row(connection: &Connection) -> rusqlite::Result<RelayRow> {
    get(connection)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// Changes something that nothing depends on: whether it can be written is the question.
pub(crate) fn count_check(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE relay SET checks = checks + 1")?.execute([]).map(drop)
}

/// Sets the flag that fences everything.
pub(crate) fn set_paused(connection: &Connection, paused: bool) -> rusqlite::Result<bool> {
    connection
        .execute("UPDATE relay SET paused = ?1 WHERE paused <> ?1", [paused])
        .map(|changed| changed == 1)
}

/// Notes until when the desktop handed everything over.
pub(crate) fn cover(
    connection: &Connection,
    coverage: Coverage,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE relay SET covered_until = ?1, posts_beyond = ?2, covered_at = ?3",
        params![coverage.until.0, i64::try_from(coverage.posts_beyond).unwrap_or(i64::MAX), now.0,],
    )?;
    Ok(())
}

/// What was known of X's time.
pub(crate) fn x_time(connection: &Connection) -> rusqlite::Result<KnownSkew> {
    let sql = "SELECT clock_ahead, x_heard_at, clock_ahead_at_most FROM relay";
    connection.prepare_cached(sql)?.query_row([], |row| {
        let since: Option<i64> = row.get(1)?;
        let x_time = XTime { ahead_ms: row.get(0)?, since: since.map(UnixMillis) };
        Ok(KnownSkew { x_time, ahead_at_most_ms: row.get(2)? })
    })
}

/// Keeps what is known of X's time, for the next process.
pub(crate) fn keep_x_time(connection: &Connection, known: KnownSkew) -> rusqlite::Result<()> {
    let (Some(ahead_ms), Some(since)) = (known.x_time.ahead_ms, known.x_time.since) else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "UPDATE relay SET clock_ahead = ?1, x_heard_at = ?2, clock_ahead_at_most = ?3",
        )?
        .execute(params![ahead_ms, since.0, known.ahead_at_most_ms])?;
    Ok(())
}

/// Notes that the relay is awake. A gap since the last time longer than `allowed_ms` is kept, and
/// posts due in it are looked for before their first call.
pub(crate) fn beat(
    connection: &Connection,
    now: UnixMillis,
    allowed_ms: i64,
) -> rusqlite::Result<Option<UnixMillis>> {
    let last = row(connection)?.heartbeat_at;
    connection.execute("UPDATE relay SET heartbeat_at = ?1", [now.0])?;
    if now.0.saturating_sub(last.0) <= allowed_ms {
        return Ok(None);
    }
    connection.execute("UPDATE relay SET gap_from = ?1, gap_to = ?2", params![last.0, now.0])?;
    connection.execute(
        "UPDATE post SET look_first = 1
          WHERE state IN ('staged', 'claimed', 'waiting') AND attempts = 0
            AND due_at BETWEEN ?1 AND ?2",
        params![last.0, now.0],
    )?;
    Ok(Some(last))
}
