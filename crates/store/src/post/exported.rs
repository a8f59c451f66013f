//! Posts with all that they say and where they went, a page with two statements: what an export writes.

use std::collections::HashMap;

use roost_core::id::TweetId;
use roost_core::post::{Content, Part};

use super::filter::{Cursor, Filter, Page};
use super::{Extras, Post};
use crate::error::Error;
use crate::store::Read;

/// A post as an export needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedPost {
    /// The post.
    pub post: Post,
    /// Its account and tags.
    pub extras: Extras,
    /// What it says.
    pub content: Content,
    /// The ids on X of its parts that are there, in their order.
    pub tweet_ids: Vec<TweetId>,
}

/// The parts of one post, and the ids on X of those that are there.
type Parts = (Vec<Part>, Vec<TweetId>);

impl Read<'_> {
    /// Returns one page of the posts that `filter` lets through, each whole, and where the next begins.
    ///
    /// # Errors
    /// When SQLite cannot read, or what is kept of a part is no JSON of one.
    pub fn exported(
        &self,
        filter: &Filter,
        page: &Page,
    ) -> Result<(Vec<ExportedPost>, Option<Cursor>), Error> {
        let found = self.rows(filter, page)?;
        let mut parts = self.parts_of(&found.rows)?;
        let whole = |(post, extras): (Post, Extras)| {
            let (parts, live) = parts.remove(&post.id.to_string()).unwrap_or_default();
            let parts = if parts.is_empty() { vec![Part::of_text(&*post.content)] } else { parts };
            let first = post.tweet_id.clone().filter(|_| live.is_empty());
            let tweet_ids = first.into_iter().chain(live).collect();
            ExportedPost { content: Content { parts }, tweet_ids, post, extras }
        };
        Ok((found.rows.into_iter().map(whole).collect(), found.next))
    }

    fn parts_of(&self, rows: &[(Post, Extras)]) -> Result<HashMap<String, Parts>, Error> {
        let first_texts: HashMap<String, &str> =
            rows.iter().map(|(post, _)| (post.id.to_string(), post.content.as_str())).collect();
        let ids: Vec<&String> = first_texts.keys().collect();
        let mut statement = self.connection.prepare_cached(
            "SELECT part.post_id, part.text, part.beyond_text, part.tweet_id
             FROM json_each(?1) AS wanted JOIN post_part AS part ON part.post_id = wanted.value
             ORDER BY part.post_id, part.position",
        )?;
        let mut read = statement.query([serde_json::to_string(&ids)?])?;
        let mut found: HashMap<String, Parts> = HashMap::new();
        while let Some(row) = read.next()? {
            let id: String = row.get("post_id")?;
            let text: Option<String> = row.get("text")?;
            // The first part's text is the post's, kept once.
            let text = text.or_else(|| first_texts.get(&id).map(|text| (*text).to_owned()));
            let beyond = row.get_ref("beyond_text")?.as_str_or_null();
            let part = Part::from_stored(
                text.unwrap_or_default(),
                beyond.map_err(rusqlite::Error::from)?,
            )?;
            let (parts, live) = found.entry(id).or_default();
            parts.push(part);
            live.extend(row.get::<_, Option<String>>("tweet_id")?.map(TweetId));
        }
        Ok(found)
    }
}
