//! The ledger's epoch: the mark by which a desktop notices that the relay works on another database than
//! before.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_relay_api::Epoch;
use rusqlite::{Connection, params};

/// How long a ledger may be on its way to another computer, and be taken for one that nothing else served
/// meanwhile.
const WAY_MAX: Duration = Duration::from_secs(5 * 60);

/// Gives the ledger a new epoch: at init, after a restore, and when it is a copy.
///
/// The ledger from which this file came may have sent the posts that were due before `now`. They are in
/// doubt, and the relay reads the account's timeline before it calls X for them; so it does for the parts
/// that follow in a thread whose call was interrupted. A post that the relay had already looked for may
/// have been sent since, so all its looks are repeated. `is_copy` says that the other ledger may still be
/// at work.
pub(crate) fn renew(
    connection: &Connection,
    epoch: &Epoch,
    is_copy: bool,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO relay (one, epoch, epoch_born_at, heartbeat_at, is_copy)
         VALUES (1, ?1, ?2, ?2, ?3)
         ON CONFLICT (one) DO UPDATE
            SET epoch = ?1, epoch_born_at = ?2, home = NULL, is_copy = ?3,
                moved_to = NULL, moved_at = NULL",
        params![epoch.0, now.0, is_copy],
    )?;
    connection.execute(
        "UPDATE post SET doubt_until = ?1, look_first = look_first OR due_at <= ?1
          WHERE state IN ('staged', 'claimed', 'waiting', 'sending', 'unknown')",
        [now.0],
    )?;
    connection.execute(
        "UPDATE post SET looks = 0, next_at = ?1
          WHERE state IN ('claimed', 'waiting', 'unknown') AND state = 'unknown'",
        [now.0],
    )?;
    Ok(())
}

/// Lets a ledger that was moved go on in this file, where it lay in another one until a moment ago. Returns
/// whether it did. It does not where the way took longer: the same ledger may have been put in use elsewhere
/// meanwhile. What is due is looked for before it is sent even so.
pub(crate) fn arrive(
    connection: &Connection,
    file: &str,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let longest = i64::try_from(WAY_MAX.as_millis()).unwrap_or(0);
    let arrived = connection.execute(
        "UPDATE relay SET moved_to = NULL, moved_at = NULL, home = ?1
          WHERE home <> ?1 AND moved_to IS NOT NULL AND abs(?2 - moved_at) <= ?3",
        params![file, now.0, longest],
    )?;
    if arrived == 1 {
        connection.execute(
            "UPDATE post SET look_first = 1
              WHERE state IN ('staged', 'claimed', 'waiting') AND attempts = 0 AND due_at <= ?1",
            [now.0],
        )?;
    }
    Ok(arrived == 1)
}

/// The mark of a ledger that was moved, as it was before another one.
#[derive(Debug, Clone)]
pub(crate) struct MovedMark {
    to: Option<String>,
    at: Option<i64>,
}

/// Notes that the ledger was moved to `place`, and returns what was noted before. The first moment stays
/// where it was never put in use since: from then on another one may have been at work.
pub(crate) fn leave(
    connection: &Connection,
    place: &str,
    now: UnixMillis,
) -> rusqlite::Result<MovedMark> {
    let before = connection.query_row("SELECT moved_to, moved_at FROM relay", [], |row| {
        Ok(MovedMark { to: row.get(0)?, at: row.get(1)? })
    })?;
    connection.execute(
        "UPDATE relay SET moved_at = CASE WHEN moved_to IS NULL THEN ?2 ELSE moved_at END,
                          moved_to = ?1",
        params![place, now.0],
    )?;
    Ok(before)
}

/// Puts back what was noted before a move that came to nothing.
pub(crate) fn stay(connection: &Connection, before: &MovedMark) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE relay SET moved_to = ?1, moved_at = ?2", params![before.to, before.at])
        .map(drop)
}

/// Notes in which file the ledger is. Returns whether it was in another one before: then it is a copy, and
/// a relay may be at work on the original.
pub(crate) fn note_file(connection: &Connection, file: &str) -> rusqlite::Result<bool> {
    let known: Option<String> =
        connection.query_row("SELECT home FROM relay", [], |row| row.get(0))?;
    connection.execute("UPDATE relay SET home = ?1 WHERE home IS NOT ?1", [file])?;
    Ok(known.is_some_and(|known| known != file))
}

/// Extends the doubt to `now`: another ledger may have sent posts that were due before, and that the desktop
/// stages here only from now on.
pub(crate) fn extend_doubt(connection: &Connection, now: UnixMillis) -> rusqlite::Result<()> {
    connection.execute("UPDATE relay SET epoch_born_at = max(epoch_born_at, ?1)", [now.0])?;
    Ok(())
}
