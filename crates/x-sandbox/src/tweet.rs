//! Posts in the database.

use rusqlite::{OptionalExtension as _, Row, params};

use crate::database::{Error, Scope};
use crate::media::Media;

/// A post.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tweet {
    pub(crate) id: i64,
    pub(crate) account_id: i64,
    pub(crate) username: String,
    pub(crate) text: String,
    pub(crate) lead: String,
    pub(crate) reply_to: Option<i64>,
    pub(crate) reply_to_user: Option<i64>,
    pub(crate) quote_of: Option<i64>,
    pub(crate) conversation_id: i64,
    pub(crate) poll: Option<String>,
    pub(crate) reply_settings: String,
    pub(crate) created_at: i64,
    pub(crate) media: Vec<Media>,
}

const COLUMNS: &str = "tweet.id, account_id, account.username, text, lead, reply_to, \
     reply_to_user, quote_of, conversation_id, poll, reply_settings, tweet.created_at";
const FROM: &str = "FROM tweet JOIN account ON account.id = tweet.account_id";

impl Tweet {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            account_id: row.get(1)?,
            username: row.get(2)?,
            text: row.get(3)?,
            lead: row.get(4)?,
            reply_to: row.get(5)?,
            reply_to_user: row.get(6)?,
            quote_of: row.get(7)?,
            conversation_id: row.get(8)?,
            poll: row.get(9)?,
            reply_settings: row.get(10)?,
            created_at: row.get(11)?,
            media: Vec::new(),
        })
    }

    pub(crate) fn insert(&self, scope: &Scope<'_>) -> Result<(), Error> {
        let content_hash = roost_core::duplicate::duplicate_key(&self.text).to_string();
        scope
            .db
            .prepare_cached(
                "INSERT INTO tweet (id, account_id, text, content_hash, lead, reply_to,
                     reply_to_user, quote_of, conversation_id, poll, reply_settings, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                self.id,
                self.account_id,
                self.text,
                content_hash,
                self.lead,
                self.reply_to,
                self.reply_to_user,
                self.quote_of,
                self.conversation_id,
                self.poll,
                self.reply_settings,
                self.created_at
            ])?;
        Ok(())
    }

    /// The post, unless it is deleted.
    pub(crate) fn by_id(scope: &Scope<'_>, id: i64) -> Result<Option<Self>, Error> {
        let sql = format!("SELECT {COLUMNS} {FROM} WHERE tweet.id = ?1 AND deleted_at IS NULL");
        let found = scope.db.prepare_cached(&sql)?.query_row([id], Self::read).optional()?;
        found.map(|tweet| tweet.with_media(scope)).transpose()
    }

    fn with_media(mut self, scope: &Scope<'_>) -> Result<Self, Error> {
        self.media = Media::of_tweet(scope, self.id)?;
        Ok(self)
    }

    /// Whether the account posted the same content after `since`; deleting it does not help.
    pub(crate) fn is_duplicate(
        scope: &Scope<'_>,
        account_id: i64,
        text: &str,
        since: i64,
    ) -> Result<bool, Error> {
        let content_hash = roost_core::duplicate::duplicate_key(text).to_string();
        Ok(scope
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM tweet
                     WHERE account_id = ?1 AND content_hash = ?2 AND created_at > ?3)",
            )?
            .query_row(params![account_id, content_hash, since], |row| row.get(0))?)
    }

    /// Deletes it; `false` when the account has no such post.
    pub(crate) fn delete(
        scope: &Scope<'_>,
        account_id: i64,
        id: i64,
        now: i64,
    ) -> Result<bool, Error> {
        let changed = scope.db.execute(
            "UPDATE tweet SET deleted_at = ?3
             WHERE id = ?1 AND account_id = ?2 AND deleted_at IS NULL",
            params![id, account_id, now],
        )?;
        Ok(changed == 1)
    }
}

/// Which part of a timeline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    /// Newer than this id.
    pub(crate) since_id: i64,
    /// Older than this id.
    pub(crate) until_id: i64,
    /// Made at or after this, in Unix milliseconds.
    pub(crate) from: i64,
    /// Made at or before this.
    pub(crate) to: i64,
    pub(crate) with_replies: bool,
    pub(crate) limit: u32,
}

impl Range {
    pub(crate) const ALL: Self = Self {
        since_id: 0,
        until_id: i64::MAX,
        from: i64::MIN,
        to: i64::MAX,
        with_replies: true,
        limit: 100,
    };
}

/// Posts of one account, or of all, newest first.
pub(crate) fn timeline(
    scope: &Scope<'_>,
    account_id: Option<i64>,
    range: &Range,
) -> Result<Vec<Tweet>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} {FROM}
         WHERE (?1 IS NULL OR account_id = ?1) AND deleted_at IS NULL
             AND tweet.id > ?2 AND tweet.id < ?3
             AND tweet.created_at BETWEEN ?4 AND ?5 AND (?6 OR reply_to IS NULL)
         ORDER BY tweet.id DESC LIMIT ?7"
    );
    let mut statement = scope.db.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![
            account_id,
            range.since_id,
            range.until_id,
            range.from,
            range.to,
            range.with_replies,
            range.limit
        ],
        Tweet::read,
    )?;
    rows.map(|row| row.map_err(Error::from).and_then(|tweet| tweet.with_media(scope))).collect()
}
