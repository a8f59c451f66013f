//! Accounts and their sealed grants.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_relay_api::{Account, AccountHealth};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::Columns;
use super::app::Hold;

/// An account as the relay holds it.
#[derive(Debug, Clone)]
pub(crate) struct AccountRow {
    pub(crate) account: Account,
    pub(crate) client_id: String,
    pub(crate) hold: Option<Hold>,
    pub(crate) grant_sealed: Option<Vec<u8>>,
    pub(crate) grant_version: i64,
    pub(crate) expires_at: UnixMillis,
    /// The grant did not open with the key file; that alone signed the account out.
    pub(crate) unopened: bool,
    /// Since when X refuses to renew the sign-in while it may be X that is out of order.
    pub(crate) doubted_since: Option<UnixMillis>,
}

const fn health_name(health: AccountHealth) -> &'static str {
    match health {
        AccountHealth::Connected => "connected",
        AccountHealth::Disconnected => "disconnected",
        AccountHealth::Suspended => "suspended",
    }
}

fn health_of(name: &str) -> Option<AccountHealth> {
    [AccountHealth::Connected, AccountHealth::Disconnected, AccountHealth::Suspended]
        .into_iter()
        .find(|health| health_name(*health) == name)
}

/// The columns in the order in which [`read`] takes them.
const SELECT: &str = "SELECT x_user_id, username, name, subscription_type, health, message,
    proven_at, client_id, hold_until, hold_code, hold_message, grant_sealed, grant_version,
    expires_at, unopened, doubted_since FROM account ";

fn read(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    let mut row = Columns::of(row);
    Ok(AccountRow {
        account: Account {
            x_user_id: XUserId(row.take()?),
            username: row.take()?,
            name: row.take()?,
            subscription_type: row.take()?,
            health: row.parse(health_of)?,
            message: row.take()?,
            proven_at: row.take::<Option<i64>>()?.map(UnixMillis),
            limits: None,
        },
        client_id: row.take()?,
        hold: read_hold(&mut row)?,
        grant_sealed: row.take()?,
        grant_version: row.take()?,
        expires_at: UnixMillis(row.take()?),
        unopened: row.take()?,
        doubted_since: row.take::<Option<i64>>()?.map(UnixMillis),
    })
}

fn read_hold(row: &mut Columns<'_>) -> rusqlite::Result<Option<Hold>> {
    let until: Option<i64> = row.take()?;
    let code: Option<String> = row.take()?;
    let message: Option<String> = row.take()?;
    Ok(until.zip(code).map(|(until, code)| Hold {
        until: UnixMillis(until),
        code,
        message: message.unwrap_or_default(),
    }))
}

/// One account.
pub(crate) fn get(connection: &Connection, id: &XUserId) -> rusqlite::Result<Option<AccountRow>> {
    connection
        .prepare_cached(&format!("{SELECT}WHERE x_user_id = ?1"))?
        .query_row([&id.0], read)
        .optional()
}

/// All accounts.
pub(crate) fn list(connection: &Connection) -> rusqlite::Result<Vec<AccountRow>> {
    connection
        .prepare_cached(&format!("{SELECT}ORDER BY username, x_user_id"))?
        .query_map([], read)?
        .collect()
}

/// Takes a new grant in: whatever the account waited for is settled by it.
pub(crate) fn connect(
    connection: &Connection,
    row: &AccountRow,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let account = &row.account;
    connection.execute(
        "INSERT INTO account (x_user_id, username, name, subscription_type, client_id, health,
            message, proven_at, grant_sealed, grant_version, expires_at, updated_at)
         VALUES (:id, :username, :name, :subscription, :client, :health, :message, :proven,
            :grant, 1, :expires, :now)
         ON CONFLICT (x_user_id) DO UPDATE SET username = :username, name = :name,
            subscription_type = :subscription, client_id = :client, health = :health,
            message = :message, proven_at = :proven, hold_until = NULL, hold_code = NULL,
            hold_message = NULL, grant_sealed = :grant, grant_version = grant_version + 1,
            expires_at = :expires, unopened = 0, doubted_since = NULL, refused_at = NULL,
            updated_at = :now",
        named_params! {
            ":id": account.x_user_id.0,
            ":username": account.username,
            ":name": account.name,
            ":subscription": account.subscription_type,
            ":client": row.client_id,
            ":health": health_name(account.health),
            ":message": account.message,
            ":proven": account.proven_at.map(|at| at.0),
            ":grant": row.grant_sealed,
            ":expires": row.expires_at.0,
            ":now": now.0,
        },
    )?;
    Ok(())
}

