//! The body of a request to create a post, checked field by field as X's schema says.

use serde::Deserialize;
use serde_json::Value;

use crate::problem::{self, Refusal};
use crate::wire::parse_id;

/// A post to be made. Nothing else than these fields is accepted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are accepted and, as the docs say, dropped")]
pub(super) struct Draft {
    #[serde(default)]
    pub(super) text: String,
    pub(super) reply: Option<Reply>,
    pub(super) quote_tweet_id: Option<String>,
    pub(super) media: Option<Media>,
    pub(super) poll: Option<Poll>,
    pub(super) reply_settings: Option<ReplySettings>,
    pub(super) card_uri: Option<String>,
    pub(super) community_id: Option<String>,
    pub(super) direct_message_deep_link: Option<String>,
    pub(super) edit_options: Option<EditOptions>,
    pub(super) for_super_followers_only: Option<bool>,
    pub(super) geo: Option<Geo>,
    pub(super) made_with_ai: Option<bool>,
    pub(super) nullcast: Option<bool>,
    pub(super) paid_partnership: Option<bool>,
    pub(super) share_with_followers: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are accepted and, as the docs say, dropped")]
pub(super) struct Reply {
    pub(super) in_reply_to_tweet_id: String,
    #[serde(default)]
    pub(super) exclude_reply_user_ids: Vec<String>,
    pub(super) auto_populate_reply_metadata: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what concerns videos' cards is accepted and not shown")]
pub(super) struct Media {
    pub(super) media_ids: Vec<String>,
    #[serde(default)]
    pub(super) tagged_user_ids: Vec<String>,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) embeddable: Option<bool>,
    pub(super) preview_media_id: Option<String>,
    pub(super) call_to_actions: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "reply_settings is accepted and, as the docs say, dropped")]
pub(super) struct Poll {
    pub(super) options: Vec<String>,
    pub(super) duration_minutes: i64,
    pub(super) reply_settings: Option<ReplySettings>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ReplySettings {
    Following,
    MentionedUsers,
    Subscribers,
    Verified,
}

impl ReplySettings {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Following => "following",
            Self::MentionedUsers => "mentionedUsers",
            Self::Subscribers => "subscribers",
            Self::Verified => "verified",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EditOptions {
    pub(super) previous_post_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "places are accepted and not shown")]
pub(super) struct Geo {
    place_id: Option<String>,
}

/// The text of a body, however wrong the rest of it is: the ledger wants it.
pub(super) fn text_of(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    match value.get("text") {
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => None,
        None => value.is_object().then(String::new),
    }
}

/// Reads and checks a body.
pub(super) fn read(body: &[u8]) -> Result<Draft, Refusal> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| problem::invalid(&[(&format!("Invalid JSON: {error}"), "$", "")]))?;
    if !value.is_object() {
        return Err(wrong("$", "is not an object", &value.to_string()));
    }
    if let Some(path) = null_in(&value, "$") {
        return Err(wrong(&path, "null found", "null"));
    }
    let draft: Draft = serde_json::from_value(value).map_err(|error| {
        let message = error.to_string();
        let field = message.split('`').nth(1).unwrap_or_default();
        problem::invalid(&[(&format!("$: {message}"), &format!("$.{field}"), "")])
    })?;
    check(&draft)?;
    Ok(draft)
}

fn wrong(path: &str, what: &str, value: &str) -> Refusal {
    problem::invalid(&[(&format!("{path}: {what}"), path, value)])
}

/// The schema has no nullable fields.
fn null_in(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => Some(path.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| null_in(item, path)),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| null_in(value, &format!("{path}.{name}")))
        }
        _ => None,
    }
}

fn check(draft: &Draft) -> Result<(), Refusal> {
    check_ids(draft)?;
    check_exclusive(draft)?;
    if let Some(media) = &draft.media {
        if !(1..=4).contains(&media.media_ids.len()) {
            return Err(wrong("$.media.media_ids", "must have 1 to 4 items", ""));
        }
        if media.tagged_user_ids.len() > 10 {
            return Err(wrong("$.media.tagged_user_ids", "must have at most 10 items", ""));
        }
    }
    if let Some(poll) = &draft.poll {
        if !(2..=4).contains(&poll.options.len()) {
            return Err(wrong("$.poll.options", "must have 2 to 4 items", ""));
        }
        let fits = |option: &String| (1..=25).contains(&option.chars().count());
        if let Some(option) = poll.options.iter().find(|option| !fits(option)) {
            return Err(wrong("$.poll.options", "must have 1 to 25 characters", option));
        }
        if !(5..=10_080).contains(&poll.duration_minutes) {
            let minutes = poll.duration_minutes.to_string();
            return Err(wrong("$.poll.duration_minutes", "must be 5 to 10080", &minutes));
        }
    }
    Ok(())
}

