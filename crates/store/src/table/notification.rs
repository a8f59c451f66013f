//! What the person is told: once per key, and until it was shown.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use roost_core::notice::{NoticeChannel, NoticeChannels, NoticeTopic};
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sql::{instant, instant_option, parsed_option};
use crate::store::{Read, Tx};

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its place; the newest is the highest.
    pub seq: i64,
    /// What makes it the same as another.
    pub key: String,
    /// Its kind: `failed`, `unknown`, `missed`, `account`, `credits` …
    pub kind: String,
    /// The post that it is about.
    pub post_id: Option<PostId>,
    /// The account that it is about.
    pub account: Option<XUserId>,
    /// What it has in common with others that are told with it as one.
    pub cause: Option<String>,
    /// One line.
    pub title: String,
    /// What happened and what to do.
    pub body: String,
    /// When it arose.
    pub created_at: UnixMillis,
    /// When the operating system showed it.
    pub shown_at: Option<UnixMillis>,
    /// When the person saw it.
    pub read_at: Option<UnixMillis>,
}

/// A notification to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    /// What makes it the same as another, as `failed:{post}:{revision}`.
    pub key: String,
    /// Its kind.
    pub kind: String,
    /// The post that it is about.
    pub post_id: Option<PostId>,
    /// The account that it is about.
    pub account: Option<XUserId>,
    /// What it has in common with others that are told with it as one, as `failed:text_too_long`.
    pub cause: Option<String>,
    /// One line.
    pub title: String,
    /// What happened and what to do.
    pub body: String,
}

/// The setting that keeps how the person is told of what.
const CHANNELS: &str = "notice_channels";

const COLUMNS: &str =
    "seq, key, kind, post_id, account_id, cause, title, body, created_at, shown_at, read_at";

fn read_notification(row: &Row<'_>) -> rusqlite::Result<Notification> {
    Ok(Notification {
        seq: row.get("seq")?,
        key: row.get("key")?,
        kind: row.get("kind")?,
        post_id: parsed_option(row, "post_id")?,
        account: row.get::<_, Option<String>>("account_id")?.map(XUserId),
        cause: row.get("cause")?,
        title: row.get("title")?,
        body: row.get("body")?,
        created_at: instant(row, "created_at")?,
        shown_at: instant_option(row, "shown_at")?,
        read_at: instant_option(row, "read_at")?,
    })
}

impl Read<'_> {
    /// Returns how the person is told of what: as they said, else as is usual.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn notice_channels(&self) -> Result<NoticeChannels, Error> {
        Ok(self.setting(CHANNELS)?.unwrap_or_default())
    }

    /// Returns those that the operating system has not shown yet, oldest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn notifications_to_show(&self, limit: u32) -> Result<Vec<Notification>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM notification WHERE shown_at IS NULL ORDER BY seq LIMIT ?1"
        ))?;
        let found = statement.query_map([limit], read_notification)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Returns the newest, newest first: all, or those that the person has not seen.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn notifications(&self, unread: bool, limit: u32) -> Result<Vec<Notification>, Error> {
        let which = if unread { "WHERE read_at IS NULL" } else { "" };
        let sql = format!("SELECT {COLUMNS} FROM notification {which} ORDER BY seq DESC LIMIT ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_map([limit], read_notification)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Returns how many the person has not seen.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn unread_notifications(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM notification WHERE read_at IS NULL";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Keeps how the person is told of what.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn save_notice_channels(&mut self, channels: &NoticeChannels) -> Result<(), Error> {
        self.save_setting(CHANNELS, channels)
    }

    /// Keeps a notification, unless one with the same key is there, or the person wants none of its topic.
    /// Tells whether it is new.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn notify(&mut self, new: &NewNotification) -> Result<bool, Error> {
        let topic = NoticeTopic::of_kind(&new.kind);
        if self.notice_channels()?.of(topic) == NoticeChannel::Off {
            return Ok(false);
        }
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO notification (key, kind, post_id, account_id, cause, title, body, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO NOTHING",
            )?
            .execute((
                &new.key,
                &new.kind,
                new.post_id.map(|post| post.to_string()),
                new.account.as_ref().map(|account| &account.0),
                &new.cause,
                &new.title,
                &new.body,
                self.now.0,
            ))?;
        Ok(inserted == 1)
    }

    /// Notes that the operating system showed it.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn notification_shown(&mut self, seq: i64) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE notification SET shown_at = ?2 WHERE seq = ?1 AND shown_at IS NULL",
            )?
            .execute((seq, self.now.0))?;
        Ok(())
    }

    /// Notes that the person saw all up to `seq`.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn notifications_read(&mut self, up_to: i64) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE notification SET read_at = ?2 WHERE seq <= ?1 AND read_at IS NULL",
            )?
            .execute((up_to, self.now.0))?;
        Ok(())
    }
}
