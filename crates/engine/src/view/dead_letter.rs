//! A message that the scheduler gave up.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

/// A message that the scheduler gave up, with the last answer that it got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeadLetterRow {
    /// Its id in the queue.
    pub id: String,
    /// The message's own id.
    pub message_id: String,
    /// The post that it was for.
    pub post_id: Option<PostId>,
    /// Where that post stands now: the relay may have sent it by its own clock.
    pub post_status: Option<Status>,
    /// The beginning of its text.
    pub text: Option<String>,
    /// When it was to be delivered.
    pub due_at: Option<UnixMillis>,
    /// When it was published.
    pub published_at: Option<UnixMillis>,
    /// The HTTP status of the last answer; none when there was no answer.
    pub response_status: Option<u16>,
    /// The beginning of that answer, or why there was none.
    pub response: String,
}
