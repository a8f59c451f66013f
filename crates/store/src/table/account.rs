//! Accounts, as the relay told of them. No token is ever here.

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::limits::Limits;
use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sql::{instant_option, parsed, words};
use crate::store::{Read, Tx};

words! {
    /// Whether an account can post.
    AccountHealth, "account health" {
        /// Can post.
        Connected = "connected",
        /// X refused the grant: the person must sign in again.
        Disconnected = "disconnected",
        /// X suspended or locked it.
        Suspended = "suspended",
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// X's id of the user: the identity.
    pub x_user_id: XUserId,
    /// The handle, without `@`.
    pub username: String,
    /// The shown name.
    pub name: String,
    /// X's `subscription_type`.
    pub subscription_type: Option<String>,
    /// Whether it can post.
    pub health: AccountHealth,
    /// Why not, in plain words.
    pub message: Option<String>,
    /// When the relay last proved the grant.
    pub proven_at: Option<UnixMillis>,
    /// Since when the person has it no more; its posts keep naming it.
    pub removed_at: Option<UnixMillis>,
    /// The limits by which the relay sends for it, when it told.
    pub limits: Option<Limits>,
}

const COLUMNS: &str = "x_user_id, username, name, subscription_type, health, message, proven_at, \
                       removed_at, limits";

fn read_account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        x_user_id: XUserId(row.get("x_user_id")?),
        username: row.get("username")?,
        name: row.get("name")?,
        subscription_type: row.get("subscription_type")?,
        health: parsed(row, "health")?,
        message: row.get("message")?,
        proven_at: instant_option(row, "proven_at")?,
        removed_at: instant_option(row, "removed_at")?,
        // Limits of another version are as good as none.
        limits: row
            .get::<_, Option<String>>("limits")?
            .and_then(|text| serde_json::from_str(&text).ok()),
    })
}

impl Read<'_> {
    /// Returns the accounts that were not removed, by handle.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn accounts(&self) -> Result<Vec<Account>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM account WHERE removed_at IS NULL ORDER BY username, x_user_id"
        ))?;
        let accounts = statement.query_map([], read_account)?;
        Ok(accounts.collect::<Result<_, _>>()?)
    }

    /// Returns one account, removed ones too.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn account(&self, id: &XUserId) -> Result<Option<Account>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM account WHERE x_user_id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([&id.0], read_account).optional()?)
    }

    /// Returns the account with a handle, `@` and case aside.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn account_by_username(&self, username: &str) -> Result<Option<Account>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM account
             WHERE username = ?1 COLLATE NOCASE AND removed_at IS NULL"
        ))?;
        Ok(statement.query_row([username.trim_start_matches('@')], read_account).optional()?)
    }
}

impl Tx<'_> {
    /// Keeps what was told of an account: makes it, or brings it up to date.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn save_account(&mut self, account: &Account) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO account (x_user_id, username, name, subscription_type, health,
                     message, proven_at, removed_at, limits, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10, ?9, ?9)
                 ON CONFLICT (x_user_id) DO UPDATE SET
                     username = ?2, name = ?3, subscription_type = ?4, health = ?5, message = ?6,
                     proven_at = ?7, removed_at = ?8, updated_at = ?9, limits = ?10",
            )?
            .execute((
                &account.x_user_id.0,
                &account.username,
                &account.name,
                &account.subscription_type,
                account.health.as_str(),
                &account.message,
                account.proven_at.map(|at| at.0),
                account.removed_at.map(|at| at.0),
                self.now.0,
                account.limits.as_ref().map(serde_json::to_string).transpose()?,
            ))?;
        Ok(())
    }

    /// Takes an account out of the lists; its posts keep naming it.
    ///
    /// # Errors
    /// When there is none, or SQLite cannot write.
    pub fn remove_account(&mut self, id: &XUserId) -> Result<(), Error> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE account SET removed_at = ?2, updated_at = ?2 WHERE x_user_id = ?1",
            )?
            .execute((&id.0, self.now.0))?;
        if changed == 0 { Err(Error::not_found("account", id)) } else { Ok(()) }
    }
}
