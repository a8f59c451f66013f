//! A file of posts in JSON, as Roost writes it: an export is written from these types, and the published
//! schema is made from them, with the limits and patterns by which an import judges.

mod fields;

use roost_core::id::PostId;
use roost_core::post::ReplySettings;
use roost_core::status::Status;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::json;

/// A file of posts: they, and what holds for all of them.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "file", transform = require_posts)]
pub(crate) struct File<'r> {
    /// For editors; Roost does not read it.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<&'r str>,
    /// An IANA time zone, such as Asia/Kolkata. A post's own wins over the file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<&'r str>,
    /// The account that is to post, as @handle. A post's own wins over the file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<&'r str>,
    /// The name of the plan within which the ids of the posts count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<&'r str>,
    #[schemars(schema_with = "fields::posts")]
    pub(crate) posts: Vec<Post<'r>>,
}

/// A post: one text or a thread, when, and what it has beside.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "post", transform = rules)]
pub(crate) struct Post<'r> {
    /// An id of your own. A later import of the same plan knows the post by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'r str>,
    /// The name of the plan within which the id counts, where the file names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) plan: Option<&'r str>,
    /// The text of a tweet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::text_or_null")]
    pub(crate) content: Option<&'r str>,
    /// The texts of a thread, in order; instead of content.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::thread")]
    pub(crate) thread: Option<Vec<&'r str>>,
    /// When. On the wall clock of the zone: year, month and day, then the time of day on a clock of 24 hours,
    /// as YYYY-MM-DD HH:MM, with T in between or seconds behind as you like; or an instant, with Z or an
    /// offset such as +05:30 at its end. A draft may do without.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::time")]
    pub(crate) scheduled_at: Option<String>,
    /// Keep the post as a draft, which may have no time: true, or leave it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(schema_with = "fields::truth")]
    pub(crate) draft: bool,
    /// An IANA time zone, such as Asia/Kolkata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<&'r str>,
    /// The account that is to post, as @handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<&'r str>,
    /// Words to find the post by. They are not posted.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schemars(schema_with = "fields::tags")]
    pub(crate) tags: &'r [String],
    /// A note to yourself. It is not posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<&'r str>,
    /// Which accounts may reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::reply_settings")]
    pub(crate) reply_settings: Option<ReplySettings>,
    /// Disclose that the post was made with AI, on each part of a thread: true, or leave it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(schema_with = "fields::truth")]
    pub(crate) made_with_ai: bool,
    /// Disclose a paid partnership, on each part of a thread: true, or leave it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(schema_with = "fields::truth")]
    pub(crate) paid_partnership: bool,
    /// The community that the post goes to: the digits at the end of its address on X.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::community_id")]
    pub(crate) community_id: Option<&'r str>,
    /// The text of a reply of the same account that follows the post once that is on X.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::text_or_null")]
    pub(crate) follow_up: Option<&'r str>,
    /// How many minutes after the post its reply goes out: 10 where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::follow_up_after")]
    pub(crate) follow_up_after: Option<u32>,
    /// One to four images, or a GIF, or a video, by address or by path, which begins at the file's own folder.
    /// They are taken in when the file is imported; a post of which one can't be had becomes a draft. Of a
    /// thread they are the first part's, or there is a list for each part.
    #[serde(skip_serializing_if = "OfFiles::is_empty")]
    #[schemars(schema_with = "fields::media")]
    pub(crate) media: OfFiles<std::borrow::Cow<'r, str>>,
    /// What the media show, one text for each; in a list for each part where the media are.
    #[serde(skip_serializing_if = "OfFiles::is_empty")]
    #[schemars(schema_with = "fields::alt_text")]
    pub(crate) alt_text: OfFiles<&'r str>,
    /// The answers of a poll.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schemars(schema_with = "fields::poll_options")]
    pub(crate) poll_options: &'r [String],
    /// How long the poll runs, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::poll_duration")]
    pub(crate) poll_duration: Option<u32>,
    /// Where the post stands, as an export tells it. What went out or was cancelled is not scheduled again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "fields::status")]
    pub(crate) status: Option<Status>,
    /// X's ids of what went out, as an export tells them. Such a post is not scheduled again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "fields::ids_on_x")]
    pub(crate) tweet_id: Vec<&'r str>,
    /// The addresses on X of what went out, as an export tells them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "fields::addresses")]
    pub(crate) tweet_url: Vec<String>,
    /// When it went out, as an export tells it. An import does not read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) posted_at: Option<String>,
    /// Roost's own id of the post, as an export tells it. An import does not read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) post_id: Option<PostId>,
}

/// Something of each file of a post.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum OfFiles<T> {
    /// Of the only part that has files: the first.
    First(Vec<T>),
    /// Of the files of each part, in order.
    Parts(Vec<Vec<T>>),
}

impl<T> Default for OfFiles<T> {
    fn default() -> Self {
        Self::First(Vec::new())
    }
}

impl<T> OfFiles<T> {
    /// Returns something of each file of these parts.
    pub(crate) fn each<'f, F>(parts: &'f [Vec<F>], of: impl Fn(&'f F) -> T) -> Self {
        let list = |files: &'f Vec<F>| files.iter().map(&of).collect::<Vec<T>>();
        match parts {
            [] => Self::default(),
            [only] => Self::First(list(only)),
            parts => Self::Parts(parts.iter().map(list).collect()),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::First(files) => files.is_empty(),
            Self::Parts(parts) => parts.iter().all(Vec::is_empty),
        }
    }
}

fn require_posts(schema: &mut Schema) {
    schema.insert("required".to_owned(), json!(["posts"]));
}

/// What the fields of a post have to do with each other.
fn rules(schema: &mut Schema) {
    schema.remove("required");
    let with = |field: &str, shape: serde_json::Value| json!({ "properties": { field: shape }, "required": [field] });
    let is = |kind: &str| json!({ "type": kind });
    let filled = json!({ "type": "array", "minItems": 1 });
    // Nothing without a time is scheduled.
    let timed = json!([
        with("scheduledAt", is("string")),
        with("draft", json!({ "const": true })),
        with("tweetId", filled.clone()),
    ]);
    schema.insert("anyOf".to_owned(), timed);
    let only = |field: &str, shape: serde_json::Value, others: &[&str]| {
        let mut one = with(field, shape);
        for other in others {
            one["properties"][*other] = is("null");
        }
        one
    };
    // One text has one list of files; only the parts of a thread have a list each.
    let one_list = |mut one: serde_json::Value| {
        for field in ["media", "altText"] {
            one["properties"][field]["items"] = is("string");
        }
        one
    };
    let texts = json!([
        one_list(only("content", is("string"), &["thread"])),
        only("thread", is("array"), &["content"]),
        one_list(only("media", filled.clone(), &["content", "thread"])),
    ]);
    schema.insert("oneOf".to_owned(), texts);
    let both = json!({ "allOf": [with("media", filled.clone()), with("pollOptions", filled)] });
    schema.insert("not".to_owned(), both);
}
