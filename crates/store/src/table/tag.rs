//! Tags: words that a person puts on posts to find them again.

use std::collections::HashMap;

use roost_core::id::PostId;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::store::{Read, Tx};

/// A tag and how many posts carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagCount {
    /// Its name, as first written; upper and lower case are one tag.
    pub name: String,
    /// Posts with it, those in the trash aside.
    pub posts: u64,
}

impl Read<'_> {
    /// Returns all tags with the number of their posts, by name.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn tags(&self) -> Result<Vec<TagCount>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT tag.name, (
                 SELECT count(*) FROM post_tag CROSS JOIN scheduled_post AS post
                 WHERE post_tag.tag_id = tag.id AND post.seq = post_tag.seq
                     AND post.deleted_at IS NULL) AS posts
             FROM tag ORDER BY tag.name COLLATE NOCASE",
        )?;
        let tags = statement.query_map([], |row| {
            Ok(TagCount { name: row.get("name")?, posts: row.get("posts")? })
        })?;
        Ok(tags.collect::<Result<_, _>>()?)
    }

    /// Returns the names of a post's tags, by name.
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

/// Gives the tags of posts their place in the order of making, where a program that knew none wrote them
/// without: lists and counts pass them over. The index tells for each tag whether it has such.
///
/// # Errors
/// When SQLite cannot read or write.
pub(crate) fn place_tags(writer: &Connection) -> Result<(), Error> {
    const UNPLACED: &str = "seq IS NULL AND tag_id IN (SELECT id FROM tag)";
    let is_any = format!("SELECT EXISTS (SELECT 1 FROM post_tag WHERE {UNPLACED})");
    if !writer.query_row(&is_any, [], |row| row.get(0))? {
        return Ok(());
    }
    roost_sqlite::write(writer, "store.place-tags", |tx| {
        let placed = format!(
            "UPDATE post_tag SET seq = (SELECT seq FROM scheduled_post WHERE id = post_id)
             WHERE {UNPLACED}"
        );
        let tags = tx.execute(&placed, [])?;
        tracing::info!(tags, "tags of posts were given their place");
        Ok(())
    })
}

/// Returns names of tags as they are kept: trimmed, each once in any case, by name.
pub(crate) fn tag_names(names: &[String]) -> Vec<String> {
    let mut kept: Vec<String> =
        names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    kept.sort_by_key(|name| name.to_ascii_lowercase());
    kept.dedup_by_key(|name| name.to_ascii_lowercase());
    kept
}

impl Tx<'_> {
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
                    "INSERT INTO post_tag (post_id, tag_id, seq)
                     SELECT id, ?2, seq FROM scheduled_post WHERE id = ?1
                     ON CONFLICT DO NOTHING",
                )?
                .execute((post.to_string(), tag))?;
        }
        Ok(())
    }

    /// Returns the ids of tags by their names, each once; those that are not there are made. `known` are
    /// the ids that were asked for before, by name in small letters.
    pub(crate) fn tag_ids(
        &mut self,
        names: &[String],
        known: &mut HashMap<String, i64>,
    ) -> Result<Vec<i64>, Error> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let small = name.to_ascii_lowercase();
            let id = match known.get(&small) {
                Some(id) => *id,
                None => {
                    let id = self.tag_id(name)?;
                    known.insert(small, id);
                    id
                }
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
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
