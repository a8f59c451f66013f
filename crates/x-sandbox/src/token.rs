//! Tokens: made, looked up by their hash, rotated, revoked. The database never holds one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{OptionalExtension as _, params};
use sha2::{Digest, Sha256};

use crate::account::Account;
use crate::config::Config;
use crate::database::{Error, Scope};

/// A fresh text of 32 random bytes, as opaque as X's own.
pub(crate) fn fresh() -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Invalid(format!("no randomness from the system: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What stands in the database for a token or code.
pub(crate) fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A pair as the token endpoint gives it out.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) access: String,
    /// Only with `offline.access`.
    pub(crate) refresh: Option<String>,
    pub(crate) expires_in: i64,
    pub(crate) scope: String,
}

/// Whom a token belongs to, and what for.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    pub(crate) account: Account,
    scope: String,
}

impl Bearer {
    pub(crate) fn may(&self, scopes: &[&str]) -> bool {
        scopes.iter().all(|needed| self.scope.split(' ').any(|granted| granted == *needed))
    }
}

/// What a consent was given for.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    pub(crate) account_id: i64,
    pub(crate) client_id: String,
    pub(crate) scope: String,
    /// What everything from one consent has in common.
    pub(crate) family: String,
}

/// Gives out a pair.
pub(crate) fn issue(
    scope: &Scope<'_>,
    config: &Config,
    consent: &Consent,
    now: i64,
) -> Result<Pair, Error> {
    let access = fresh()?;
    let lifetime = millis(config.access_token_lifetime);
    insert(scope, &access, "access", consent, now, lifetime)?;
    let offline = consent.scope.split(' ').any(|granted| granted == "offline.access");
    let refresh = if offline {
        let refresh = fresh()?;
        let lifetime = millis(config.refresh_token_lifetime);
        insert(scope, &refresh, "refresh", consent, now, lifetime)?;
        Some(refresh)
    } else {
        None
    };
    Ok(Pair { access, refresh, expires_in: lifetime / 1000, scope: consent.scope.clone() })
}

fn insert(
    scope: &Scope<'_>,
    token: &str,
    kind: &str,
    consent: &Consent,
    now: i64,
    lifetime: i64,
) -> Result<(), Error> {
    scope
        .db
        .prepare_cached(
            "INSERT INTO token
                 (hash, kind, account_id, client_id, scope, family, issued_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            hash(token),
            kind,
            consent.account_id,
            consent.client_id,
            consent.scope,
            consent.family,
            now,
            now + lifetime
        ])?;
    Ok(())
}

/// Whom a living access token belongs to.
pub(crate) fn bearer(scope: &Scope<'_>, token: &str, now: i64) -> Result<Option<Bearer>, Error> {
    let found: Option<(i64, String)> = scope
        .db
        .prepare_cached(
            "SELECT account_id, scope FROM token
             WHERE hash = ?1 AND kind = 'access' AND revoked_at IS NULL AND expires_at > ?2",
        )?
        .query_row(params![hash(token), now], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account_id, granted)) = found else { return Ok(None) };
    let account = Account::by_id(scope, account_id)?;
    Ok(account.map(|account| Bearer { account, scope: granted }))
}

/// Trades a refresh token for the next pair. `None`: spent, revoked, expired or another app's.
pub(crate) fn rotate(
    scope: &Scope<'_>,
    config: &Config,
    client_id: &str,
    token: &str,
    now: i64,
) -> Result<Option<Pair>, Error> {
    type Row = (Consent, Option<i64>, Option<i64>, i64);
    let found: Option<Row> = scope
        .db
        .prepare_cached(
            "SELECT account_id, client_id, scope, family, spent_at, revoked_at, expires_at
             FROM token WHERE hash = ?1 AND kind = 'refresh'",
        )?
        .query_row([hash(token)], |row| {
            let consent = Consent {
                account_id: row.get(0)?,
                client_id: row.get(1)?,
                scope: row.get(2)?,
                family: row.get(3)?,
            };
            Ok((consent, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .optional()?;
    let Some((consent, spent_at, revoked_at, expires_at)) = found else { return Ok(None) };
    if consent.client_id != client_id {
        return Ok(None);
    }
    if spent_at.is_some() && config.revoke_family_on_replay {
        revoke_family(scope, &consent.family, now)?;
    }
    if spent_at.is_some() || revoked_at.is_some() || expires_at <= now {
        return Ok(None);
    }
    scope
        .db
        .execute("UPDATE token SET spent_at = ?2 WHERE hash = ?1", params![hash(token), now])?;
    issue(scope, config, &consent, now).map(Some)
}

/// Ends a token of the app; a refresh token ends everything from its consent.
pub(crate) fn revoke(
    scope: &Scope<'_>,
    client_id: &str,
    token: &str,
    now: i64,
) -> Result<(), Error> {
    let found: Option<(String, String)> = scope
        .db
        .query_row(
            "SELECT kind, family FROM token WHERE hash = ?1 AND client_id = ?2",
            params![hash(token), client_id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match found {
        Some((kind, family)) if kind == "refresh" => revoke_family(scope, &family, now),
        Some(_) => {
            scope.db.execute(
                "UPDATE token SET revoked_at = coalesce(revoked_at, ?2) WHERE hash = ?1",
                params![hash(token), now],
            )?;
            Ok(())
        }
        // RFC 7009: an unknown token is as good as revoked.
        None => Ok(()),
    }
}

fn revoke_family(scope: &Scope<'_>, family: &str, now: i64) -> Result<(), Error> {
    scope.db.execute(
        "UPDATE token SET revoked_at = coalesce(revoked_at, ?2) WHERE family = ?1",
        params![family, now],
    )?;
    Ok(())
}

/// Ends all tokens of an account, as when its owner disconnects the app.
pub(crate) fn revoke_account(scope: &Scope<'_>, account_id: i64, now: i64) -> Result<(), Error> {
    scope.db.execute(
        "UPDATE token SET revoked_at = coalesce(revoked_at, ?2) WHERE account_id = ?1",
        params![account_id, now],
    )?;
    Ok(())
}

pub(crate) fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
