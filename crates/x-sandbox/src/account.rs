//! The people of the sandbox.

use roost_core::clock::UnixMillis;
use roost_core::limits::Subscription;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use crate::database::{Error, Scope, next_id};

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The handle, without `@`: up to 15 letters, digits and underscores.
    pub username: String,
    /// The name shown; the handle when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// `blue`, `government`, `business` or `none`.
    #[serde(default)]
    pub verified_type: Option<String>,
    /// `None`, `Basic`, `Premium` or `PremiumPlus`.
    #[serde(default)]
    pub subscription_type: Option<String>,
    /// Whether X lets it post.
    #[serde(default)]
    pub standing: Option<Standing>,
}

impl NewAccount {
    /// An account without anything special.
    #[must_use]
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            name: None,
            verified_type: None,
            subscription_type: None,
            standing: None,
        }
    }

    fn check(&self) -> Result<(), Error> {
        let name = &self.username;
        let fits = (1..=15).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !fits {
            return Err(Error::Invalid(format!(
                "\"{name}\" is no handle: use 1 to 15 letters, digits and underscores"
            )));
        }
        let verified = self.verified_type.as_deref().unwrap_or("none");
        let subscription = self.subscription_type.as_deref().unwrap_or("None");
        if !["blue", "government", "business", "none"].contains(&verified) {
            return Err(Error::Invalid(format!(
                "verified_type \"{verified}\" of {name}: use blue, government, business or none"
            )));
        }
        if !["None", "Basic", "Premium", "PremiumPlus"].contains(&subscription) {
            return Err(Error::Invalid(format!(
                "subscription_type \"{subscription}\" of {name}: use None, Basic, Premium or \
                 PremiumPlus"
            )));
        }
        Ok(())
    }
}

/// Whether X lets an account post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It does.
    Good,
    /// Not until the owner signs in.
    Locked,
    /// No.
    Suspended,
}

impl Standing {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Locked => "locked",
            Self::Suspended => "suspended",
        }
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The X user id.
    #[serde(serialize_with = "crate::wire::id")]
    pub id: i64,
    /// The handle.
    pub username: String,
    /// The name shown.
    pub name: String,
    /// `blue`, `government`, `business` or `none`.
    pub verified_type: String,
    /// `None`, `Basic`, `Premium` or `PremiumPlus`.
    pub subscription_type: String,
    /// Whether X lets it post.
    pub standing: Standing,
    /// When it was made: Unix milliseconds.
    pub created_at: i64,
}

const COLUMNS: &str = "id, username, name, verified_type, subscription_type, standing, created_at";

impl Account {
    pub(crate) fn subscription(&self) -> Subscription {
        Subscription::from_x(Some(&self.subscription_type))
    }

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        let standing: String = row.get(5)?;
        Ok(Self {
            id: row.get(0)?,
            username: row.get(1)?,
            name: row.get(2)?,
            verified_type: row.get(3)?,
            subscription_type: row.get(4)?,
            standing: match standing.as_str() {
                "locked" => Standing::Locked,
                "suspended" => Standing::Suspended,
                _ => Standing::Good,
            },
            created_at: row.get(6)?,
        })
    }

    /// Makes the account, or changes what `new` says about the one with that handle.
    pub(crate) fn put(scope: &mut Scope<'_>, new: &NewAccount, now: i64) -> Result<Self, Error> {
        new.check()?;
        if let Some(old) = Self::by_username(scope, &new.username)? {
            scope.db.execute(
                "UPDATE account SET name = coalesce(?2, name),
                     verified_type = coalesce(?3, verified_type),
                     subscription_type = coalesce(?4, subscription_type),
                     standing = coalesce(?5, standing)
                 WHERE id = ?1",
                params![
                    old.id,
                    new.name,
                    new.verified_type,
                    new.subscription_type,
                    new.standing.map(Standing::as_str)
                ],
            )?;
        } else {
            let id = next_id(scope, now);
            scope.db.execute(
                &format!("INSERT INTO account ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
                params![
                    id,
                    new.username,
                    new.name.as_ref().unwrap_or(&new.username),
                    new.verified_type.as_deref().unwrap_or("none"),
                    new.subscription_type.as_deref().unwrap_or("None"),
                    new.standing.unwrap_or(Standing::Good).as_str(),
                    now
                ],
            )?;
        }
        Self::by_username(scope, &new.username)?.ok_or(Error::Closed)
    }

    pub(crate) fn by_username(scope: &Scope<'_>, name: &str) -> Result<Option<Self>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM account WHERE username = ?1");
        Ok(scope.db.prepare_cached(&sql)?.query_row([name], Self::read).optional()?)
    }

    pub(crate) fn by_id(scope: &Scope<'_>, id: i64) -> Result<Option<Self>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM account WHERE id = ?1");
        Ok(scope.db.prepare_cached(&sql)?.query_row([id], Self::read).optional()?)
    }

    pub(crate) fn all(scope: &Scope<'_>) -> Result<Vec<Self>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM account ORDER BY id");
        let mut statement = scope.db.prepare_cached(&sql)?;
        Ok(statement.query_map([], Self::read)?.collect::<Result<_, _>>()?)
    }

    /// As `GET /2/users/me` shows it, with the fields asked for.
    pub(crate) fn wire(&self, fields: &[String]) -> serde_json::Value {
        let created_at = crate::wire::rfc3339(UnixMillis(self.created_at));
        let all = serde_json::json!({
            "created_at": created_at,
            "protected": false,
            "verified": self.verified_type != "none",
            "verified_type": self.verified_type,
            "subscription_type": self.subscription_type,
            "description": "",
        });
        let mut user = serde_json::json!({
            "id": self.id.to_string(), "name": self.name, "username": self.username,
        });
        for field in fields {
            if let Some(value) = all.get(field) {
                user[field] = value.clone();
            }
        }
        user
    }
}
