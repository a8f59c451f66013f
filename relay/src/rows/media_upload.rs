//! What X was given: a file with its description, for an account, under X's id of it.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::XUserId;
use roost_core::post::{MediaDigest, MediaRef};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// Which upload: the description belongs to it, so that another one is another upload.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct MediaKey {
    pub(crate) account: XUserId,
    pub(crate) sha256: MediaDigest,
    /// Empty where there is none.
    pub(crate) alt_text: String,
}

impl MediaKey {
    /// The upload that a part names; none where it names no file.
    pub(crate) fn of(account: &XUserId, media: &MediaRef) -> Option<Self> {
        let alt_text = media.alt_text.clone().filter(|text| !text.trim().is_empty());
        Some(Self {
            account: account.clone(),
            sha256: media.file?.sha256,
            alt_text: alt_text.unwrap_or_default(),
        })
    }
}

/// An upload as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MediaUpload {
    /// X's id, once X has every byte.
    pub(crate) x_media_id: Option<String>,
    pub(crate) expires_at: Option<UnixMillis>,
    pub(crate) is_processed: bool,
    pub(crate) is_described: bool,
    /// Failures in a row.
    pub(crate) failures: u32,
    pub(crate) retry_at: Option<UnixMillis>,
    pub(crate) code: Option<Code>,
    pub(crate) message: Option<String>,
}

impl MediaUpload {
    /// Returns X's id, if it may still be used at an instant.
    pub(crate) fn id_at(&self, at: UnixMillis) -> Option<&str> {
        self.x_media_id.as_deref().filter(|_| self.expires_at.is_some_and(|end| end > at))
    }

    /// Returns X's id, if a post may name it at an instant.
    pub(crate) fn ready_at(&self, at: UnixMillis) -> Option<&str> {
        self.id_at(at).filter(|_| self.is_processed && self.is_described)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<MediaUpload> {
    let instant = |at: Option<i64>| at.map(UnixMillis);
    let code: Option<String> = row.get(6)?;
    Ok(MediaUpload {
        x_media_id: row.get(0)?,
        expires_at: instant(row.get(1)?),
        is_processed: row.get(2)?,
        is_described: row.get(3)?,
        failures: row.get(4)?,
        retry_at: instant(row.get(5)?),
        code: code.and_then(|code| code.parse().ok()),
        message: row.get(7)?,
    })
}

/// Returns an upload as far as it has come; an empty one where it was never begun.
pub(crate) fn get(connection: &Connection, key: &MediaKey) -> rusqlite::Result<MediaUpload> {
    let found = connection
        .prepare_cached(
            "SELECT x_media_id, expires_at, processed, described, failures, retry_at, code, message
               FROM media_upload WHERE account = ?1 AND sha256 = ?2 AND alt_text = ?3",
        )?
        .query_row(params![key.account.0, key.sha256.to_string(), key.alt_text], read)
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Writes an upload as far as it has come.
pub(crate) fn put(
    connection: &Connection,
    key: &MediaKey,
    upload: &MediaUpload,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO media_upload (account, sha256, alt_text, x_media_id, expires_at,
                processed, described, failures, retry_at, code, message)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            key.account.0,
            key.sha256.to_string(),
            key.alt_text,
            upload.x_media_id,
            upload.expires_at.map(|at| at.0),
            upload.is_processed,
            upload.is_described,
            upload.failures,
            upload.retry_at.map(|at| at.0),
            upload.code.map(Code::as_str),
            upload.message,
        ])?;
    Ok(())
}

/// Lets every upload that failed be tried again at once.
pub(crate) fn retry(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE media_upload SET retry_at = NULL WHERE retry_at IS NOT NULL")?
        .execute([])?;
    Ok(())
}

/// Forgets an upload: X does not take its id.
pub(crate) fn forget(connection: &Connection, key: &MediaKey) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM media_upload WHERE account = ?1 AND sha256 = ?2 AND alt_text = ?3",
        )?
        .execute(params![key.account.0, key.sha256.to_string(), key.alt_text])?;
    Ok(())
}

/// Forgets uploads that X has forgotten, and failures that nothing tried again for a day.
pub(crate) fn prune(
    connection: &Connection,
    now: UnixMillis,
    before: UnixMillis,
) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM media_upload
          WHERE (expires_at IS NULL OR expires_at < ?1) AND (retry_at IS NULL OR retry_at < ?2)",
        [now.0, before.0],
    )?;
    Ok(())
}
