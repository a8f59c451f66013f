//! What is told of every change of a post: one line of log and one count, after the commit.
//!
//! A write notes each change ([`crate::ledger_write`]) and it is told when it is on disk: a line never
//! speaks of what was undone. No line holds a post's words or X's.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, TweetId, XUserId};
use roost_relay_api::DeliveryState;

use crate::rows::post::Post;

/// Characters of a message id that are kept.
const MESSAGE_ID_MAX_CHARS: usize = 100;

/// A post moved from one state, or one reason, to another.
#[derive(Debug)]
pub(crate) struct Change {
    post: PostId,
    revision: Revision,
    part: u32,
    account: Option<XUserId>,
    pub(crate) from: Option<DeliveryState>,
    pub(crate) to: DeliveryState,
    pub(crate) reason: &'static str,
    tweet: Option<TweetId>,
    pub(crate) message_id: Option<String>,
    attempt: u32,
    until: Option<UnixMillis>,
}

/// A code's own name, so that a stranger's can't make lines and counts without end.
fn reason(code: &str) -> &'static str {
    code.parse::<Code>().map_or("other", |code| code.as_str())
}

/// The message's id, as far as it is fit for a log.
pub(crate) fn message_id(headers: &http::HeaderMap) -> Option<String> {
    let id = headers.get("upstash-message-id")?.to_str().ok()?;
    Some(id.chars().filter(char::is_ascii_graphic).take(MESSAGE_ID_MAX_CHARS).collect())
}

impl Change {
    /// Returns how the post differs from the row that was read; nothing when neither state, nor
    /// revision, nor reason moved. `message_id` names the scheduler's message that caused it.
    pub(crate) fn of(
        post: &Post,
        part: u32,
        tweet: Option<TweetId>,
        message_id: Option<&str>,
    ) -> Option<Self> {
        if post.was.as_ref() == Some(&post.stands()) {
            return None;
        }
        Some(Self {
            from: post.was.as_ref().map(|was| was.state),
            message_id: message_id.map(str::to_owned),
            ..Self::unchanged(post, part, tweet)
        })
    }

    /// A post as it stands, for a line that repeats what may have been told before.
    pub(crate) fn unchanged(post: &Post, part: u32, tweet: Option<TweetId>) -> Self {
        Self {
            post: post.id,
            revision: post.revision,
            part,
            account: post.account.clone(),
            from: Some(post.state),
            to: post.state,
            reason: post.code.as_deref().map_or("", reason),
            tweet,
            message_id: None,
            attempt: post.attempts,
            until: post.until(),
        }
    }
}

/// Tells what is on disk now.
pub(crate) fn log_changes(changes: &[Change], transitions: &Transitions) {
    changes.iter().for_each(|change| transitions.count(change));
    log_repeated(changes);
}

/// Tells what an earlier process may have told: it is no change since the start, and not counted.
pub(crate) fn log_repeated(changes: &[Change]) {
    for change in changes {
        tracing::info!(
            post.id = %change.post,
            post.revision = change.revision.0,
            post.part = change.part,
            account.id = change.account.as_ref().map_or("", |account| account.0.as_str()),
            from = change.from.map_or("", DeliveryState::as_str),
            to = change.to.as_str(),
            reason = change.reason,
            tweet.id = change.tweet.as_ref().map_or("", |tweet| tweet.0.as_str()),
            message.id = change.message_id.as_deref().unwrap_or(""),
            attempt = change.attempt,
            until = change.until.map_or(0, |until| until.0),
            "{}",
            sentence(change.to)
        );
    }
}

const fn sentence(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Staged => "staged",
        DeliveryState::Claimed => "taken up",
        DeliveryState::Waiting => "waits",
        DeliveryState::Sending => "is being sent to X",
        DeliveryState::Unknown => "may be on X or not; the timeline will be read",
        DeliveryState::Posted => "is on X",
        DeliveryState::Partial => "is on X in part",
        DeliveryState::Refused => "was refused",
        DeliveryState::Parked => "could not be settled; a person decides",
        DeliveryState::Withdrawn => "withdrawn",
        DeliveryState::Expired => "missed its time",
    }
}

/// How often posts came to each state, and why. States and reasons are closed lists.
#[derive(Debug, Default)]
pub(crate) struct Transitions(Mutex<BTreeMap<(&'static str, &'static str), u64>>);

impl Transitions {
    fn count(&self, change: &Change) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((change.to.as_str(), change.reason)).or_default() += 1;
    }

    /// As Prometheus text.
    pub(crate) fn text(&self) -> String {
        let mut text = "# HELP roost_relay_transitions_total Posts that came to a state, by the \
                        reason that the log's line names.\n\
                        # TYPE roost_relay_transitions_total counter\n"
            .to_owned();
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((to, reason), count) in &*counts {
            // Writing to a String can't fail.
            let _ = writeln!(
                text,
                "roost_relay_transitions_total{{to=\"{to}\",reason=\"{reason}\"}} {count}"
            );
        }
        text
    }
}
