//! Media in the database: begun, filled piece by piece, finalized, processed, expired.

use rusqlite::{OptionalExtension as _, Row, params};

use crate::config::Config;
use crate::database::{Error, Scope, next_id};
use crate::image;
use crate::token::millis;

/// How long an upload may stay unfinished, and how long a finished one may be used: X's numbers.
const OPEN_MILLIS: i64 = 1_295_999_000;
const FINAL_MILLIS: i64 = 86_400_000;

/// An uploaded file, or one on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) id: i64,
    pub(crate) account_id: i64,
    pub(crate) category: String,
    pub(crate) media_type: String,
    pub(crate) total_bytes: i64,
    pub(crate) size: Option<(i64, i64)>,
    pub(crate) alt_text: Option<String>,
    pub(crate) finalized_at: Option<i64>,
    pub(crate) ready_at: Option<i64>,
    pub(crate) failed: bool,
    pub(crate) expires_at: i64,
}

const COLUMNS: &str = "id, account_id, category, media_type, total_bytes, width, height, alt_text,
     finalized_at, ready_at, failed, expires_at";

/// A file of a post, as the ledger tells of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PostedMedia {
    /// X's id of it.
    pub id: String,
    /// The SHA-256 of the bytes that came, in hexadecimal.
    pub sha256: Option<String>,
    /// How many bytes came.
    pub bytes: i64,
    /// What it is, as a MIME type.
    pub media_type: String,
    /// What it was uploaded for.
    pub category: String,
    /// What it shows, as it was told.
    pub alt_text: Option<String>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Not as many bytes as announced, or a piece is missing.
    Incomplete,
    /// More bytes than the category allows.
    TooLarge,
    /// Not what its category says.
    WrongType,
}

impl Media {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        let size: (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
        Ok(Self {
            id: row.get(0)?,
            account_id: row.get(1)?,
            category: row.get(2)?,
            media_type: row.get(3)?,
            total_bytes: row.get(4)?,
            size: size.0.zip(size.1),
            alt_text: row.get(7)?,
            finalized_at: row.get(8)?,
            ready_at: row.get(9)?,
            failed: row.get(10)?,
            expires_at: row.get(11)?,
        })
    }

    /// X's key: the kind's number and the id.
    pub(crate) fn key(&self) -> String {
        let number = match self.kind() {
            "video" => 13,
            _ if self.category.ends_with("gif") => 16,
            _ => 3,
        };
        format!("{number}_{}", self.id)
    }

