//! Uploaded files, each once by its content. The bytes are beside the store, untouched.

use roost_core::clock::UnixMillis;
use roost_core::id::MediaId;
use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sql::{instant, parsed};
use crate::store::{Read, Tx};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// The name that it came with.
    pub file_name: String,
    /// Its MIME type.
    pub mime: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Milliseconds, for moving pictures.
    pub duration_ms: Option<u64>,
    /// Since when it is here.
    pub created_at: UnixMillis,
}

/// A file to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMedia {
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// The name that it came with.
    pub file_name: String,
    /// Its MIME type.
    pub mime: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Milliseconds, for moving pictures.
    pub duration_ms: Option<u64>,
}

const COLUMNS: &str = "id, sha256, file_name, mime, bytes, width, height, duration, created_at";

fn read_media(row: &Row<'_>) -> rusqlite::Result<Media> {
    Ok(Media {
        id: parsed(row, "id")?,
        sha256: row.get("sha256")?,
        file_name: row.get("file_name")?,
        mime: row.get("mime")?,
        bytes: row.get("bytes")?,
        width: row.get("width")?,
        height: row.get("height")?,
        duration_ms: row.get("duration")?,
        created_at: instant(row, "created_at")?,
    })
}

impl Read<'_> {
    /// Returns one file.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn media(&self, id: MediaId) -> Result<Option<Media>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM media WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id.to_string()], read_media).optional()?)
    }

    /// Returns files that no part of any post uses, so that their bytes may go.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn unused_media(&self) -> Result<Vec<Media>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM media
             WHERE NOT EXISTS (
                 SELECT 1 FROM post_part, json_each(post_part.beyond_text, '$.media') AS file
                 WHERE post_part.beyond_text IS NOT NULL
                     AND file.value ->> 'media_id' = media.id)
             ORDER BY created_at, id"
        ))?;
        let media = statement.query_map([], read_media)?;
        Ok(media.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Keeps a file; the same bytes again give the row that is there.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn save_media(&mut self, new: &NewMedia) -> Result<Media, Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO media (id, sha256, file_name, mime, bytes, width, height, duration,
                     created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (sha256) DO NOTHING",
            )?
            .execute((
                MediaId::new(self.now).to_string(),
                new.sha256.as_slice(),
                &new.file_name,
                &new.mime,
                new.bytes,
                new.width,
                new.height,
                new.duration_ms,
                self.now.0,
            ))?;
        let sql = format!("SELECT {COLUMNS} FROM media WHERE sha256 = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([new.sha256.as_slice()], read_media)?)
    }

    /// Forgets a file that no post uses.
    ///
    /// # Errors
    /// When a post uses it, or SQLite cannot write.
    pub fn delete_media(&mut self, id: MediaId) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM media WHERE id = ?1")?
            .execute([id.to_string()])?;
        Ok(())
    }
}
