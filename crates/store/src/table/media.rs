//! The files of the library, each once by its content. The bytes are beside the store, untouched.

use roost_core::clock::UnixMillis;
use roost_core::id::{MediaId, PostId};
use roost_core::post::{MediaCategory, MediaDigest, MediaFile, MediaKind};
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
    /// Under which of X's headings it is uploaded.
    pub category: MediaCategory,
    /// Its size in bytes.
    pub bytes: u64,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Milliseconds, for moving pictures.
    pub duration_ms: Option<u64>,
    /// The blurred picture that is drawn before its thumbnail is there (ThumbHash).
    pub placeholder: Option<Vec<u8>>,
    /// Since when it is here.
    pub created_at: UnixMillis,
    /// When it was last taken in.
    pub added_at: UnixMillis,
}

impl Media {
    /// Returns what a part says of the file; `None` for a kind that this version does not know.
    #[must_use]
    pub fn file(&self) -> Option<MediaFile> {
        Some(MediaFile {
            sha256: MediaDigest(self.sha256),
            kind: MediaKind::of_mime(&self.mime)?,
            category: self.category,
            bytes: self.bytes,
        })
    }
}

/// A file to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMedia {
    /// What it is.
    pub file: MediaFile,
    /// The name that it came with.
    pub file_name: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Milliseconds, for moving pictures.
    pub duration_ms: Option<u64>,
    /// The blurred picture that is drawn before its thumbnail is there (ThumbHash).
    pub placeholder: Option<Vec<u8>>,
}

/// A file, and how many posts have it, those in the trash among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaUse {
    /// The file.
    pub media: Media,
    /// How many posts have it.
    pub posts: u64,
    /// How many parts that are still to go out have it without a description; X takes none of a video.
    pub undescribed: u64,
}

/// A part that has a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaPart {
    /// Its post, which is not in the trash.
    pub post_id: PostId,
    /// The part's place, from 0.
    pub position: u32,
    /// Whether it describes the file.
    pub is_described: bool,
}

/// How much the files of the library take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MediaTotal {
    /// How many there are.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}

const COLUMNS: &str = "id, sha256, file_name, mime, category, bytes, width, height, duration,
    placeholder, created_at, added_at";

/// How many posts have the file of the row.
const POSTS: &str = "(SELECT count(DISTINCT post_part.post_id)
    FROM post_part, json_each(post_part.beyond_text, '$.media') AS file
    WHERE post_part.beyond_text IS NOT NULL AND file.value ->> 'media_id' = media.id)";

/// How many parts that are still to go out have the file of the row without a description.
const UNDESCRIBED: &str = "(SELECT count(*)
    FROM post_part JOIN scheduled_post AS post ON post.id = post_part.post_id,
        json_each(post_part.beyond_text, '$.media') AS file
    WHERE post_part.beyond_text IS NOT NULL AND file.value ->> 'media_id' = media.id
        AND trim(ifnull(file.value ->> 'alt_text', '')) = '' AND media.category <> 'video'
        AND post.deleted_at IS NULL AND post.status IN ('draft', 'pending', 'queued', 'held'))";

fn read_media(row: &Row<'_>) -> rusqlite::Result<Media> {
    Ok(Media {
        id: parsed(row, "id")?,
        sha256: row.get("sha256")?,
        file_name: row.get("file_name")?,
        mime: row.get("mime")?,
        category: category_of(&row.get::<_, String>("category")?),
        bytes: row.get("bytes")?,
        width: row.get("width")?,
        height: row.get("height")?,
        duration_ms: row.get("duration")?,
        placeholder: row.get("placeholder")?,
        created_at: instant(row, "created_at")?,
        added_at: instant(row, "added_at")?,
    })
}

/// The column's CHECK leaves no other word.
fn category_of(word: &str) -> MediaCategory {
    match word {
        "video" => MediaCategory::Video,
        "gif" => MediaCategory::Gif,
        _ => MediaCategory::Image,
    }
}

