//! One-time codes that let a computer in: kept as SHA-256, used by one key.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, OptionalExtension, params};
use subtle::ConstantTimeEq;

use super::device;

/// Codes that are over are kept for so long, so that the log and the answer stay apart from "never".
const KEEP_EXPIRED: Duration = Duration::from_secs(24 * 60 * 60);

/// What became of a code that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redeemed {
    /// The key is a device's from now on.
    LetIn,
    /// The same key used it before.
    Again,
    /// There is no such code, it is over, or another key used it.
    NoSuchCode,
    /// Another device has the name; the code is not used.
    NameTaken,
}

/// Adds a code, and forgets those that are long over.
pub(crate) fn add(
    connection: &Connection,
    code: &[u8; 32],
    expires_at: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let forgotten = now.minus(KEEP_EXPIRED);
    connection.execute("DELETE FROM pairing_code WHERE expires_at < ?1", [forgotten.0])?;
    connection.execute(
        "INSERT INTO pairing_code (code_hash, expires_at) VALUES (?1, ?2)",
        params![code, expires_at.0],
    )?;
    Ok(())
}

/// Lets the key in as a device of this name, if the code allows it.
pub(crate) fn redeem(
    connection: &Connection,
    code: &[u8; 32],
    name: &str,
    key: &[u8; 32],
    now: UnixMillis,
) -> rusqlite::Result<Redeemed> {
    let Some((expires_at, used_by)) = find(connection, code)? else {
        return Ok(Redeemed::NoSuchCode);
    };
    if let Some(used_by) = used_by {
        let same = bool::from(used_by.as_slice().ct_eq(key));
        let known = same && device::find(connection, key)?.is_some_and(|known| known == name);
        return Ok(if known { Redeemed::Again } else { Redeemed::NoSuchCode });
    }
    if expires_at <= now {
        return Ok(Redeemed::NoSuchCode);
    }
    if !device::add_hashed(connection, name, key, now)? {
        return Ok(Redeemed::NameTaken);
    }
    connection
        .execute("UPDATE pairing_code SET used_by = ?2 WHERE code_hash = ?1", params![code, key])?;
    Ok(Redeemed::LetIn)
}

/// The code with this hash: until when it holds, and which key used it.
fn find(
    connection: &Connection,
    code: &[u8; 32],
) -> rusqlite::Result<Option<(UnixMillis, Option<Vec<u8>>)>> {
    // Its hash says nothing of a code, so that the time of an index look-up tells nothing either.
    connection
        .query_row(
            "SELECT expires_at, used_by FROM pairing_code WHERE code_hash = ?1",
            [code],
            |row| Ok((UnixMillis(row.get(0)?), row.get(1)?)),
        )
        .optional()
}
