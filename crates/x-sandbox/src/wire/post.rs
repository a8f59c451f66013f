//! A post as X returns it, with the fields that were asked for, under their old or new names.

use serde_json::{Map, Value, json};

use super::text::{Shown, shown};
use crate::tweet::Tweet;

/// Which names X uses: they changed in 2026, and both are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// `tweet.fields`, `note_tweet`…
    Old,
    /// `post.fields`, `note_post`…
    New,
}

impl Names {
    fn pick(self, old: &'static str, new: &'static str) -> &'static str {
        if self == Self::Old { old } else { new }
    }
}

/// The fields of a post that may be asked for, under both names.
pub(crate) const FIELDS: &[&str] = &[
    "article",
    "article_title",
    "attachments",
    "author_id",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "edit_history_post_ids",
    "edit_history_tweet_ids",
    "entities",
    "geo",
    "id",
    "in_reply_to_user_id",
    "lang",
    "matched_media_notes",
    "media_metadata",
    "non_public_metrics",
    "note_post",
    "note_request_suggestions",
    "note_tweet",
    "organic_metrics",
    "paid_partnership",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "referenced_posts",
    "referenced_tweets",
    "reply_settings",
    "scopes",
    "source",
    "suggested_source_links",
    "suggested_source_links_with_counts",
    "text",
    "username",
    "withheld",
];

/// The post, as an object.
pub(crate) fn post(tweet: &Tweet, fields: &[String], names: Names) -> Value {
    let (shown, note) = shown(tweet);
    let mut object = Map::new();
    object.insert("id".into(), tweet.id.to_string().into());
    object.insert("text".into(), shown.text.clone().into());
    let history = names.pick("edit_history_tweet_ids", "edit_history_post_ids");
    object.insert(history.into(), json!([tweet.id.to_string()]));
    for field in fields {
        let value = match field.as_str() {
            "note_tweet" | "note_post" => note.as_ref().map(note_value),
            "entities" => entities(&shown),
            other => plain(tweet, other),
        };
        let name = match field.as_str() {
            "note_tweet" | "note_post" => names.pick("note_tweet", "note_post"),
            "referenced_tweets" | "referenced_posts" => {
                names.pick("referenced_tweets", "referenced_posts")
            }
            "edit_history_tweet_ids" | "edit_history_post_ids" => continue,
            other => other,
        };
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

fn plain(tweet: &Tweet, field: &str) -> Option<Value> {
    Some(match field {
        "author_id" => tweet.account_id.to_string().into(),
        "created_at" => super::rfc3339(roost_core::clock::UnixMillis(tweet.created_at)).into(),
        "conversation_id" => tweet.conversation_id.to_string().into(),
        "in_reply_to_user_id" => tweet.reply_to_user?.to_string().into(),
        "reply_settings" => tweet.reply_settings.clone().into(),
        "username" => tweet.username.clone().into(),
        "possibly_sensitive" => false.into(),
        "public_metrics" => json!({
            "retweet_count": 0, "reply_count": 0, "like_count": 0, "quote_count": 0,
            "bookmark_count": 0, "impression_count": 0,
        }),
        "referenced_tweets" | "referenced_posts" => {
            let replied = tweet.reply_to.map(|id| ("replied_to", id));
            let quoted = tweet.quote_of.map(|id| ("quoted", id));
            let all: Vec<Value> = [replied, quoted]
                .into_iter()
                .flatten()
                .map(|(kind, id)| json!({ "type": kind, "id": id.to_string() }))
                .collect();
            if all.is_empty() {
                return None;
            }
            all.into()
        }
        "attachments" => {
            let keys: Vec<String> = tweet.media.iter().map(crate::media::Media::key).collect();
            match (keys.is_empty(), &tweet.poll) {
                (false, _) => json!({ "media_keys": keys }),
                (true, Some(_)) => json!({ "poll_ids": [tweet.id.to_string()] }),
                (true, None) => return None,
            }
        }
        _ => return None,
    })
}

fn urls(shown: &Shown) -> Vec<Value> {
    shown
        .links
        .iter()
        .map(|link| {
            let display = link.expanded_url.split_once("://").map_or("", |(_, rest)| rest);
            let mut value = json!({
                "start": link.start, "end": link.end, "url": link.url,
                "expanded_url": link.expanded_url, "display_url": display,
            });
            if let Some(key) = &link.media_key {
                value["media_key"] = key.clone().into();
            }
            value
        })
        .collect()
}

fn note_value(note: &Shown) -> Value {
    let mut value = json!({ "text": note.text });
    if !note.links.is_empty() {
        value["entities"] = json!({ "urls": urls(note) });
    }
    value
}

fn entities(shown: &Shown) -> Option<Value> {
    (!shown.links.is_empty()).then(|| json!({ "urls": urls(shown) }))
}
