//! The signing keys, kept so that receivers still know them after a restart.

use roost_qstash::signature::fresh_key;
use rusqlite::{OptionalExtension, params};

use super::writer::Write;
use crate::error::Error;

/// Current and next.
pub(crate) type Pair = (String, String);

/// The pair that is kept; `fixed`, when given, takes its place; made when there is none.
pub(crate) fn load(write: &Write<'_>, fixed: Option<Pair>) -> Result<Pair, Error> {
    let sql = "SELECT current, next FROM signing_key WHERE one = 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let kept: Option<Pair> = write.connection.query_row(sql, [], read).optional()?;
    match (fixed, kept) {
        (None, Some(kept)) => Ok(kept),
        (fixed, _) => {
            let pair = fixed.unwrap_or_else(|| (fresh_key(), fresh_key()));
            store(write, &pair)?;
            Ok(pair)
        }
    }
}

/// Makes `next` the current key and a fresh one the next.
pub(crate) fn rotate(write: &Write<'_>) -> Result<Pair, Error> {
    let (_, next) = load(write, None)?;
    let pair = (next, fresh_key());
    store(write, &pair)?;
    Ok(pair)
}

fn store(write: &Write<'_>, (current, next): &Pair) -> Result<(), Error> {
    let sql = "INSERT INTO signing_key (one, current, next) VALUES (1, ?1, ?2)
               ON CONFLICT (one) DO UPDATE SET current = excluded.current, next = excluded.next";
    write.connection.execute(sql, params![current, next])?;
    Ok(())
}
