//! What many posts are, say and carry, each with one statement however many they are.

use std::collections::HashMap;

use roost_core::id::PostId;
use roost_core::post::{Content, Part};

use super::Post;
use super::read_row::{COLUMNS, read_post};
use crate::error::Error;
use crate::sql::parsed;
use crate::store::Read;

/// The text of a part, which the first leaves to the post, and what it has beside it.
type KeptPart = (Option<String>, Option<String>);

impl Read<'_> {
    /// Returns the posts of `ids` that are there and not in the trash, in the order of `ids`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn live_posts(&self, ids: &[PostId]) -> Result<Vec<Post>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM json_each(?1) AS wanted
             CROSS JOIN scheduled_post AS post ON post.id = wanted.value
             WHERE post.deleted_at IS NULL"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let posts = statement.query_map([serde_json::to_string(ids)?], read_post)?;
        Ok(posts.collect::<Result<_, _>>()?)
    }

    /// Returns what each of `posts` says, in their order.
    ///
    /// # Errors
    /// When SQLite cannot read, or what is kept of a part is no JSON of one.
    pub fn contents_of(&self, posts: &[&Post]) -> Result<Vec<Content>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT part.post_id, part.text, part.beyond_text FROM json_each(?1) AS wanted
             CROSS JOIN post_part AS part ON part.post_id = wanted.value
             ORDER BY part.post_id, part.position",
        )?;
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let mut rows = statement.query([serde_json::to_string(&ids)?])?;
        let mut parts: HashMap<PostId, Vec<KeptPart>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let part = (row.get("text")?, row.get("beyond_text")?);
            parts.entry(parsed(row, "post_id")?).or_default().push(part);
        }
        let content = |post: &&Post| {
            let Some(kept) = parts.remove(&post.id) else {
                return Ok(Content::of_texts([post.content.as_str()]));
            };
            let part = |(text, beyond): KeptPart| {
                // The first part's text is the post's, kept once.
                let text = text.unwrap_or_else(|| post.content.clone());
                Part::from_stored(text, beyond.as_deref())
            };
            let parts = kept.into_iter().map(part).collect::<Result<_, _>>()?;
            Ok(Content { parts })
        };
        posts.iter().map(content).collect()
    }

    /// Returns the tags of posts, by name; those without any are left out.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn tags_of_posts(&self, ids: &[PostId]) -> Result<HashMap<PostId, Vec<String>>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT post_tag.post_id, tag.name FROM json_each(?1) AS wanted
             CROSS JOIN post_tag ON post_tag.post_id = wanted.value
             CROSS JOIN tag ON tag.id = post_tag.tag_id
             ORDER BY post_tag.post_id, tag.name COLLATE NOCASE",
        )?;
        let mut rows = statement.query([serde_json::to_string(ids)?])?;
        let mut tags: HashMap<PostId, Vec<String>> = HashMap::new();
        while let Some(row) = rows.next()? {
            tags.entry(parsed(row, "post_id")?).or_default().push(row.get("name")?);
        }
        Ok(tags)
    }
}
