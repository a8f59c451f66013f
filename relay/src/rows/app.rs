//! OAuth clients: what X refuses to an app as a whole holds all its accounts.

use roost_core::clock::UnixMillis;
use rusqlite::{Connection, OptionalExtension, params};

/// Why and until when nothing goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) until: UnixMillis,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Holds an app until an instant; a longer hold stands.
pub(crate) fn hold(connection: &Connection, client_id: &str, hold: &Hold) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO app (client_id, hold_until, hold_code, hold_message)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (client_id) DO UPDATE
                SET hold_until = ?2, hold_code = ?3, hold_message = ?4
              WHERE ifnull(hold_until, 0) < ?2",
        )?
        .execute(params![client_id, hold.until.0, hold.code, hold.message])?;
    Ok(())
}

/// The app's hold, past or not.
pub(crate) fn get(connection: &Connection, client_id: &str) -> rusqlite::Result<Option<Hold>> {
    connection
        .prepare_cached(
            "SELECT hold_until, hold_code, hold_message FROM app
              WHERE client_id = ?1 AND hold_until IS NOT NULL",
        )?
        .query_row([client_id], |row| {
            Ok(Hold { until: UnixMillis(row.get(0)?), code: row.get(1)?, message: row.get(2)? })
        })
        .optional()
}

/// Lets every app be tried again.
pub(crate) fn release(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute("UPDATE app SET hold_until = NULL", [])?;
    Ok(())
}
