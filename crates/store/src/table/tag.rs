//! Tags: words that a person puts on posts to find them again.

use roost_core::id::PostId;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::{Read, Tx};

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its name, as first written; upper and lower case are one tag.
    pub name: String,
    /// Its colour, as `#rrggbb`.
    pub colour: Option<String>,
}

/// A tag and how many posts carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagCount {
    /// The tag.
    pub tag: Tag,
    /// Posts with it, those in the trash aside.
    pub posts: u64,
}

impl Read<'_> {
    /// All tags with the number of their posts, by name.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn tags(&self) -> Result<Vec<TagCount>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT tag.name, tag.colour, count(post.id) AS posts FROM tag
             LEFT JOIN post_tag ON post_tag.tag_id = tag.id
             LEFT JOIN scheduled_post AS post
                 ON post.id = post_tag.post_id AND post.deleted_at IS NULL
             GROUP BY tag.id ORDER BY tag.name COLLATE NOCASE",
        )?;
        let tags = statement.query_map([], |row| {
            let tag = Tag { name: row.get("name")?, colour: row.get("colour")? };
            Ok(TagCount { tag, posts: row.get("posts")? })
        })?;
        Ok(tags.collect::<Result<_, _>>()?)
    }

    /// The names of a post's tags, by name.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn tags_of(&self, post: PostId) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT tag.name FROM post_tag JOIN tag ON tag.id = post_tag.tag_id
             WHERE post_tag.post_id = ?1 ORDER BY tag.name COLLATE NOCASE",
        )?;
        let names = statement.query_map([post.to_string()], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Makes a tag or changes its colour.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn save_tag(&mut self, tag: &Tag) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO tag (name, colour, created_at) VALUES (trim(?1), ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET colour = ?2",
            )?
            .execute((&tag.name, &tag.colour, self.now.0))?;
        Ok(())
    }

    /// Gives a tag another name.
    ///
    /// # Errors
    /// When there is no such tag, the name is taken, or SQLite cannot write.
    pub fn rename_tag(&mut self, from: &str, to: &str) -> Result<(), Error> {
        let renamed = self
            .connection
            .prepare_cached("UPDATE tag SET name = trim(?2) WHERE name = ?1")?
            .execute((from, to))?;
        if renamed == 0 { Err(Error::not_found("tag", from)) } else { Ok(()) }
    }

    /// Removes a tag from all posts and for good.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn delete_tag(&mut self, name: &str) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM tag WHERE name = ?1")?.execute([name])?;
        Ok(())
    }

    /// Puts `names` on a post, in place of what it carries. Callers note the change.
    pub(crate) fn replace_tags(&mut self, post: PostId, names: &[String]) -> Result<(), Error> {
        self.connection
            .prepare_cached("DELETE FROM post_tag WHERE post_id = ?1")?
            .execute([post.to_string()])?;
        self.insert_tags(post, names)
    }

    pub(crate) fn insert_tags(&mut self, post: PostId, names: &[String]) -> Result<(), Error> {
        for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let tag = self.tag_id(name)?;
            self.connection
                .prepare_cached(
                    "INSERT INTO post_tag (post_id, tag_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute((post.to_string(), tag))?;
        }
        Ok(())
    }

    fn tag_id(&mut self, name: &str) -> Result<i64, Error> {
        let known = self
            .connection
            .prepare_cached("SELECT id FROM tag WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        self.connection
            .prepare_cached("INSERT INTO tag (name, created_at) VALUES (?1, ?2)")?
            .execute((name, self.now.0))?;
        Ok(self.connection.last_insert_rowid())
    }
}
