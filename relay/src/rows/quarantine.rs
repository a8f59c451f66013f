//! Signed deliveries that could never parse.

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

/// Rows kept; the oldest go first.
const ROWS_MAX: u32 = 1000;
/// Characters kept of a body.
const EXCERPT_CHARS: usize = 500;

/// Keeps a delivery for whoever looks after the relay.
pub(crate) fn keep(
    connection: &Connection,
    body: &[u8],
    reason: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let hash: [u8; 32] = Sha256::digest(body).into();
    let excerpt: String = String::from_utf8_lossy(body).chars().take(EXCERPT_CHARS).collect();
    connection.execute(
        "INSERT INTO quarantine (body_hash, at, reason, excerpt) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (body_hash) DO UPDATE SET at = ?2, times = times + 1",
        params![hash, now.0, reason, excerpt],
    )?;
    connection.execute(
        "DELETE FROM quarantine WHERE body_hash NOT IN
            (SELECT body_hash FROM quarantine ORDER BY at DESC LIMIT ?1)",
        [ROWS_MAX],
    )?;
    Ok(())
}
