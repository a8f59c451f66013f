//! What a row of a list shows beside the post itself, for a whole page at once.

use std::collections::HashMap;

use roost_core::id::PostId;
use serde::Serialize;

use crate::error::Error;
use crate::sql::{json, parsed};
use crate::store::Read;

/// What stands beside a post.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Extras {
    /// Its tags, by name.
    pub tags: Vec<String>,
    /// Its texts: 1, or more for a thread.
    pub texts: u32,
    /// Its files.
    pub media: u32,
    /// Why the intention that is open for it has not worked yet.
    pub last_error: Option<String>,
}

impl Read<'_> {
    /// What stands beside each of `posts`; those that are not there are absent.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn extras(&self, posts: &[PostId]) -> Result<HashMap<PostId, Extras>, Error> {
        let ids = serde_json::to_string(posts)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT post.id,
                 (SELECT json_group_array(name) FROM (
                     SELECT tag.name FROM post_tag JOIN tag ON tag.id = post_tag.tag_id
                     WHERE post_tag.post_id = post.id ORDER BY tag.name COLLATE NOCASE
                 )) AS tags,
                 (SELECT count(*) FROM post_part
                     WHERE post_id = post.id AND position > 0) + 1 AS texts,
                 (SELECT coalesce(sum(json_array_length(beyond_text, '$.media')), 0) FROM post_part
                     WHERE post_id = post.id) AS media,
                 (SELECT last_error FROM outbox
                     WHERE post_id = post.id AND done_at IS NULL AND last_error IS NOT NULL
                     ORDER BY seq DESC LIMIT 1) AS last_error
             FROM json_each(?1) AS wanted JOIN scheduled_post AS post ON post.id = wanted.value",
        )?;
        let mut rows = statement.query([ids])?;
        let mut found = HashMap::with_capacity(posts.len());
        while let Some(row) = rows.next()? {
            let extras = Extras {
                tags: serde_json::from_value(json(row, "tags")?)?,
                texts: row.get("texts")?,
                media: row.get("media")?,
                last_error: row.get("last_error")?,
            };
            found.insert(parsed(row, "id")?, extras);
        }
        Ok(found)
    }
}
