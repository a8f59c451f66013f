//! The fields that a column of a file may be, and what people call them.

pub(crate) mod names;

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
    /// Whether a machine made it, which X shows.
    MadeWithAi,
    /// Whether somebody pays for it, which X shows.
    PaidPartnership,
    /// The community that the post goes to.
    CommunityId,
    /// The text of a reply that follows the post.
    FollowUp,
    /// How long after the post its reply follows.
    FollowUpAfter,
    /// A note to oneself.
    Note,
    /// The row's id in the person's own plan.
    OwnId,
    /// The name of the plan within which that id counts.
    Plan,
    /// The network that the row is for.
    Network,
    /// The id of the post on X, of what went out already.
    TweetId,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 27] = [
        Self::Content,
        Self::Thread,
        Self::ScheduledAt,
        Self::Date,
        Self::Time,
        Self::Timezone,
        Self::Account,
        Self::Draft,
        Self::Status,
        Self::Tags,
        Self::Link,
        Self::Hashtags,
        Self::Media,
        Self::AltText,
        Self::PollOptions,
        Self::PollDuration,
        Self::ReplySettings,
        Self::MadeWithAi,
        Self::PaidPartnership,
        Self::CommunityId,
        Self::FollowUp,
        Self::FollowUpAfter,
        Self::Note,
        Self::OwnId,
        Self::Plan,
        Self::Network,
        Self::TweetId,
    ];

    /// Returns what people read for it, in the window too.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Content => "Text",
            Self::Thread => "Thread",
            Self::ScheduledAt => "Date and time",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::Timezone => "Time zone",
            Self::Account => "Account",
            Self::Draft => "Draft",
            Self::Status => "Status",
            Self::Tags => "Tags",
            Self::Link => "Link",
            Self::Hashtags => "Hashtags",
            Self::Media => "Media",
            Self::AltText => "Alt text",
            Self::PollOptions => "Poll answers",
            Self::PollDuration => "Poll duration",
            Self::ReplySettings => "Who can reply",
            Self::MadeWithAi => "Made with AI",
            Self::PaidPartnership => "Paid partnership",
            Self::CommunityId => "Community",
            Self::FollowUp => "Follow-up reply",
            Self::FollowUpAfter => "Minutes to the reply",
            Self::Note => "Note",
            Self::OwnId => "Your own id",
            Self::Plan => "Plan of the id",
            Self::Network => "Network",
            Self::TweetId => "Id on X",
        }
    }

    /// Returns the word for it on the command line; [`Field::from_word`] reads it back.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Content => "text",
            Self::Thread => "thread",
            Self::ScheduledAt => "when",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timezone => "zone",
            Self::Account => "account",
            Self::Draft => "draft",
            Self::Status => "status",
            Self::Tags => "tags",
            Self::Link => "link",
            Self::Hashtags => "hashtags",
            Self::Media => "media",
            Self::AltText => "alt",
            Self::PollOptions => "poll",
            Self::PollDuration => "poll-duration",
            Self::ReplySettings => "reply-settings",
            Self::MadeWithAi => "made-with-ai",
            Self::PaidPartnership => "paid-partnership",
            Self::CommunityId => "community",
            Self::FollowUp => "follow-up",
            Self::FollowUpAfter => "follow-up-after",
            Self::Note => "note",
            Self::OwnId => "id",
            Self::Plan => "plan",
            Self::Network => "network",
            Self::TweetId => "tweet-id",
        }
    }

    /// Returns the field of a word, as the command line and people write it: `text`, `content`,
    /// `scheduledAt`, `tz`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim();
        let exact = Self::ALL.into_iter().find(|field| field.word().eq_ignore_ascii_case(word));
        exact.or_else(|| names::field_of(word))
    }

    /// Returns whether several columns may be it: the parts of a thread, pictures, answers of a poll.
    #[must_use]
    pub const fn may_repeat(self) -> bool {
        matches!(
            self,
            Self::Thread
                | Self::Media
                | Self::AltText
                | Self::PollOptions
                | Self::Tags
                | Self::Hashtags
                | Self::Note
        )
    }

    /// Returns whether its cells are moments or halves of one.
    #[must_use]
    pub const fn is_moment(self) -> bool {
        matches!(self, Self::ScheduledAt | Self::Date | Self::Time)
    }
}
