//! What a row of a list shows beside the post itself, for a whole page with one statement.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::backlog::WILL_BE_MISSED;
use super::read_row::{COLUMNS, read_post};
use super::{Post, WillBeMissed};
use crate::error::Error;
use crate::sql::{instant_option, json};
use crate::store::Read;

/// What stands beside a post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Extras {
    /// The handle of its account, without `@`.
    pub username: Option<String>,
    /// Its tags, by name.
    pub tags: Vec<String>,
    /// Its texts: 1, or more for a thread.
    pub texts: u32,
    /// Its files.
    pub media: u32,
    /// Whether a change of it is kept beside it that is not saved.
    pub has_unsaved_edit: bool,
    /// Why it will be missed; none when it will not, as far as is known.
    pub will_be_missed: Option<WillBeMissed>,
}

/// The columns of [`Extras`], beside those of `post`. Each is read by a key.
fn columns() -> String {
    format!(
        "(SELECT username FROM account WHERE x_user_id = post.account_id) AS username,
         (SELECT json_group_array(name) FROM (
             SELECT tag.name FROM post_tag JOIN tag ON tag.id = post_tag.tag_id
             WHERE post_tag.post_id = post.id ORDER BY tag.name COLLATE NOCASE
         )) AS tags,
         (SELECT count(*) FROM post_part WHERE post_id = post.id AND position > 0) + 1 AS texts,
         (SELECT coalesce(sum(json_array_length(beyond_text, '$.media')), 0) FROM post_part
             WHERE post_id = post.id) AS media,
         EXISTS (SELECT 1 FROM unsaved_edit WHERE post_id = post.id) AS has_unsaved_edit,
         CASE WHEN {WILL_BE_MISSED}
             THEN coalesce(post.not_after, post.scheduled_at + 21600000) END AS missed_after"
    )
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<(Post, Extras)> {
    let post = read_post(row)?;
    let missed = instant_option(row, "missed_after")?;
    let will_be_missed = |not_after: UnixMillis| WillBeMissed { not_after, turn: post.held_until };
    let tags = json(row, "tags")?;
    let extras = Extras {
        username: row.get("username")?,
        tags: tags
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|tag| tag.as_str().map(str::to_owned))
            .collect(),
        texts: row.get("texts")?,
        media: row.get("media")?,
        has_unsaved_edit: row.get("has_unsaved_edit")?,
        will_be_missed: missed.map(will_be_missed),
    };
    Ok((post, extras))
}

impl Read<'_> {
    /// Returns one post that must be there, in the trash or not, with what stands beside it.
    ///
    /// # Errors
    /// When it is not, or SQLite cannot read.
    pub fn expect_row(&self, id: PostId) -> Result<(Post, Extras), Error> {
        let columns = columns();
        let sql =
            format!("SELECT {COLUMNS}, {columns} FROM scheduled_post AS post WHERE post.id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let row = statement.query_row([id.to_string()], read_row).optional()?;
        row.ok_or_else(|| Error::not_found("post", id))
    }

    /// Returns the posts with what stands beside each, in the order of `seqs`.
    pub(super) fn rows_by_seq(&self, seqs: &[i64]) -> Result<Vec<(Post, Extras)>, Error> {
        self.by_seq(seqs, &format!("{COLUMNS}, {}", columns()), read_row)
    }

    /// Returns the posts in the order of `seqs`.
    pub(super) fn posts_by_seq(&self, seqs: &[i64]) -> Result<Vec<Post>, Error> {
        self.by_seq(seqs, COLUMNS, read_post)
    }

    fn by_seq<T>(
        &self,
        seqs: &[i64],
        columns: &str,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        // A cross join is never turned round: the rows come in the order of the list.
        let sql = format!(
            "SELECT {columns} FROM json_each(?1) AS wanted
             CROSS JOIN scheduled_post AS post ON post.seq = wanted.value"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([serde_json::to_string(seqs)?], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
