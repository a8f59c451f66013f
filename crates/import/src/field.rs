//! The fields that a column of a file may be.

use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Field {
    /// The text of a post.
    Content,
    /// The texts of a thread: a list, or one text with separators.
    Thread,
    /// Date and time in one.
    ScheduledAt,
    /// The date, where the time stands in a column of its own.
    Date,
    /// The time of day.
    Time,
    /// The time zone of the row.
    Timezone,
    /// The account that posts.
    Account,
    /// Whether the row is a draft.
    Draft,
    /// A status, such as `draft`, `scheduled` or `published`.
    Status,
    /// Words to find it by on this computer.
    Tags,
    /// A link that may be appended to the text.
    Link,
    /// Hashtags that may be appended to the text.
    Hashtags,
    /// Images or a video: paths or addresses.
    Media,
    /// What the media show.
    AltText,
    /// The answers of a poll.
    PollOptions,
    /// How long a poll runs.
    PollDuration,
    /// Who may reply.
    ReplySettings,
    /// A note to oneself.
    Note,
    /// The row's id in the person's own plan.
    OwnId,
    /// The network that the row is for.
    Network,
    /// The id of the post on X, of what went out already.
    TweetId,
}
