//! Which files posts need on the relay.

use std::collections::HashSet;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::{MediaDigest, MediaFile, MediaRef};
use rusqlite::Row;

use crate::error::Error;
use crate::sql::parsed;
use crate::store::Read;

/// A file of a post, and when the post is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostFile {
    /// The post.
    pub post: PostId,
    /// When it is due.
    pub due_at: UnixMillis,
    /// The file; none in a post of an earlier version, which kept no file.
    pub file: Option<MediaFile>,
}

fn read_file(row: &Row<'_>) -> rusqlite::Result<(PostId, UnixMillis, String)> {
    let due_at: Option<i64> = row.get("scheduled_at")?;
    Ok((parsed(row, "post_id")?, UnixMillis(due_at.unwrap_or(i64::MAX)), row.get("media")?))
}

fn post_file(
    (post, due_at, media): (PostId, UnixMillis, String),
) -> Result<PostFile, serde_json::Error> {
    let media: MediaRef = serde_json::from_str(&media)?;
    Ok(PostFile { post, due_at, file: media.file })
}

impl Read<'_> {
    /// Returns the files of posts, part by part; posts without any are left out.
    ///
    /// # Errors
    /// When SQLite cannot read, or a part's media are damaged.
    pub fn files_of_posts(&self, posts: &[PostId]) -> Result<Vec<PostFile>, Error> {
        let ids: Vec<String> = posts.iter().map(PostId::to_string).collect();
        let mut statement = self.connection.prepare_cached(
            "SELECT part.post_id, post.scheduled_at, file.value AS media
             FROM json_each(?1) AS wanted
             CROSS JOIN post_part AS part ON part.post_id = wanted.value
             JOIN scheduled_post AS post ON post.id = part.post_id,
             json_each(part.beyond_text, '$.media') AS file
             WHERE part.beyond_text IS NOT NULL
             ORDER BY post.scheduled_at, part.post_id, part.position",
        )?;
        let rows = statement.query_map([serde_json::to_string(&ids)?], read_file)?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().map(post_file).collect::<Result<_, _>>()?)
    }

    /// Returns the files of the posts that wait on a relay for a cause, by its code.
    ///
    /// # Errors
    /// When SQLite cannot read, or a part's media are damaged.
    pub fn files_of_waiting(&self, code: &str) -> Result<Vec<PostFile>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT part.post_id, post.scheduled_at, file.value AS media
             FROM scheduled_post AS post
             JOIN post_part AS part ON part.post_id = post.id,
             json_each(part.beyond_text, '$.media') AS file
             WHERE post.status = 'held' AND post.error_code = ?1 AND post.deleted_at IS NULL
                 AND part.beyond_text IS NOT NULL
             ORDER BY post.scheduled_at, part.post_id, part.position",
        )?;
        let rows = statement.query_map([code], read_file)?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().map(post_file).collect::<Result<_, _>>()?)
    }

    /// Returns the digests that changes of posts since `since` name: undoing one needs the file again.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn files_in_events(&self, since: UnixMillis) -> Result<HashSet<MediaDigest>, Error> {
        const MARK: &str = "\"sha256\":\"";
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(before, '') || coalesce(after, '') AS json FROM post_event
             WHERE at >= ?1 AND (instr(before, ?2) OR instr(after, ?2))",
        )?;
        let rows = statement.query_map((since.0, MARK), |row| row.get::<_, String>("json"))?;
        let mut digests = HashSet::new();
        for json in rows {
            for rest in json?.split(MARK).skip(1) {
                digests
                    .extend(rest.get(..64).and_then(|digest| digest.parse::<MediaDigest>().ok()));
            }
        }
        Ok(digests)
    }
}