    /// `photo` or `video`, as in a post's address.
    pub(crate) fn kind(&self) -> &'static str {
        if self.category.ends_with("video") { "video" } else { "photo" }
    }

    /// Whether a post may name it at `now`.
    pub(crate) fn is_usable(&self, account_id: i64, now: i64) -> bool {
        self.account_id == account_id
            && self.finalized_at.is_some()
            && !self.failed
            && self.ready_at.is_none_or(|ready_at| ready_at <= now)
            && now < self.expires_at
    }

    pub(crate) fn by_id(scope: &Scope<'_>, id: i64) -> Result<Option<Self>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM media WHERE id = ?1");
        Ok(scope.db.prepare_cached(&sql)?.query_row([id], Self::read).optional()?)
    }

    pub(crate) fn of_tweet(scope: &Scope<'_>, tweet_id: i64) -> Result<Vec<Self>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM tweet_media JOIN media ON media.id = media_id
             WHERE tweet_id = ?1 ORDER BY position"
        );
        let mut statement = scope.db.prepare_cached(&sql)?;
        Ok(statement.query_map([tweet_id], Self::read)?.collect::<Result<_, _>>()?)
    }

    /// Hangs it on a post.
    pub(crate) fn attach(
        &self,
        scope: &Scope<'_>,
        tweet_id: i64,
        position: usize,
    ) -> Result<(), Error> {
        scope.db.execute(
            "INSERT INTO tweet_media (tweet_id, position, media_id) VALUES (?1, ?2, ?3)",
            params![tweet_id, i64::try_from(position).unwrap_or(0), self.id],
        )?;
        Ok(())
    }

    /// Begins an upload.
    pub(crate) fn begin(
        scope: &mut Scope<'_>,
        account_id: i64,
        category: &str,
        media_type: &str,
        total_bytes: i64,
        now: i64,
    ) -> Result<i64, Error> {
        let id = next_id(scope, now);
        scope.db.execute(
            "INSERT INTO media (id, account_id, category, media_type, total_bytes, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id, account_id, category, media_type, total_bytes, now + OPEN_MILLIS],
        )?;
        Ok(id)
    }

    /// Adds a piece; the same piece again replaces it.
    pub(crate) fn append(
        scope: &Scope<'_>,
        id: i64,
        index: u16,
        bytes: &[u8],
    ) -> Result<(), Error> {
        scope.db.execute(
            "INSERT OR REPLACE INTO media_segment (media_id, idx, bytes) VALUES (?1, ?2, ?3)",
            params![id, index, bytes],
        )?;
        Ok(())
    }

    /// Puts the pieces together and looks at what they are.
    pub(crate) fn finalize(
        &self,
        scope: &Scope<'_>,
        config: &Config,
        now: i64,
    ) -> Result<Result<(), Unfit>, Error> {
        if self.finalized_at.is_some() {
            return Ok(Ok(()));
        }
        let content = match self.assemble(scope)? {
            Ok(content) => content,
            Err(unfit) => return Ok(Err(unfit)),
        };
        let picture = image::recognise(&content);
        let is_video = self.category.ends_with("video");
        if picture.is_none() && !is_video && self.category != "subtitles" {
            return Ok(Err(Unfit::WrongType));
        }
        let ready_at = is_video.then(|| now + millis(config.video_processing));
        scope.db.execute(
            "UPDATE media SET finalized_at = ?2, ready_at = ?3, failed = ?4, width = ?5,
                 height = ?6, content = ?7, media_type = coalesce(?8, media_type),
                 expires_at = ?9, sha256 = ?10
             WHERE id = ?1",
            params![
                self.id,
                now,
                ready_at,
                is_video && !image::is_video(&content),
                picture.map(|picture| picture.width),
                picture.map(|picture| picture.height),
                // Only pictures are shown; a video's bytes would only fill the disk.
                picture.map(|_| &content),
                picture.map(|picture| picture.media_type),
                now + FINAL_MILLIS,
                crate::token::hex(&<sha2::Sha256 as sha2::Digest>::digest(&content)),
            ],
        )?;
        scope.db.execute("DELETE FROM media_segment WHERE media_id = ?1", [self.id])?;
        Ok(Ok(()))
    }

    fn assemble(&self, scope: &Scope<'_>) -> Result<Result<Vec<u8>, Unfit>, Error> {
        const MIB: i64 = 1024 * 1024;
        let limit = match self.category.as_str() {
            "tweet_image" | "dm_image" => 5 * MIB,
            "tweet_gif" | "dm_gif" => 15 * MIB,
            _ => 512 * MIB,
        };
        let (bytes, count, last): (i64, i64, i64) = scope.db.query_row(
            "SELECT coalesce(sum(length(bytes)), 0), count(*), coalesce(max(idx), -1)
             FROM media_segment WHERE media_id = ?1",
            [self.id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        if bytes > limit {
            return Ok(Err(Unfit::TooLarge));
        }
        if count != last + 1 || bytes != self.total_bytes || bytes == 0 {
            return Ok(Err(Unfit::Incomplete));
        }
        let mut statement = scope
            .db
            .prepare_cached("SELECT bytes FROM media_segment WHERE media_id = ?1 ORDER BY idx")?;
        let mut content = Vec::new();
        let mut rows = statement.query([self.id])?;
        while let Some(row) = rows.next()? {
            content.extend(row.get::<_, Vec<u8>>(0)?);
        }
        Ok(Ok(content))
    }

    pub(crate) fn describe(
        scope: &Scope<'_>,
        id: i64,
        alt_text: Option<&str>,
    ) -> Result<(), Error> {
        scope.db.execute(
            "UPDATE media SET alt_text = coalesce(?2, alt_text) WHERE id = ?1",
            params![id, alt_text],
        )?;
        Ok(())
    }

    /// A picture's type and bytes.
    pub(crate) fn content(scope: &Scope<'_>, id: i64) -> Result<Option<(String, Vec<u8>)>, Error> {
        Ok(scope
            .db
            .query_row(
                "SELECT media_type, content FROM media WHERE id = ?1 AND content IS NOT NULL",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?)
    }

    /// The media of a post, in order, as the ledger tells of them.
    pub(crate) fn posted(scope: &Scope<'_>, tweet_id: i64) -> Result<Vec<PostedMedia>, Error> {
        let mut statement = scope.db.prepare_cached(
            "SELECT id, sha256, total_bytes, media_type, category, alt_text
               FROM tweet_media JOIN media ON media.id = media_id
              WHERE tweet_id = ?1 ORDER BY position",
        )?;
        let posted = statement.query_map([tweet_id], |row| {
            Ok(PostedMedia {
                id: row.get::<_, i64>(0)?.to_string(),
                sha256: row.get(1)?,
                bytes: row.get(2)?,
                media_type: row.get(3)?,
                category: row.get(4)?,
                alt_text: row.get(5)?,
            })
        })?;
        Ok(posted.collect::<Result<_, _>>()?)
    }

    /// How many files were ever begun to be uploaded, and how many X has whole.
    pub(crate) fn counts(scope: &Scope<'_>) -> Result<(u32, u32), Error> {
        let counted = "SELECT count(*), count(finalized_at) FROM media";
        Ok(scope.db.query_row(counted, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// As the media routes show it.
    pub(crate) fn wire(&self, now: i64) -> serde_json::Value {
        let mut data = serde_json::json!({
            "id": self.id.to_string(),
            "media_key": self.key(),
            "expires_after_secs": (self.expires_at - now).max(0) / 1000,
        });
        let Some(finalized_at) = self.finalized_at else { return data };
        data["size"] = self.total_bytes.into();
        if let Some((width, height)) = self.size {
            data["image"] = serde_json::json!({
                "w": width, "h": height, "image_type": self.media_type,
            });
        } else if self.kind() == "video" {
            data["video"] = serde_json::json!({ "video_type": self.media_type });
        }
        if let Some(ready_at) = self.ready_at {
            let whole = (ready_at - finalized_at).max(1);
            let percent = ((now - finalized_at) * 100 / whole).clamp(0, 100);
            data["processing_info"] = match (now >= ready_at, self.failed) {
                (true, true) => serde_json::json!({ "state": "failed" }),
                (true, false) => {
                    serde_json::json!({ "state": "succeeded", "progress_percent": 100 })
                }
                (false, _) if percent == 0 => {
                    serde_json::json!({ "state": "pending", "check_after_secs": 1 })
                }
                (false, _) => serde_json::json!({
                    "state": "in_progress", "check_after_secs": 1, "progress_percent": percent,
                }),
            };
        }
        data
    }
}
