//! Reading posts from their rows.

use roost_core::duplicate::DuplicateKey;
use roost_core::id::{PostId, Revision, TweetId, Version, XUserId};
use roost_core::post::{BodyHash, FollowUp};
use rusqlite::{OptionalExtension, Params, Row};

pub(super) use super::columns::SELECTED as COLUMNS;
use super::row::{Occurrence, OwnId, Post, Schedule};
use crate::error::Error;
use crate::sql::{instant, instant_option, parsed, parsed_option};
use crate::store::Read;

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
        occurrence: read_occurrence(row)?,
        follow_up: read_follow_up(row)?,
    })
}

fn read_own_id(row: &Row<'_>) -> rusqlite::Result<Option<OwnId>> {
    let Some(id) = row.get("own_id")? else { return Ok(None) };
    Ok(Some(OwnId { plan: row.get("plan")?, id }))
}

fn read_occurrence(row: &Row<'_>) -> rusqlite::Result<Option<Occurrence>> {
    let Some(series) = parsed_option(row, "series_id")? else { return Ok(None) };
    Ok(Some(Occurrence { series, wall_time: row.get("occurrence")? }))
}

fn read_follow_up(row: &Row<'_>) -> rusqlite::Result<Option<FollowUp>> {
    let Some(parent) = parsed_option(row, "follow_up_of")? else { return Ok(None) };
    Ok(Some(FollowUp { parent, after_minutes: row.get("follow_up_minutes")? }))
}

fn read_schedule(row: &Row<'_>) -> rusqlite::Result<Option<Schedule>> {
    let Some(at) = instant_option(row, "scheduled_at")? else { return Ok(None) };
    Ok(Some(Schedule { at, wall_time: row.get("wall_time")?, zone: row.get("zone")? }))
}

impl Read<'_> {
    /// Returns one post, in the trash or not.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn post(&self, id: PostId) -> Result<Option<Post>, Error> {
        self.one_post("post.id = ?1", [id.to_string()])
    }

    /// Returns one post that must be there.
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
