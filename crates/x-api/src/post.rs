//! Posts are created and deleted.

use http::Method;
use serde::{Deserialize, Serialize, Serializer};

use crate::classify::Operation;
use crate::client::Client;
use crate::failure::Failure;
use crate::limits::RateHeaders;

/// A post to be created: `POST /2/tweets`. Media, quote and poll exclude one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CreatePost {
    /// The text; may be empty when there are media.
    pub text: String,
    /// The post replied to, by id.
    pub reply_to: Option<String>,
    /// The post quoted, by id.
    pub quote_of: Option<String>,
    /// Uploaded media, by id; at most four.
    pub media_ids: Vec<String>,
    /// A poll.
    pub poll: Option<Poll>,
    /// Who may reply; everyone when absent.
    pub reply_settings: Option<ReplySettings>,
    /// The community to post to, by id.
    pub community_id: Option<String>,
    /// Whether a community post also goes to all followers.
    pub share_with_followers: bool,
    /// Discloses media made by a machine.
    pub made_with_ai: bool,
    /// Discloses a paid partnership.
    pub paid_partnership: bool,
}

/// A poll: two to four options of up to 25 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Poll {
    /// The options.
    pub options: Vec<String>,
    /// How long it runs, in minutes: 5 to 10,080.
    pub duration_minutes: u32,
}

/// Who may reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ReplySettings {
    /// Accounts that the author follows.
    Following,
    /// Accounts that the text mentions.
    MentionedUsers,
    /// The author's subscribers.
    Subscribers,
    /// Verified accounts.
    Verified,
}

/// What X created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The post's id: decimal digits, kept as text.
    pub id: String,
    /// The text as X processed it (links shortened), when X returned it.
    pub text: Option<String>,
    /// The rate windows after this call.
    pub limits: RateHeaders,
}

#[derive(Serialize)]
struct Wire<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<WireReply<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_tweet_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<WireMedia<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    poll: Option<&'a Poll>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_settings: Option<ReplySettings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    community_id: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    share_with_followers: bool,
    #[serde(skip_serializing_if = "is_false")]
    made_with_ai: bool,
    #[serde(skip_serializing_if = "is_false")]
    paid_partnership: bool,
}

#[derive(Serialize)]
struct WireReply<'a> {
    in_reply_to_tweet_id: &'a str,
}

#[derive(Serialize)]
struct WireMedia<'a> {
    media_ids: &'a [String],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Serialize for CreatePost {
    /// The body as X wants it; what is not set is left out, because X refuses what it does not
    /// know and reads `null` as wrong.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            text: &self.text,
            reply: self.reply_to.as_deref().map(|id| WireReply { in_reply_to_tweet_id: id }),
            quote_tweet_id: self.quote_of.as_deref(),
            media: (!self.media_ids.is_empty()).then_some(WireMedia { media_ids: &self.media_ids }),
            poll: self.poll.as_ref(),
            reply_settings: self.reply_settings,
            community_id: self.community_id.as_deref(),
            share_with_followers: self.share_with_followers,
            made_with_ai: self.made_with_ai,
            paid_partnership: self.paid_partnership,
        }
        .serialize(serializer)
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: Option<T>,
}

#[derive(Deserialize)]
struct CreatedData {
    id: String,
    text: Option<String>,
}

#[derive(Deserialize)]
struct DeletedData {
    deleted: bool,
}

impl Client {
    /// Creates a post and returns its id. The request is sent once, whatever happens.
    ///
    /// # Errors
    /// Of [`Class::Unknown`](crate::Class::Unknown) when the post may exist all the same.
    pub async fn create_post(
        &self,
        access_token: &str,
        post: &CreatePost,
    ) -> Result<Created, Failure> {
        let received = self
            .call("x.create_post", Operation::CreatePost, Method::POST, &["2", "tweets"])
            .bearer(access_token)
            .json(post)
            .send()
            .await?;
        let data = received.read::<Envelope<CreatedData>>()?.data;
        let data = data.ok_or_else(|| received.malformed())?;
        let is_id = !data.id.is_empty()
            && data.id.len() <= 19
            && data.id.bytes().all(|byte| byte.is_ascii_digit());
        if !is_id {
            return Err(received.malformed());
        }
        Ok(Created { id: data.id, text: data.text, limits: received.limits() })
    }

    /// Deletes a post of the token's account. Returns `false` when X says that it did not.
    ///
    /// # Errors
    /// As every call; deleting twice is harmless.
    pub async fn delete_post(&self, access_token: &str, id: &str) -> Result<bool, Failure> {
        let received = self
            .call("x.delete_post", Operation::DeletePost, Method::DELETE, &["2", "tweets", id])
            .bearer(access_token)
            .send()
            .await?;
        let data = received.read::<Envelope<DeletedData>>()?.data;
        data.map(|data| data.deleted).ok_or_else(|| received.malformed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_post_is_its_text_and_nothing_else() {
        let post = CreatePost { text: "Hello".into(), ..CreatePost::default() };
        assert_eq!(serde_json::to_value(&post).unwrap(), serde_json::json!({ "text": "Hello" }));
    }

    #[test]
    fn fields_have_the_names_that_x_documents() {
        let post = CreatePost {
            text: "Hello".into(),
            reply_to: Some("1".into()),
            quote_of: Some("2".into()),
            media_ids: vec!["3".into()],
            poll: Some(Poll { options: vec!["a".into(), "b".into()], duration_minutes: 60 }),
            reply_settings: Some(ReplySettings::MentionedUsers),
            community_id: Some("4".into()),
            share_with_followers: true,
            made_with_ai: true,
            paid_partnership: true,
        };
        assert_eq!(
            serde_json::to_value(&post).unwrap(),
            serde_json::json!({
                "text": "Hello",
                "reply": { "in_reply_to_tweet_id": "1" },
                "quote_tweet_id": "2",
                "media": { "media_ids": ["3"] },
                "poll": { "options": ["a", "b"], "duration_minutes": 60 },
                "reply_settings": "mentionedUsers",
                "community_id": "4",
                "share_with_followers": true,
                "made_with_ai": true,
                "paid_partnership": true,
            })
        );
    }
}
