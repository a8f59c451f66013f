//! Posts are read back: an account's timeline, and single posts by id.
//!
//! Field names are in flux at X (`tweet.fields` and `post.fields`, `note_tweet` and `note_post`):
//! the old names are sent, both are read.

use http::Method;
use serde::Deserialize;

use crate::classify::Operation;
use crate::client::{Call, Client};
use crate::failure::Failure;
use crate::limits::RateHeaders;

const FIELDS: &str = "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,\
    entities,in_reply_to_user_id,note_tweet,referenced_tweets";

/// Returns the milliseconds since the Unix epoch at which X made the id. X's ids are Snowflakes.
#[must_use]
pub fn snowflake_millis(id: &str) -> Option<i64> {
    const X_EPOCH: i64 = 1_288_834_974_657;
    let id: i64 = id.parse().ok().filter(|id| *id >= 0)?;
    Some((id >> 22) + X_EPOCH)
}

/// A post as X returns it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Post {
    /// Its id.
    pub id: String,
    /// Its whole text: escaped as HTML, its links shortened.
    pub text: String,
    /// The links in [`Post::text`].
    pub urls: Vec<Entity>,
    /// Who wrote it.
    pub author_id: Option<String>,
    /// When, in RFC 3339.
    pub created_at: Option<String>,
    /// The post it replies to.
    pub reply_to: Option<String>,
    /// The post it quotes.
    pub quote_of: Option<String>,
    /// How many media hang on it.
    pub media_count: usize,
    /// The ids of all its edits, oldest first; its own among them.
    pub edit_history: Vec<String>,
    /// The post is long and X returned only its beginning.
    pub truncated: bool,
}

impl Post {
    /// Returns when X made it: Unix milliseconds, read from the id.
    #[must_use]
    pub fn created_millis(&self) -> Option<i64> {
        snowflake_millis(&self.id)
    }
}

/// A shortened link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entity {
    /// The `https://t.co/…` in the text.
    pub url: String,
    /// What was meant.
    #[serde(default)]
    pub expanded_url: Option<String>,
}

/// What of a timeline to leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclude {
    /// Replies; those to oneself too.
    Replies,
    /// Reposts.
    Retweets,
}

/// Which part of a timeline to read: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelineQuery {
    /// Only posts newer than this id.
    pub since_id: Option<String>,
    /// Only posts older than this id.
    pub until_id: Option<String>,
    /// Only posts made at or after this: RFC 3339 in UTC, whole seconds. X minds no `start_time`
    /// beside a `since_id`.
    pub start_time: Option<String>,
    /// Posts per page: 5 to 100; X's own choice when absent.
    pub max_results: Option<u8>,
    /// Goes on after an earlier [`Page::next_token`].
    pub pagination_token: Option<String>,
    /// What to leave out.
    pub exclude: Vec<Exclude>,
}

/// A page of a timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The posts.
    pub posts: Vec<Post>,
    /// There is more: pass it as [`TimelineQuery::pagination_token`].
    pub next_token: Option<String>,
    /// The rate windows after this call.
    pub limits: RateHeaders,
}

/// Posts by id, and those that are not there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lookup {
    /// The posts found.
    pub posts: Vec<Post>,
    /// The ids without a post, with X's reason.
    pub missing: Vec<Missing>,
    /// The rate windows after this call.
    pub limits: RateHeaders,
}

/// An id without a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The id.
    pub id: String,
    /// X's title for the reason: `Not Found Error`, `Authorization Error`…
    pub reason: String,
}

impl Client {
    /// Returns a page of a user's posts, newest first. This is what an unknown outcome is decided
    /// by.
    ///
    /// # Errors
    /// As every call; being a read, it may be repeated freely.
    pub async fn user_posts(
        &self,
        access_token: &str,
        user_id: &str,
        query: &TimelineQuery,
    ) -> Result<Page, Failure> {
        let path = ["2", "users", user_id, "tweets"];
        let call = self.call("x.user_posts", Operation::Read, Method::GET, &path);
        let received =
            query.add_to(call.query("tweet.fields", FIELDS)).bearer(access_token).send().await?;
        let limits = received.limits();
        let wire: WirePage = received.read()?;
        // An empty timeline has no `data` but says `result_count: 0`; nothing at all is no answer.
        let Some(meta) = wire.meta else { return Err(received.malformed()) };
        if wire.data.is_none() && meta.result_count != Some(0) {
            return Err(received.malformed());
        }
        Ok(Page {
            posts: wire.data.unwrap_or_default().into_iter().map(Post::from).collect(),
            next_token: meta.next_token,
            limits,
        })
    }

    /// Returns posts by id: up to 100.
    ///
    /// # Errors
    /// As every call; being a read, it may be repeated freely.
    pub async fn posts_by_ids(&self, access_token: &str, ids: &[&str]) -> Result<Lookup, Failure> {
        let received = self
            .call("x.posts_by_ids", Operation::Read, Method::GET, &["2", "tweets"])
            .query("ids", &ids.join(","))
            .query("tweet.fields", FIELDS)
            .bearer(access_token)
            .send()
            .await?;
        let limits = received.limits();
        let wire: WirePage = received.read()?;
        if wire.data.is_none() && wire.errors.is_empty() {
            return Err(received.malformed());
        }
        Ok(Lookup {
            posts: wire.data.unwrap_or_default().into_iter().map(Post::from).collect(),
            missing: wire.errors.into_iter().filter_map(WireError::missing).collect(),
            limits,
        })
    }
}

