//! Media in the database.

use rusqlite::{OptionalExtension as _, Row, params};

use crate::database::{Error, Scope};

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
    pub(crate) expires_at: i64,
}

const COLUMNS: &str = "id, account_id, category, media_type, total_bytes, width, height, alt_text,
     finalized_at, ready_at, expires_at";

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
            expires_at: row.get(10)?,
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
}
