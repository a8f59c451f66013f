//! Settings: a name and a JSON value. Secrets are never among them.

use std::time::Duration;

use rusqlite::OptionalExtension;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::{Read, Tx};

/// What becomes of a post that was never handed over when its time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "late")]
pub enum LatePolicy {
    /// It is posted when it is late by no more than this; else it is missed.
    PostWithin {
        /// Minutes after its time.
        minutes: u32,
    },
    /// The person is asked.
    Ask,
    /// It is missed.
    Miss,
}

impl Default for LatePolicy {
    fn default() -> Self {
        Self::PostWithin { minutes: 60 }
    }
}

impl LatePolicy {
    /// How late a post may go out by itself.
    #[must_use]
    pub const fn grace(self) -> Duration {
        match self {
            Self::PostWithin { minutes } => Duration::from_secs(minutes as u64 * 60),
            Self::Ask | Self::Miss => Duration::ZERO,
        }
    }
}

const LATE_POLICY: &str = "late_policy";

impl Read<'_> {
    /// The value under `key`.
    ///
    /// # Errors
    /// When it is there but of another shape, or SQLite cannot read.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
        let text: Option<String> = statement.query_row([key], |row| row.get(0)).optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// What becomes of late posts in this store.
    ///
    /// # Errors
    /// As [`Read::setting`].
    pub fn late_policy(&self) -> Result<LatePolicy, Error> {
        Ok(self.setting(LATE_POLICY)?.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// When it is no JSON, or SQLite cannot write.
    pub fn save_setting<T: Serialize + ?Sized>(
        &mut self,
        key: &str,
        value: &T,
    ) -> Result<(), Error> {
        let text = serde_json::to_string(value)?;
        self.connection
            .prepare_cached(
                "INSERT INTO setting (key, value, updated_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (key) DO UPDATE SET value = ?2, updated_at = ?3",
            )?
            .execute((key, text, self.now.0))?;
        Ok(())
    }

    /// Forgets what is under `key`.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn remove_setting(&mut self, key: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM setting WHERE key = ?1 AND key <> 'store_id'")?
            .execute([key])?;
        Ok(())
    }

    /// Chooses what becomes of late posts.
    ///
    /// # Errors
    /// As [`Tx::save_setting`].
    pub fn save_late_policy(&mut self, policy: LatePolicy) -> Result<(), Error> {
        self.save_setting(LATE_POLICY, &policy)
    }
}