impl TimelineQuery {
    fn add_to<'a>(&self, mut call: Call<'a>) -> Call<'a> {
        let fields = [
            ("since_id", &self.since_id),
            ("until_id", &self.until_id),
            ("start_time", &self.start_time),
            ("pagination_token", &self.pagination_token),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                call = call.query(name, value);
            }
        }
        if let Some(number) = self.max_results {
            call = call.query("max_results", &number.clamp(5, 100).to_string());
        }
        if !self.exclude.is_empty() {
            let names = self.exclude.iter().map(|exclude| match exclude {
                Exclude::Replies => "replies",
                Exclude::Retweets => "retweets",
            });
            call = call.query("exclude", &names.collect::<Vec<_>>().join(","));
        }
        call
    }
}

#[derive(Deserialize)]
struct WirePage {
    data: Option<Vec<WirePost>>,
    meta: Option<Meta>,
    #[serde(default)]
    errors: Vec<WireError>,
}

#[derive(Deserialize)]
struct Meta {
    next_token: Option<String>,
    result_count: Option<i64>,
}

#[derive(Deserialize)]
struct WireError {
    resource_id: Option<String>,
    value: Option<String>,
    title: Option<String>,
    detail: Option<String>,
}

impl WireError {
    fn missing(self) -> Option<Missing> {
        let reason = self.title.or(self.detail).unwrap_or_default();
        self.resource_id.or(self.value).map(|id| Missing { id, reason })
    }
}

#[derive(Deserialize)]
struct WirePost {
    id: String,
    #[serde(default)]
    text: String,
    author_id: Option<String>,
    created_at: Option<String>,
    entities: Option<Entities>,
    #[serde(alias = "note_post")]
    note_tweet: Option<Note>,
    #[serde(alias = "referenced_posts", default)]
    referenced_tweets: Vec<Reference>,
    attachments: Option<Attachments>,
    #[serde(alias = "edit_history_post_ids", default)]
    edit_history_tweet_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Note {
    text: Option<String>,
    entities: Option<Entities>,
}

#[derive(Deserialize)]
struct Entities {
    #[serde(default)]
    urls: Vec<Entity>,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

#[derive(Deserialize)]
struct Attachments {
    #[serde(default)]
    media_keys: Vec<String>,
}

impl From<WirePost> for Post {
    fn from(wire: WirePost) -> Self {
        let reference = |kind: &str| {
            wire.referenced_tweets.iter().find(|other| other.kind == kind).map(|o| o.id.clone())
        };
        let (reply_to, quote_of) = (reference("replied_to"), reference("quoted"));
        let mut urls = wire.entities.map(|entities| entities.urls).unwrap_or_default();
        let (note, note_urls) = match wire.note_tweet {
            Some(note) => (note.text, note.entities.map(|entities| entities.urls)),
            None => (None, None),
        };
        // The entities of the beginning stay: media links are listed there only.
        urls.extend(note_urls.unwrap_or_default());
        let truncated = note.is_none() && is_truncated(&wire.text, &wire.id, &urls);
        Self {
            id: wire.id,
            text: note.unwrap_or(wire.text),
            urls,
            author_id: wire.author_id,
            created_at: wire.created_at,
            reply_to,
            quote_of,
            media_count: wire.attachments.map_or(0, |attachments| attachments.media_keys.len()),
            edit_history: wire.edit_history_tweet_ids,
            truncated,
        }
    }
}

/// X ends the beginning of a long post with "…" and a link to the post itself.
fn is_truncated(text: &str, id: &str, urls: &[Entity]) -> bool {
    let Some((_, link)) = text.rsplit_once("… ") else { return false };
    urls.iter().any(|entity| {
        entity.url == link
            && entity.expanded_url.as_deref().is_some_and(|url| url.ends_with(&format!("/{id}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Post {
        serde_json::from_value::<WirePost>(json).unwrap().into()
    }

    #[test]
    fn old_and_new_field_names_are_read_alike() {
        let old = read(serde_json::json!({
            "id": "9", "text": "short… https://t.co/a", "note_tweet": { "text": "the long text" },
            "referenced_tweets": [{ "type": "replied_to", "id": "8" }],
            "edit_history_tweet_ids": ["9"],
        }));
        let new = read(serde_json::json!({
            "id": "9", "text": "short… https://t.co/a", "note_post": { "text": "the long text" },
            "referenced_posts": [{ "type": "replied_to", "id": "8" }],
            "edit_history_post_ids": ["9"],
        }));
        assert_eq!(old, new);
        assert_eq!(old.text, "the long text");
        assert_eq!(old.reply_to.as_deref(), Some("8"));
    }

    #[test]
    fn a_beginning_is_not_taken_for_the_whole() {
        let post = read(serde_json::json!({
            "id": "9", "text": "short… https://t.co/a",
            "entities": { "urls": [{ "url": "https://t.co/a",
                                     "expanded_url": "https://x.com/i/web/status/9" }] },
        }));
        assert!(post.truncated);
    }

    #[test]
    fn an_id_tells_its_moment() {
        assert_eq!(snowflake_millis("0"), Some(1_288_834_974_657));
        assert_eq!(snowflake_millis("1212092628029698048"), Some(1_577_820_376_771));
        assert_eq!(snowflake_millis("-1"), None);
        assert_eq!(snowflake_millis("x"), None);
    }
}
