//! Which column was which field, remembered for the next file of the same shape.

use rusqlite::OptionalExtension;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::store::{Read, Tx};

/// So many shapes of files are remembered; those that were not used for the longest time are forgotten.
const MAPPINGS_MAX: u32 = 200;

impl Read<'_> {
    /// Returns the mapping that is remembered for files of a shape. One of another release, which is not
    /// understood, is as good as none.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn import_mapping<T: DeserializeOwned>(
        &self,
        fingerprint: &str,
    ) -> Result<Option<T>, Error> {
        let sql = "SELECT mapping FROM import_mapping WHERE fingerprint = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let text: Option<String> =
            statement.query_row([fingerprint], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

impl Tx<'_> {
    /// Remembers a mapping for files of a shape.
    ///
    /// # Errors
    /// When it is no JSON, or SQLite cannot write.
    pub fn remember_import_mapping<T: Serialize + ?Sized>(
        &mut self,
        fingerprint: &str,
        mapping: &T,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO import_mapping (fingerprint, mapping, used_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (fingerprint) DO UPDATE SET mapping = ?2, used_at = ?3",
            )?
            .execute((fingerprint, serde_json::to_string(mapping)?, self.now.0))?;
        self.connection
            .prepare_cached(
                "DELETE FROM import_mapping WHERE fingerprint IN (
                     SELECT fingerprint FROM import_mapping
                     ORDER BY used_at DESC, fingerprint LIMIT -1 OFFSET ?1)",
            )?
            .execute([MAPPINGS_MAX])?;
        Ok(())
    }
}
