//! Pauses: of everything, which is a flag of the relay's own row, and of single accounts.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use rusqlite::{Connection, params};

use super::relay;

/// Returns which pause fences an account's posts: the whole one, or the account's own.
pub(crate) fn of(
    connection: &Connection,
    account: Option<&XUserId>,
) -> rusqlite::Result<Option<Code>> {
    if relay::row(connection)?.paused {
        return Ok(Some(Code::Paused));
    }
    let Some(account) = account else { return Ok(None) };
    let is_paused = connection
        .prepare_cached("SELECT 1 FROM paused_account WHERE x_user_id = ?1")?
        .exists([&account.0])?;
    Ok(is_paused.then_some(Code::AccountPaused))
}

/// Returns the accounts that are paused, whether or not everything is.
pub(crate) fn accounts(connection: &Connection) -> rusqlite::Result<Vec<XUserId>> {
    connection
        .prepare_cached("SELECT x_user_id FROM paused_account ORDER BY x_user_id")?
        .query_map([], |row| row.get(0).map(XUserId))?
        .collect()
}

/// Pauses an account or resumes it. Returns whether that changed anything.
pub(crate) fn set_account(
    connection: &Connection,
    account: &XUserId,
    paused: bool,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let changed = if paused {
        connection.execute(
            "INSERT INTO paused_account (x_user_id, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![account.0, now.0],
        )?
    } else {
        connection.execute("DELETE FROM paused_account WHERE x_user_id = ?1", [&account.0])?
    };
    Ok(changed == 1)
}
