//! What the person is told by notice: of which kind it is, how it is told, and its headline. The body of a
//! notice is made where what happened is known.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::status::Status;

/// What a notice is about, as a person chooses by it how it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum NoticeTopic {
    /// A post is on X.
    Posted,
    /// A post failed, or something that was asked for did not happen.
    Failed,
    /// A post may be on X or not.
    NeedsCheck,
    /// A post's time passed.
    Missed,
    /// An account can't post, or soon may not.
    Account,
    /// Relay, scheduler, X as a whole, or the file with the posts.
    Service,
    /// A file of the watched folder.
    Import,
}

impl NoticeTopic {
    /// Returns the topic of a kind of notice, by the word that the store has for it.
    #[must_use]
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "posted" => Self::Posted,
            "failed" | "partial" | "edit_too_late" | "cancel_too_late" | "not_deleted_on_x"
            | "not_replaced" => Self::Failed,
            "unknown" => Self::NeedsCheck,
            "missed" => Self::Missed,
            "account" => Self::Account,
            "import" => Self::Import,
            _ => Self::Service,
        }
    }
}

/// How the person is told of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum NoticeChannel {
    /// Not at all. It stays on the post's row.
    Off,
    /// In Roost's own list of notices.
    InApp,
    /// There, and by a notification of the operating system.
    System,
}

/// How the person is told of each topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct NoticeChannels {
    /// Posts that are on X.
    pub posted: NoticeChannel,
    /// Posts that failed, and what did not happen.
    pub failed: NoticeChannel,
    /// Posts that need a check.
    pub needs_check: NoticeChannel,
    /// Posts that were missed.
    pub missed: NoticeChannel,
    /// Accounts that can't post.
    pub account: NoticeChannel,
    /// Relay, scheduler, X, and the file with the posts.
    pub service: NoticeChannel,
    /// Files of the watched folder.
    pub import: NoticeChannel,
}

impl Default for NoticeChannels {
    fn default() -> Self {
        Self {
            // What goes as planned disturbs nobody.
            posted: NoticeChannel::InApp,
            failed: NoticeChannel::System,
            needs_check: NoticeChannel::System,
            missed: NoticeChannel::System,
            account: NoticeChannel::System,
            service: NoticeChannel::System,
            import: NoticeChannel::System,
        }
    }
}

impl NoticeChannels {
    /// Returns how the person is told of a topic.
    #[must_use]
    pub const fn of(&self, topic: NoticeTopic) -> NoticeChannel {
        match topic {
            NoticeTopic::Posted => self.posted,
            NoticeTopic::Failed => self.failed,
            NoticeTopic::NeedsCheck => self.needs_check,
            NoticeTopic::Missed => self.missed,
            NoticeTopic::Account => self.account,
            NoticeTopic::Service => self.service,
            NoticeTopic::Import => self.import,
        }
    }
}