const fn category_word(category: MediaCategory) -> &'static str {
    match category {
        MediaCategory::Image => "image",
        MediaCategory::Gif => "gif",
        MediaCategory::Video => "video",
    }
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

    /// Returns the file with a digest.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn media_of_digest(&self, sha256: MediaDigest) -> Result<Option<Media>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM media WHERE sha256 = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([sha256.0.as_slice()], read_media).optional()?)
    }

    /// Returns files with the number of their posts, the one taken in last first: `limit` of them after
    /// the first `offset`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn list_media(&self, limit: u32, offset: u32) -> Result<Vec<MediaUse>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS}, {POSTS} AS posts, {UNDESCRIBED} AS undescribed FROM media
             ORDER BY added_at DESC, id DESC LIMIT ?1 OFFSET ?2"
        ))?;
        let read = |row: &Row<'_>| {
            let (posts, undescribed) = (row.get("posts")?, row.get("undescribed")?);
            Ok(MediaUse { media: read_media(row)?, posts, undescribed })
        };
        let rows = statement.query_map([limit, offset], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the parts that have a file, of posts that are not in the trash: those of the newest posts
    /// first, `limit` of them.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn media_parts(&self, id: MediaId, limit: u32) -> Result<Vec<MediaPart>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT post_part.post_id, post_part.position,
                 trim(ifnull(file.value ->> 'alt_text', '')) <> '' AS is_described
             FROM post_part JOIN scheduled_post AS post ON post.id = post_part.post_id,
                 json_each(post_part.beyond_text, '$.media') AS file
             WHERE post_part.beyond_text IS NOT NULL AND file.value ->> 'media_id' = ?1
                 AND post.deleted_at IS NULL
             ORDER BY post_part.post_id DESC, post_part.position LIMIT ?2",
        )?;
        let read = |row: &Row<'_>| {
            Ok(MediaPart {
                post_id: parsed(row, "post_id")?,
                position: row.get("position")?,
                is_described: row.get("is_described")?,
            })
        };
        let rows = statement.query_map((id.to_string(), limit), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns how much all files take.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn media_total(&self) -> Result<MediaTotal, Error> {
        let sql = "SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM media";
        let mut statement = self.connection.prepare_cached(sql)?;
        let read =
            |row: &Row<'_>| Ok(MediaTotal { files: row.get("files")?, bytes: row.get("bytes")? });
        Ok(statement.query_row([], read)?)
    }

    /// Returns files that no part of any post and no series uses and that were taken in before `before`, so that their
    /// bytes may go.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn unused_media(&self, before: UnixMillis) -> Result<Vec<Media>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM media
             WHERE added_at < ?1 AND NOT EXISTS (
                 SELECT 1 FROM post_part, json_each(post_part.beyond_text, '$.media') AS file
                 WHERE post_part.beyond_text IS NOT NULL
                     AND file.value ->> 'media_id' = media.id)
                 AND NOT EXISTS (
                     SELECT 1 FROM series, json_tree(series.variants) AS said
                     WHERE series.removed_at IS NULL AND said.key = 'media_id'
                         AND said.atom = media.id)
             ORDER BY created_at, id"
        ))?;
        let media = statement.query_map([before.0], read_media)?;
        Ok(media.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Keeps a file; the same bytes again give the row that is there, as one that was taken in just now.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn save_media(&mut self, new: &NewMedia) -> Result<Media, Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO media (id, sha256, file_name, mime, category, bytes, width, height,
                     duration, placeholder, created_at, added_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)
                 ON CONFLICT (sha256) DO UPDATE SET added_at = excluded.added_at",
            )?
            .execute((
                MediaId::new(self.now).to_string(),
                new.file.sha256.0.as_slice(),
                &new.file_name,
                new.file.kind.mime(),
                category_word(new.file.category),
                new.file.bytes,
                new.width,
                new.height,
                new.duration_ms,
                &new.placeholder,
                self.now.0,
            ))?;
        let kept = self.media_of_digest(new.file.sha256)?;
        kept.ok_or_else(|| Error::not_found("file", new.file.sha256))
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
