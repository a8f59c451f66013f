//! A post as it stands in the database.

use roost_core::clock::UnixMillis;
use roost_core::cost::Prices;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{ImportId, PostId, Revision, TweetId, Version, XUserId};
use roost_core::post::{BodyHash, Content};
use roost_core::status::Status;
use rusqlite::{OptionalExtension, Params, Row};
use serde::{Deserialize, Serialize};

use super::WithdrawTo;
pub(super) use super::columns::SELECTED as COLUMNS;
use crate::error::Error;
use crate::sql::{instant, instant_option, parsed, parsed_option, words};
use crate::store::Read;

words! {
    /// The lists of the window; each status stands in one of them.
    List, "list" {
        /// No time, or not armed.
        Drafts = "drafts",
        /// Waiting for their time, here or on the relay.
        Upcoming = "upcoming",
        /// Failed, missed, in part on X, or to be checked.
        NeedsYou = "needs_you",
        /// On X.
        Posted = "posted",
        /// Withdrawn.
        Cancelled = "cancelled",
    }
}

impl List {
    /// The list in which posts of `status` stand. The database derives the same in a column.
    #[must_use]
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Draft => Self::Drafts,
            Status::Pending | Status::Queued | Status::Held | Status::Sending => Self::Upcoming,
            Status::Partial | Status::Unknown | Status::Failed | Status::Missed => Self::NeedsYou,
            Status::Posted => Self::Posted,
            Status::Cancelled => Self::Cancelled,
        }
    }
}

/// When a post is planned: the instant, and what the person meant by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The instant. Kept in whole seconds, rounded up, so that nothing is early.
    pub at: UnixMillis,
    /// The wall time as the person meant it.
    pub wall_time: String,
    /// The IANA zone of the wall time.
    pub zone: String,
}

/// The person's own id of a post, which counts within a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OwnId {
    /// The name of the plan; empty for the one that has no name.
    pub plan: String,
    /// The id.
    pub id: String,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Post {
    /// Its place in the order of making; what a [`Cursor`](super::Cursor) goes by.
    pub seq: i64,
    /// Its id.
    pub id: PostId,
    /// The account that is to post it.
    pub account: Option<XUserId>,
    /// Its text; of a thread, the first.
    pub content: String,
    /// What repeats of all that it says have in common.
    #[serde(rename = "content_hash")]
    pub duplicate_key: DuplicateKey,
    /// The hash of all that it says, to the letter; none where the words were damaged already when
    /// stores began to keep it.
    #[serde(skip)]
    pub body_hash: Option<BodyHash>,
    /// What X charges for it, in micro-dollars.
    pub cost_micros: i64,
    /// Whether X bills a part of it as one with a link.
    #[serde(skip)]
    pub has_link: bool,
    /// When it is planned.
    pub schedule: Option<Schedule>,
    /// Where it stands.
    pub status: Status,
    /// Its newest arming or withdrawal.
    pub revision: Revision,
    /// Its newest version: what a request that a person based on an older one is held against.
    pub version: Version,
    /// The highest revision that may have reached the relay; 0 when none.
    pub offered_revision: Revision,
    /// The relay that was offered it, by its public address. None while it is for whichever is in
    /// use.
    pub offered_to: Option<String>,
    /// The highest revision whose withdrawal is proven; 0 when none.
    pub withdrawn_revision: Revision,
    /// What it becomes once the withdrawal that is on its way is proven.
    pub withdraw_to: Option<WithdrawTo>,
    /// The scheduler's message for the newest arming.
    pub qstash_message_id: Option<String>,
    /// Whether there is such a message. The database derives it.
    pub synced_to_qstash: bool,
    /// Since when there is.
    pub synced_at: Option<UnixMillis>,
    /// Until when the relay waits; the reason is in the error fields.
    pub held_until: Option<UnixMillis>,
    /// Its id on X; of a thread, the first part's.
    pub tweet_id: Option<TweetId>,
    /// Why it failed or waits: a word of the closed set of codes.
    pub error_code: Option<String>,
    /// The same in plain words, X's own included.
    pub error_message: Option<String>,
    /// Calls to X so far.
    pub retry_count: u32,
    /// When X took it.
    pub posted_at: Option<UnixMillis>,
    /// When it failed.
    pub failed_at: Option<UnixMillis>,
    /// The import that it came with.
    pub import_id: Option<ImportId>,
    /// Its row in that file.
    pub import_row: Option<u32>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
    /// Since when it is in the trash.
    pub deleted_at: Option<UnixMillis>,
    /// The post that went out with its old words, when this is the draft that keeps what an edit of
    /// it had meant.
    pub late_edit_of: Option<PostId>,
    /// Since when it is deleted on X, after it had been there.
    pub gone_from_x_at: Option<UnixMillis>,
    /// The person's own id of it.
    pub own_id: Option<OwnId>,
    /// A note to oneself, which never leaves this computer.
    pub note: Option<String>,
}

impl Post {
    /// Whether the relay may still send some revision of it, so that only its word makes sure that
    /// it does not. A post that needs a check is among them: a decision to send it again may have
    /// reached the relay already.
    #[must_use]
    pub fn may_be_on_relay(&self) -> bool {
        self.offered_revision > self.withdrawn_revision
            && matches!(
                self.status,
                Status::Draft
                    | Status::Pending
                    | Status::Queued
                    | Status::Held
                    | Status::Sending
                    | Status::Unknown
                    | Status::Partial
            )
    }

