//! Devices: keys are kept as SHA-256, and compared in constant time.

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What is kept of a key.
pub(crate) fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// Characters of a device's name, at the most.
pub(crate) const NAME_MAX_CHARS: usize = 100;
/// What a name must be.
pub(crate) const NAME_RULE: &str = "a device's name has 1 to 100 characters that can be seen";

/// Returns whether a text can be a device's name.
pub(crate) fn is_name(name: &str) -> bool {
    let is_seen = !name.trim().is_empty() && !name.chars().any(char::is_control);
    is_seen && name.chars().count() <= NAME_MAX_CHARS
}

/// Adds a device; false when the name is taken.
pub(crate) fn add(
    connection: &Connection,
    name: &str,
    key: &str,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    add_hashed(connection, name, &hash(key), now)
}

/// The same with what is kept of the key.
pub(crate) fn add_hashed(
    connection: &Connection,
    name: &str,
    key: &[u8; 32],
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let added = connection.execute(
        "INSERT INTO device (name, key_hash, added_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![name, key, now.0],
    )?;
    Ok(added == 1)
}

/// Removes a device; false when there is none of the name.
pub(crate) fn remove(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.execute("DELETE FROM device WHERE name = ?1", [name]).map(|gone| gone == 1)
}

/// The devices' names, and since when.
pub(crate) fn list(connection: &Connection) -> rusqlite::Result<Vec<(String, UnixMillis)>> {
    connection
        .prepare("SELECT name, added_at FROM device ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, UnixMillis(row.get(1)?))))?
        .collect()
}

/// The device whose key has this hash.
pub(crate) fn find(connection: &Connection, key: &[u8; 32]) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT name, key_hash FROM device")?;
    let mut rows = statement.query([])?;
    let mut found = None;
    while let Some(row) = rows.next()? {
        let hash: Vec<u8> = row.get(1)?;
        if bool::from(hash.as_slice().ct_eq(key)) {
            found = Some(row.get(0)?);
        }
    }
    Ok(found)
}
