//! What a post is made of beyond its first text: the later texts of a thread, media and polls.

use roost_core::id::{MediaId, PostId, TweetId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::sql::{json_option, parsed};
use crate::store::{Read, Tx};

/// One part of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its place, from 0.
    pub position: u32,
    /// Its text; none at position 0, where the post's content is the text.
    pub text: Option<String>,
    /// Its poll.
    pub poll: Option<Value>,
    /// Its files, in order.
    pub media: Vec<PartMedia>,
    /// Its id on X, once it is there.
    pub tweet_id: Option<TweetId>,
}

/// One file of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartMedia {
    /// The file.
    pub media_id: MediaId,
    /// What it shows, for those who do not see it.
    pub alt_text: Option<String>,
}

impl Read<'_> {
    /// The parts of a post, in order. A plain post has none: it is its content.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn parts(&self, post: PostId) -> Result<Vec<Part>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT position, text, poll, tweet_id FROM post_part WHERE post_id = ?1
             ORDER BY position",
        )?;
        let mut parts: Vec<Part> = statement
            .query_map([post.to_string()], |row| {
                Ok(Part {
                    position: row.get("position")?,
                    text: row.get("text")?,
                    poll: json_option(row, "poll")?,
                    media: Vec::new(),
                    tweet_id: row.get::<_, Option<String>>("tweet_id")?.map(TweetId),
                })
            })?
            .collect::<Result<_, _>>()?;
        if parts.is_empty() {
            return Ok(parts);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT position, media_id, alt_text FROM part_media WHERE post_id = ?1
             ORDER BY position, ordinal",
        )?;
        let mut rows = statement.query([post.to_string()])?;
        while let Some(row) = rows.next()? {
            let position: u32 = row.get("position")?;
            let media =
                PartMedia { media_id: parsed(row, "media_id")?, alt_text: row.get("alt_text")? };
            if let Some(part) = parts.iter_mut().find(|part| part.position == position) {
                part.media.push(media);
            }
        }
        Ok(parts)
    }
}

impl Tx<'_> {
    /// Replaces the parts of a post. Callers note the change as an edit.
    pub(crate) fn replace_parts(&mut self, post: PostId, parts: &[Part]) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM post_part WHERE post_id = ?1")?
            .execute([post.to_string()])?;
        self.insert_parts(post, parts)
    }

    pub(crate) fn insert_parts(&mut self, post: PostId, parts: &[Part]) -> Result<(), Error> {
        for part in parts {
            self.connection
                .prepare_cached(
                    "INSERT INTO post_part (post_id, position, text, poll, tweet_id)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute((
                    post.to_string(),
                    part.position,
                    &part.text,
                    part.poll.as_ref().map(Value::to_string),
                    part.tweet_id.as_ref().map(|tweet| &tweet.0),
                ))?;
            for (ordinal, media) in part.media.iter().enumerate() {
                self.connection
                    .prepare_cached(
                        "INSERT INTO part_media (post_id, position, ordinal, media_id, alt_text)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute((
                        post.to_string(),
                        part.position,
                        i64::try_from(ordinal).unwrap_or(i64::MAX),
                        media.media_id.to_string(),
                        &media.alt_text,
                    ))?;
            }
        }
        Ok(())
    }

    /// Notes the ids on X of the first parts of a thread. Returns whether one of them is new.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn parts_posted(&mut self, post: PostId, live: &[TweetId]) -> Result<bool, Error> {
        let mut changed = 0;
        for (position, tweet) in (0_u32..).zip(live) {
            changed += self
                .connection
                .prepare_cached(
                    "UPDATE post_part SET tweet_id = ?3
                     WHERE post_id = ?1 AND position = ?2 AND tweet_id IS NOT ?3",
                )?
                .execute((post.to_string(), position, &tweet.0))?;
        }
        Ok(changed > 0)
    }
}