fn check_ids(draft: &Draft) -> Result<(), Refusal> {
    let reply = draft.reply.as_ref();
    let reply_ids =
        reply.map(|reply| ("$.reply.in_reply_to_tweet_id", &reply.in_reply_to_tweet_id));
    let excluded = reply.into_iter().flat_map(|reply| &reply.exclude_reply_user_ids);
    let media = draft.media.as_ref();
    let media_ids = media.into_iter().flat_map(|media| &media.media_ids);
    let tagged = media.into_iter().flat_map(|media| &media.tagged_user_ids);
    let edited = draft.edit_options.as_ref().map(|edit| &edit.previous_post_id);
    let all = reply_ids
        .into_iter()
        .chain(excluded.map(|id| ("$.reply.exclude_reply_user_ids", id)))
        .chain(media_ids.map(|id| ("$.media.media_ids", id)))
        .chain(tagged.map(|id| ("$.media.tagged_user_ids", id)))
        .chain(draft.quote_tweet_id.iter().map(|id| ("$.quote_tweet_id", id)))
        .chain(draft.community_id.iter().map(|id| ("$.community_id", id)))
        .chain(edited.map(|id| ("$.edit_options.previous_post_id", id)));
    for (path, id) in all {
        if parse_id(id).is_none() {
            return Err(wrong(path, "does not match the regex pattern ^[0-9]{1,19}$", id));
        }
    }
    Ok(())
}

fn check_exclusive(draft: &Draft) -> Result<(), Refusal> {
    let present = [
        ("media", draft.media.is_some()),
        ("quote_tweet_id", draft.quote_tweet_id.is_some()),
        ("poll", draft.poll.is_some()),
        ("card_uri", draft.card_uri.is_some()),
    ];
    let mut names = present.iter().filter(|(_, is)| *is).map(|(name, _)| *name);
    if let (Some(first), Some(second)) = (names.next(), names.next()) {
        let what = format!("may not be combined with {first}");
        return Err(wrong(&format!("$.{second}"), &what, ""));
    }
    if draft.card_uri.is_some() && draft.direct_message_deep_link.is_some() {
        let what = "may not be combined with card_uri";
        return Err(wrong("$.direct_message_deep_link", what, ""));
    }
    if roost_core::text::is_blank(&draft.text) && draft.media.is_none() {
        return Err(wrong("$.text", "is required unless media is present", &draft.text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_taken_only_as_the_schema_says() {
        for body in [
            r#"{"text":"a"}"#,
            r#"{"text":"a","reply":{"in_reply_to_tweet_id":"1"}}"#,
            r#"{"media":{"media_ids":["1"]}}"#,
            r#"{"text":"a","poll":{"options":["a","b"],"duration_minutes":5}}"#,
            r#"{"text":"a","reply_settings":"mentionedUsers","made_with_ai":true}"#,
        ] {
            assert!(read(body.as_bytes()).is_ok(), "{body}");
        }
        for body in [
            "",
            "[]",
            "{}",
            r#"{"text":""}"#,
            r#"{"text":" \n"}"#,
            r#"{"text":null,"media":{"media_ids":["1"]}}"#,
            r#"{"text":1}"#,
            r#"{"text":"a","schedule_at":"tomorrow"}"#,
            r#"{"text":"a","reply":{"in_reply_to_tweet_id":"x"}}"#,
            r#"{"text":"a","reply":{}}"#,
            r#"{"text":"a","media":{"media_ids":[]}}"#,
            r#"{"text":"a","media":{"media_ids":["1","2","3","4","5"]}}"#,
            r#"{"text":"a","media":{"media_ids":["1"]},"quote_tweet_id":"1"}"#,
            r#"{"text":"a","poll":{"options":["a"],"duration_minutes":5}}"#,
            r#"{"text":"a","poll":{"options":["a","b"],"duration_minutes":4}}"#,
            r#"{"text":"a","reply_settings":"everyone"}"#,
        ] {
            let refusal = read(body.as_bytes()).err();
            assert_eq!(refusal.map(|refusal| refusal.name), Some("invalid_request"), "{body}");
        }
    }
}
