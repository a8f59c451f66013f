//! Which message a repeated one repeats.

use rusqlite::{OptionalExtension, params};

use super::writer::Write;
use crate::error::Error;
use crate::spec::Deduplication;

/// How long a message is remembered, whatever becomes of it: ten minutes.
const WINDOW_MS: i64 = 10 * 60 * 1000;

/// Id and URL of the message that `key` was accepted with.
pub(super) fn find(
    write: &Write<'_>,
    key: &Deduplication,
    now: i64,
) -> Result<Option<(String, String)>, Error> {
    let sql = "SELECT message_id, url FROM deduplication WHERE key = ?1 AND expires_at > ?2";
    let mut statement = write.connection.prepare_cached(sql)?;
    let found = statement.query_row(params![key.0, now], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// Remembers the message of `key`.
pub(super) fn insert(
    write: &Write<'_>,
    key: &Deduplication,
    message_id: &str,
    url: &str,
    now: i64,
) -> Result<(), Error> {
    let sql = "INSERT INTO deduplication (key, message_id, url, expires_at)
               VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (key) DO UPDATE SET
                   message_id = excluded.message_id, url = excluded.url,
                   expires_at = excluded.expires_at";
    let expires_at = now.saturating_add(WINDOW_MS);
    write.connection.prepare_cached(sql)?.execute(params![key.0, message_id, url, expires_at])?;
    Ok(())
}
