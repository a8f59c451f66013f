//! What a post says beyond its first text: the later parts of a thread, and what parts have beside
//! their texts. A post that is one text alone has no row here.

use roost_core::id::{PostId, TweetId};
use roost_core::post::{Content, Part};

use super::Post;
use crate::error::Error;
use crate::store::{Read, Tx};

impl Read<'_> {
    /// Returns what a post says.
    ///
    /// # Errors
    /// When SQLite cannot read, or what is kept of a part is no JSON of one.
    pub fn content(&self, post: &Post) -> Result<Content, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT text, beyond_text FROM post_part WHERE post_id = ?1 ORDER BY position",
        )?;
        let mut rows = statement.query([post.id.to_string()])?;
        let mut parts = Vec::new();
        while let Some(row) = rows.next()? {
            let text: Option<String> = row.get("text")?;
            // The first part's text is the post's, kept once.
            let text = text.unwrap_or_else(|| post.content.clone());
            parts.push(Part::from_stored(
                text,
                row.get_ref("beyond_text")?.as_str_or_null().map_err(rusqlite::Error::from)?,
            )?);
        }
        if parts.is_empty() {
            parts.push(Part::of_text(post.content.as_str()));
        }
        Ok(Content { parts })
    }

    /// Returns how many parts a post has: 1 for a tweet.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn part_count(&self, post: PostId) -> Result<u32, Error> {
        let sql = "SELECT max(1, count(*)) FROM post_part WHERE post_id = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([post.to_string()], |row| row.get(0))?)
    }

    /// Returns the ids on X of the parts of a thread that are there, each with its place from 0.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn live_parts(&self, post: PostId) -> Result<Vec<(u32, TweetId)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT position, tweet_id FROM post_part
             WHERE post_id = ?1 AND tweet_id IS NOT NULL ORDER BY position",
        )?;
        let live = statement.query_map([post.to_string()], |row| {
            Ok((row.get("position")?, TweetId(row.get("tweet_id")?)))
        })?;
        Ok(live.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Replaces the parts of a post; the ids on X stay with their places. The row keeps the first text.
    pub(crate) fn replace_parts(&mut self, post: PostId, content: &Content) -> Result<(), Error> {
        let live = self.live_parts(post)?;
        self.connection
            .prepare_cached("DELETE FROM post_part WHERE post_id = ?1")?
            .execute([post.to_string()])?;
        self.insert_parts(post, content)?;
        for (position, tweet) in live {
            self.part_posted(post, position, &tweet)?;
        }
        Ok(())
    }

    pub(crate) fn insert_parts(&mut self, post: PostId, content: &Content) -> Result<(), Error> {
        let beyond: Vec<_> = content.parts.iter().map(Part::stored_beyond).collect();
        if content.parts.len() < 2 && beyond.iter().all(Option::is_none) {
            return Ok(());
        }
        for (position, (part, beyond)) in (0_u32..).zip(content.parts.iter().zip(beyond)) {
            self.connection
                .prepare_cached(
                    "INSERT INTO post_part (post_id, position, text, beyond_text)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((
                    post.to_string(),
                    position,
                    (position > 0).then_some(&part.text),
                    beyond,
                ))?;
        }
        Ok(())
    }

    /// Notes the ids on X of the first parts of a thread. Returns whether one of them is new.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub(crate) fn parts_posted(&mut self, post: PostId, live: &[TweetId]) -> Result<bool, Error> {
        let mut changed = false;
        for (position, tweet) in (0_u32..).zip(live) {
            changed |= self.part_posted(post, position, tweet)?;
        }
        Ok(changed)
    }

    fn part_posted(&mut self, post: PostId, position: u32, tweet: &TweetId) -> Result<bool, Error> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE post_part SET tweet_id = ?3
                 WHERE post_id = ?1 AND position = ?2 AND tweet_id IS NOT ?3",
            )?
            .execute((post.to_string(), position, &tweet.0))?;
        Ok(changed > 0)
    }
}