/// The headline of a notice. All of them stand here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headline<'a> {
    /// A post came to a status: with a change, or a withdrawal, that came too late for it or not.
    Outcome {
        /// The status.
        status: Status,
        /// Whether a change came too late.
        edit_too_late: bool,
        /// What came too late to be done instead, if something did.
        too_late: Option<TooLate>,
    },
    /// Many posts came to a status for the same reason.
    Outcomes {
        /// The kind of their notices.
        kind: &'a str,
        /// How many.
        posts: u64,
    },
    /// A post was to be deleted on X, and is there.
    NotDeletedOnX,
    /// A post on X was to be replaced, and was not.
    NotReplaced,
    /// An account can't post.
    AccountCantPost(&'a str),
    /// An account can post for now.
    AccountInDoubt(&'a str),
    /// Posts are too large for what an account may post by now.
    PostsOutgrown(&'a str),
    /// No backup could be made.
    NoBackup,
    /// The file with the posts is damaged.
    FileDamaged,
    /// A backup was put back; `whole` says that the relay knew every post of it.
    Restored {
        /// Whether nothing of it is open.
        whole: bool,
    },
    /// The posts came from another computer, or came back from one.
    Moved,
    /// The program ended without being asked to.
    EndedUnexpectedly,
    /// A file waits for the person's yes.
    ImportWaits(&'a str),
    /// A file was changed on which the person has worked.
    ImportChanged(&'a str),
    /// A file can't be imported.
    ImportRefused(&'a str),
    /// The watched folder can't be read.
    WatchedFolderMissing,
}

/// What came too late to be done with a post before X took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLate {
    /// It was to be cancelled.
    Cancel,
    /// It was to become a draft.
    ToDraft,
}

impl fmt::Display for Headline<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Outcome { status, edit_too_late, too_late } => {
                formatter.write_str(outcome(status, edit_too_late, too_late))
            }
            Self::Outcomes { kind, posts } => {
                let became = match kind {
                    "posted" => "are on X",
                    "partial" => "are on X in part",
                    "unknown" => "need a check",
                    "missed" => "were missed",
                    "edit_too_late" => "went out before they could be changed",
                    "cancel_too_late" => "went out before they could be cancelled",
                    _ => "failed",
                };
                write!(formatter, "{posts} posts {became}")
            }
            Self::NotDeletedOnX => formatter.write_str("A post on X was not deleted"),
            Self::NotReplaced => formatter.write_str("A post on X was not replaced"),
            Self::AccountCantPost(username) => write!(formatter, "@{username} can't post"),
            Self::AccountInDoubt(username) => {
                write!(formatter, "@{username} may have to sign in again")
            }
            Self::PostsOutgrown(username) => write!(formatter, "Posts no longer fit @{username}"),
            Self::NoBackup => formatter.write_str("No backup of your posts could be made"),
            Self::FileDamaged => formatter.write_str("The file with your posts is damaged"),
            Self::Restored { whole: true } => {
                formatter.write_str("The restored backup is up to date")
            }
            Self::Restored { whole: false } => {
                formatter.write_str("The restored backup is up to date as far as the relay knows")
            }
            Self::Moved => formatter.write_str("The moved posts are in use on this computer"),
            Self::EndedUnexpectedly => formatter.write_str("Roost ended unexpectedly"),
            Self::ImportWaits(name) => write!(formatter, "{name} waits for your yes"),
            Self::ImportChanged(name) => write!(formatter, "{name} was changed"),
            Self::ImportRefused(name) => write!(formatter, "{name} can't be imported"),
            Self::WatchedFolderMissing => formatter.write_str("The watched folder can't be read"),
        }
    }
}

const fn outcome(status: Status, edit_too_late: bool, too_late: Option<TooLate>) -> &'static str {
    match (status, edit_too_late, too_late) {
        (Status::Posted, true, _) => "Your change came too late",
        (Status::Posted, _, Some(TooLate::ToDraft)) => "Posted before it could be made a draft",
        (Status::Posted, _, Some(TooLate::Cancel)) => "Posted before it could be cancelled",
        (Status::Posted, ..) => "A post is on X",
        (Status::Partial, true, _) => "A thread is on X in part, and your change came too late",
        (Status::Partial, ..) => "A thread is on X in part",
        (Status::Unknown, true, _) => "A post needs a check, and your change came too late",
        (Status::Unknown, ..) => "A post needs a check",
        (Status::Missed, ..) => "A post was missed",
        _ => "A post failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_one_cause_are_told_in_one_headline() {
        let many = |kind| Headline::Outcomes { kind, posts: 5 }.to_string();
        assert_eq!(many("posted"), "5 posts are on X");
        assert_eq!(many("failed"), "5 posts failed");
        assert_eq!(many("unknown"), "5 posts need a check");
    }

    #[test]
    fn what_goes_as_planned_is_told_in_roost_alone_and_the_rest_by_the_system_too() {
        let channels = NoticeChannels::default();
        let of = |kind: &str| channels.of(NoticeTopic::of_kind(kind));
        assert_eq!(of("posted"), NoticeChannel::InApp);
        for kind in ["failed", "unknown", "missed", "account", "relay", "import", "of a later day"]
        {
            assert_eq!(of(kind), NoticeChannel::System, "{kind}");
        }
        // A topic that an earlier release did not know is told as usual.
        let read: NoticeChannels = serde_json::from_str(r#"{"missed":"off"}"#).unwrap();
        assert_eq!(read, NoticeChannels { missed: NoticeChannel::Off, ..channels });
    }
}