    /// Whether a person sees no difference between this and `other`, tags aside. The way from this
    /// computer to X is none: a post that relay and scheduler took over is what it was.
    #[must_use]
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let is_on_its_way = |post: &Self| post.list() == List::Upcoming;
        (self.status == other.status || (is_on_its_way(self) && is_on_its_way(other)))
            && self.body_hash == other.body_hash
            && self.schedule == other.schedule
            && self.account == other.account
            && self.withdraw_to == other.withdraw_to
            && self.deleted_at == other.deleted_at
            && self.gone_from_x_at == other.gone_from_x_at
            && self.own_id == other.own_id
            && self.note == other.note
    }

    /// Returns whether `content`, as it is kept for this post, is what was written. SQLite's own checks
    /// miss most single flipped bits; damaged words are never to be posted.
    #[must_use]
    pub fn is_intact(&self, content: &Content) -> bool {
        self.body_hash.is_some_and(|hash| hash.matches(content))
    }

    /// Makes the row say `content`: the first text, and all that follows from the whole.
    pub(super) fn say(&mut self, content: &Content, prices: &Prices) {
        content.first_text().clone_into(&mut self.content);
        self.duplicate_key = content.duplicate_key();
        self.body_hash = Some(content.body_hash());
        self.cost_micros = content.cost_at(prices).0;
        self.has_link = content.has_link();
    }

    /// The list in which it stands.
    #[must_use]
    pub const fn list(&self) -> List {
        List::of(self.status)
    }

    /// The moment under which it stands there.
    #[must_use]
    pub fn list_at(&self) -> UnixMillis {
        let planned = self.schedule.as_ref().map(|schedule| schedule.at);
        self.posted_at.or(planned).unwrap_or(self.created_at)
    }
}

pub(super) fn read_post(row: &Row<'_>) -> rusqlite::Result<Post> {
    Ok(Post {
        seq: row.get("seq")?,
        id: parsed(row, "id")?,
        account: row.get::<_, Option<String>>("account_id")?.map(XUserId),
        content: row.get("content")?,
        duplicate_key: DuplicateKey(row.get("content_hash")?),
        body_hash: row
            .get::<_, Option<Vec<u8>>>("body_hash")?
            .and_then(|it| BodyHash::from_bytes(&it)),
        cost_micros: row.get("cost_micros")?,
        has_link: row.get("has_link")?,
        schedule: read_schedule(row)?,
        status: parsed(row, "status")?,
        revision: Revision(row.get("revision")?),
        version: Version(row.get("version")?),
        offered_revision: Revision(row.get("offered_revision")?),
        offered_to: row.get("offered_to")?,
        withdrawn_revision: Revision(row.get("withdrawn_revision")?),
        withdraw_to: parsed_option(row, "withdraw_to")?,
        qstash_message_id: row.get("qstash_message_id")?,
        synced_to_qstash: row.get("synced_to_qstash")?,
        synced_at: instant_option(row, "synced_at")?,
        held_until: instant_option(row, "held_until")?,
        tweet_id: row.get::<_, Option<String>>("tweet_id")?.map(TweetId),
        error_code: row.get("error_code")?,
        error_message: row.get("error_message")?,
        retry_count: row.get("retry_count")?,
        posted_at: instant_option(row, "posted_at")?,
        failed_at: instant_option(row, "failed_at")?,
        import_id: parsed_option(row, "import_id")?,
        import_row: row.get("import_row")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
        deleted_at: instant_option(row, "deleted_at")?,
        late_edit_of: parsed_option(row, "late_edit_of")?,
        gone_from_x_at: instant_option(row, "gone_from_x_at")?,
        own_id: read_own_id(row)?,
        note: row.get("note")?,
    })
}

fn read_own_id(row: &Row<'_>) -> rusqlite::Result<Option<OwnId>> {
    let Some(id) = row.get("own_id")? else { return Ok(None) };
    Ok(Some(OwnId { plan: row.get("plan")?, id }))
}

fn read_schedule(row: &Row<'_>) -> rusqlite::Result<Option<Schedule>> {
    let Some(at) = instant_option(row, "scheduled_at")? else { return Ok(None) };
    Ok(Some(Schedule { at, wall_time: row.get("wall_time")?, zone: row.get("zone")? }))
}

impl Read<'_> {
    /// One post, in the trash or not.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn post(&self, id: PostId) -> Result<Option<Post>, Error> {
        self.one_post("post.id = ?1", [id.to_string()])
    }

    /// One post that must be there.
    ///
    /// # Errors
    /// When it is not, or SQLite cannot read.
    pub fn expect_post(&self, id: PostId) -> Result<Post, Error> {
        self.post(id)?.ok_or_else(|| Error::not_found("post", id))
    }

    pub(super) fn one_post(
        &self,
        condition: &str,
        params: impl Params,
    ) -> Result<Option<Post>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM scheduled_post AS post WHERE {condition}");
        Ok(self.connection.prepare_cached(&sql)?.query_row(params, read_post).optional()?)
    }

    pub(super) fn many_posts(
        &self,
        condition: &str,
        params: impl Params,
    ) -> Result<Vec<Post>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM scheduled_post AS post WHERE {condition}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let posts = statement.query_map(params, read_post)?;
        Ok(posts.collect::<Result<_, _>>()?)
    }
}