/// Puts a refreshed grant in the place of the version it came from. False when that version is
/// not there any more: somebody else was first, and theirs is the newer one.
pub(crate) fn rotate(
    connection: &Connection,
    id: &XUserId,
    from_version: i64,
    grant_sealed: &[u8],
    expires_at: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let changed = connection
        .prepare_cached(
            "UPDATE account SET grant_sealed = ?3, grant_version = grant_version + 1,
                    expires_at = ?4, updated_at = ?5, refused_at = NULL, doubted_since = NULL,
                    message = CASE WHEN doubted_since IS NULL THEN message END
              WHERE x_user_id = ?1 AND grant_version = ?2 AND grant_sealed IS NOT NULL",
        )?
        .execute(params![id.0, from_version, grant_sealed, expires_at.0, now.0])?;
    Ok(changed == 1)
}

/// Sets the health, if it is another than before. `of_version` guards against news of an old
/// grant. True when something changed.
pub(crate) fn set_health(
    connection: &Connection,
    id: &XUserId,
    of_version: i64,
    health: AccountHealth,
    message: Option<&str>,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let changed = connection.execute(
        "UPDATE account SET health = ?3, message = ?4, updated_at = ?5
          WHERE x_user_id = ?1 AND grant_version = ?2 AND health <> ?3",
        params![id.0, of_version, health_name(health), message, now.0],
    )?;
    Ok(changed == 1)
}

/// Notes that X refused to renew the sign-in while it may be X that is out of order. True when that
/// doubt begins.
pub(crate) fn doubt(
    connection: &Connection,
    id: &XUserId,
    of_version: i64,
    message: &str,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let begins = get(connection, id)?.is_some_and(|row| row.doubted_since.is_none());
    // A beginning in the future was so by a clock that was wrong.
    let changed = connection.execute(
        "UPDATE account SET doubted_since = min(ifnull(doubted_since, ?3), ?3), refused_at = ?3,
                message = ?4, updated_at = ?3
          WHERE x_user_id = ?1 AND grant_version = ?2 AND health = 'connected'",
        params![id.0, of_version, now.0, message],
    )?;
    Ok(begins && changed == 1)
}

/// Notes that X's refusal was believed.
pub(crate) fn refused(
    connection: &Connection,
    id: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE account SET refused_at = ?2, doubted_since = NULL WHERE x_user_id = ?1",
        params![id.0, now.0],
    )?;
    Ok(())
}

/// Whether X refused another account of the app since an instant.
pub(crate) fn is_other_refused(
    connection: &Connection,
    id: &XUserId,
    client_id: &str,
    since: UnixMillis,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM account WHERE client_id = ?2 AND x_user_id <> ?1 AND refused_at >= ?3",
        )?
        .exists(params![id.0, client_id, since.0])
}

/// The accounts whose sign-in is in doubt, and was not tried since an instant.
pub(crate) fn doubted(
    connection: &Connection,
    tried_before: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<Vec<XUserId>> {
    connection
        .prepare_cached(
            "SELECT x_user_id FROM account
              WHERE health = 'connected' AND grant_sealed IS NOT NULL
                AND doubted_since IS NOT NULL AND (refused_at <= ?1 OR refused_at > ?2)",
        )?
        .query_map([tried_before.0, now.0], |row| row.get(0).map(XUserId))?
        .collect()
}

/// Signs an account out because its grant does not open. True when something changed.
pub(crate) fn unopened(
    connection: &Connection,
    id: &XUserId,
    of_version: i64,
    message: &str,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let changed = connection.execute(
        "UPDATE account SET health = 'disconnected', message = ?3, unopened = 1, updated_at = ?4
          WHERE x_user_id = ?1 AND grant_version = ?2 AND health <> 'disconnected'",
        params![id.0, of_version, message, now.0],
    )?;
    Ok(changed == 1)
}

/// Signs an account in again whose grant did not open and does now.
pub(crate) fn opened(
    connection: &Connection,
    id: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE account SET health = 'connected', message = NULL, unopened = 0, updated_at = ?2
          WHERE x_user_id = ?1",
        params![id.0, now.0],
    )?;
    Ok(())
}

