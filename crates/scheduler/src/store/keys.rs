//! The signing keys, kept so that receivers still know them after a restart.

use roost_qstash::signature::fresh_key;
use rusqlite::{Connection, OptionalExtension, params};

use super::writer::Write;
use crate::development::is_public;
use crate::error::Error;

/// Current and next.
pub(crate) type Pair = (String, String);

/// The pair that is kept. One that everybody knows counts for none: it is of a time when what
/// was given for development was kept, too.
pub(crate) fn kept(connection: &Connection) -> Result<Option<Pair>, Error> {
    let sql = "SELECT current, next FROM signing_key WHERE one = 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let kept: Option<Pair> = connection.query_row(sql, [], read).optional()?;
    Ok(kept.filter(|pair| !is_public(pair)))
}

/// The pair that is kept; made when there is none.
pub(crate) fn load(write: &Write<'_>) -> Result<Pair, Error> {
    if let Some(pair) = kept(write.connection)? {
        return Ok(pair);
    }
    let pair = (fresh_key(), fresh_key());
    store(write, &pair)?;
    Ok(pair)
}

/// Makes `next` the current key and a fresh one the next.
pub(crate) fn rotate(write: &Write<'_>) -> Result<Pair, Error> {
    let pair = rotated(load(write)?);
    store(write, &pair)?;
    Ok(pair)
}

/// The pair that follows.
pub(crate) fn rotated((_, next): Pair) -> Pair {
    (next, fresh_key())
}

fn store(write: &Write<'_>, (current, next): &Pair) -> Result<(), Error> {
    let sql = "INSERT INTO signing_key (one, current, next) VALUES (1, ?1, ?2)
               ON CONFLICT (one) DO UPDATE SET current = excluded.current, next = excluded.next";
    write.connection.execute(sql, params![current, next])?;
    Ok(())
}
