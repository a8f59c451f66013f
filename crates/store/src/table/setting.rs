//! Settings: a name and a JSON value. Secrets are never among them.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::store::{Read, Tx};

impl Read<'_> {
    /// Returns the value under `key`.
    ///
    /// # Errors
    /// When it is there but of another shape, or SQLite cannot read.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
        let text: Option<String> = statement.query_row([key], |row| row.get(0)).optional()?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
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
}
