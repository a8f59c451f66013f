//! The scheduler's message for one armed post.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, StoreId, XUserId};
use roost_qstash::{FlowControl, Publish};
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH, Trigger};

use crate::{Error, Result};

/// Retries cover an unreachable relay and nothing else: the relay owns every other wait, and posts
/// by its own clock what it holds. More than three is refused on the free plan.
const RETRIES: u32 = 3;
/// 10 s, 40 s, 160 s; in milliseconds, as QStash wants it.
const RETRY_DELAY: &str = "10000 * pow(4, retried)";
/// The relay answers as soon as the delivery is durable.
const TIMEOUT_SECONDS: u64 = 30;
/// Deliveries of one account under way at once.
const PARALLELISM: u32 = 20;

/// A post under the revision it is armed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Armed<'a> {
    pub(crate) post: PostId,
    pub(crate) revision: Revision,
    pub(crate) account: &'a XUserId,
    pub(crate) due_at: UnixMillis,
}

/// What makes a second publish of the same arming a repetition. QStash refuses a colon.
pub(crate) fn deduplication_id(post: PostId, revision: Revision) -> String {
    format!("{post}-r{revision}")
}

/// The label by which all messages of one post are found.
pub(crate) fn post_label(post: PostId) -> String {
    format!("p-{post}")
}

/// The message: which post under which revision, and no content.
pub(crate) fn message(armed: &Armed<'_>, relay_url: &str, store: StoreId) -> Result<Publish> {
    let trigger = Trigger { post_id: armed.post, revision: armed.revision };
    let body = serde_json::to_vec(&trigger).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Publish {
        destination: format!("{relay_url}{POST_TWEET_PATH}"),
        body,
        content_type: Some("application/json".to_owned()),
        not_before_seconds: Some(armed.due_at.seconds_rounded_up()),
        deduplication_id: Some(deduplication_id(armed.post, armed.revision)),
        retries: Some(RETRIES),
        retry_delay: Some(RETRY_DELAY.to_owned()),
        timeout_seconds: Some(TIMEOUT_SECONDS),
        failure_callback: Some(format!("{relay_url}{FAILURE_PATH}")),
        flow_control: Some(FlowControl {
            key: format!("x-{}", armed.account),
            parallelism: Some(PARALLELISM),
            ..FlowControl::default()
        }),
        labels: vec![format!("roost-{store}"), post_label(armed.post)],
        ..Publish::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_post_and_carries_none_of_it() {
        let now = UnixMillis(1_900_000_000_001);
        let post = PostId::new(now);
        let account = XUserId("42".to_owned());
        let armed = Armed { post, revision: Revision(3), account: &account, due_at: now };
        let store = StoreId::new(now);
        let message = message(&armed, "https://r.example", store).unwrap();
        assert_eq!(message.destination, "https://r.example/api/qstash/post-tweet");
        let body = format!("{{\"postId\":\"{post}\",\"revision\":3}}");
        assert_eq!(String::from_utf8(message.body).unwrap(), body);
        assert_eq!(message.not_before_seconds, Some(1_900_000_001), "never early by a fraction");
        let deduplication_id = message.deduplication_id.unwrap();
        assert_eq!(deduplication_id, format!("{post}-r3"));
        assert!(!deduplication_id.contains(':'), "QStash refuses it");
        assert_eq!(message.labels, [format!("roost-{store}"), format!("p-{post}")]);
    }
}
