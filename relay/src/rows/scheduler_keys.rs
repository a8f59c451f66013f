//! The signing keys that a computer sent, sealed.

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, OptionalExtension, params};

/// Returns the sealed pair.
pub(crate) fn get(connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT sealed FROM scheduler_keys WHERE one = 1")?
        .query_row([], |row| row.get(0))
        .optional()
}

/// Replaces the sealed pair.
pub(crate) fn set(
    connection: &Connection,
    sealed: &[u8],
    sent_by: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO scheduler_keys (one, sealed, sent_by, sent_at) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (one) DO UPDATE SET sealed = ?1, sent_by = ?2, sent_at = ?3",
        )?
        .execute(params![sealed, sent_by, now.0])
        .map(drop)
}