/// The handles of the accounts whose sign-in is kept sealed.
pub(crate) fn sealed(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare(
            "SELECT username FROM account WHERE grant_sealed IS NOT NULL AND health <> 'disconnected'
              ORDER BY username",
        )?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Notes what X said about the grant's owner.
pub(crate) fn proven(
    connection: &Connection,
    account: &Account,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE account SET proven_at = ?2, tried_at = ?2, username = ?3, name = ?4,
                subscription_type = ?5, updated_at = ?2
          WHERE x_user_id = ?1",
        params![
            account.x_user_id.0,
            now.0,
            account.username,
            account.name,
            account.subscription_type
        ],
    )?;
    Ok(())
}

/// Notes that proving was tried.
pub(crate) fn tried(
    connection: &Connection,
    id: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE account SET tried_at = ?2 WHERE x_user_id = ?1", params![id.0, now.0])?;
    Ok(())
}

/// Holds the account's posts until an instant; a longer hold stands.
pub(crate) fn hold(connection: &Connection, id: &XUserId, hold: &Hold) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE account SET hold_until = ?2, hold_code = ?3, hold_message = ?4
              WHERE x_user_id = ?1 AND ifnull(hold_until, 0) < ?2",
        )?
        .execute(params![id.0, hold.until.0, hold.code, hold.message])?;
    Ok(())
}

/// Forgets the grant. The account's name stays with the posts it has.
pub(crate) fn forget(
    connection: &Connection,
    id: &XUserId,
    message: &str,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let changed = connection.execute(
        "UPDATE account SET grant_sealed = NULL, grant_version = grant_version + 1, unopened = 0,
                doubted_since = NULL, health = 'disconnected', message = ?2, updated_at = ?3
          WHERE x_user_id = ?1",
        params![id.0, message, now.0],
    )?;
    Ok(changed == 1)
}

/// Ends the holds of all accounts; gives whose.
pub(crate) fn release(connection: &Connection) -> rusqlite::Result<Vec<XUserId>> {
    connection
        .prepare_cached(
            "UPDATE account SET hold_until = NULL, hold_code = NULL, hold_message = NULL
              WHERE hold_until IS NOT NULL RETURNING x_user_id",
        )?
        .query_map([], |row| row.get(0).map(XUserId))?
        .collect()
}

/// Ends the holds that were for one of these reasons: of one account, or of all.
pub(crate) fn release_from(
    connection: &Connection,
    codes: &[Code],
    account: Option<&XUserId>,
) -> rusqlite::Result<()> {
    let mut release = connection.prepare_cached(
        "UPDATE account SET hold_until = NULL, hold_code = NULL, hold_message = NULL
          WHERE hold_code = ?1 AND (?2 IS NULL OR x_user_id = ?2)",
    )?;
    for code in codes {
        release.execute(params![code.as_str(), account.map(|account| &account.0)])?;
    }
    Ok(())
}

/// Lets accounts that X suspended be tried again; gives which.
pub(crate) fn revive(connection: &Connection, now: UnixMillis) -> rusqlite::Result<Vec<XUserId>> {
    connection
        .prepare_cached(
            "UPDATE account SET health = 'connected', message = NULL, updated_at = ?1
              WHERE health = 'suspended' RETURNING x_user_id",
        )?
        .query_map([now.0], |row| row.get(0).map(XUserId))?
        .collect()
}
