//! A post's status, and the one table that says which change is allowed by whom.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a post stands, as the person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No time, or not armed.
    Draft,
    /// Scheduled, on this computer only.
    Pending,
    /// Handed over: relay and scheduler hold it.
    Queued,
    /// The relay waits, with a reason and until when.
    Held,
    /// The relay is calling X, or checking whether a call went through.
    Sending,
    /// On X; its id is known.
    Posted,
    /// Some parts of a thread are live, others are not.
    Partial,
    /// May be on X or not; a person decides.
    Unknown,
    /// Refused, with the reason.
    Failed,
    /// Its deadline passed before anyone could post it.
    Missed,
    /// Withdrawn, and the withdrawal is proven.
    Cancelled,
}

/// Who asks for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The person, through window or command line.
    Person,
    /// The engine on this computer.
    Engine,
    /// The relay, through its event feed.
    Relay,
}

impl Status {
    /// Every status, in the order of a post's life.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::Pending,
        Self::Queued,
        Self::Held,
        Self::Sending,
        Self::Posted,
        Self::Partial,
        Self::Unknown,
        Self::Failed,
        Self::Missed,
        Self::Cancelled,
    ];

    /// Returns the name in the database and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Posted => "posted",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the word that a person reads: in window, command line, notices and docs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Pending => "Pending",
            Self::Queued => "Queued",
            Self::Held => "Waiting",
            Self::Sending => "Sending",
            Self::Posted => "Posted",
            Self::Partial => "Partly posted",
            Self::Unknown => "Needs check",
            Self::Failed => "Failed",
            Self::Missed => "Missed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Returns what the status means, for help and tooltips.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Draft => "no time yet, or not scheduled",
            Self::Pending => "scheduled, on this computer only so far",
            Self::Queued => "relay and scheduler hold it",
            Self::Held => "the relay waits, with a reason and until when",
            Self::Sending => "the relay is talking to X",
            Self::Posted => "on X",
            Self::Partial => "some parts are on X, others are not",
            Self::Unknown => "may be on X or not: please check",
            Self::Failed => "X or the relay refused it",
            Self::Missed => "its time passed before it could go out",
            Self::Cancelled => "withdrawn: it will not go out",
        }
    }

    /// Returns the status that a person means by its label or its stored name, in any case, with
    /// spaces, hyphens or underscores.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let plain = |text: &str| text.trim().to_lowercase().replace([' ', '_'], "-");
        let word = plain(word);
        Self::ALL
            .into_iter()
            .find(|status| plain(status.label()) == word || status.as_str() == word)
    }

    /// Returns whether the relay may still act on the post: it was handed over and is not decided.
    #[must_use]
    pub const fn is_live_on_relay(self) -> bool {
        matches!(self, Self::Queued | Self::Held | Self::Sending)
    }

    /// Returns whether the post's story has ended, unless a person reopens it.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        matches!(
            self,
            Self::Posted
                | Self::Partial
                | Self::Unknown
                | Self::Failed
                | Self::Missed
                | Self::Cancelled
        )
    }

    /// Returns whether `actor` may move a post from here to `to`. Everything asks this table.
    #[must_use]
    pub const fn allows(self, to: Self, actor: Actor) -> bool {
        use Status::{
            Cancelled, Draft, Failed, Held, Missed, Partial, Pending, Posted, Queued, Sending,
            Unknown,
        };
        match actor {
            Actor::Person => matches!(
                (self, to),
                (Draft, Draft | Pending | Cancelled)
                    | (Pending, Draft | Pending | Cancelled)
                    // Edits of what was handed over go back to pending under a new revision.
                    | (Queued | Held, Draft | Pending | Cancelled)
                    // A refused, missed or withdrawn post may be tried again.
                    | (Failed | Missed | Cancelled, Draft | Pending)
                    | (Failed | Missed, Cancelled)
                    // The person saw it on X, or wants it sent again, or lets it rest.
                    | (Unknown | Partial, Posted | Pending | Cancelled)
            ),
            Actor::Engine => matches!(
                (self, to),
                (Pending, Queued | Held | Failed | Missed)
                    // Beyond the horizon, or armed anew.
                    | (Queued | Held, Pending)
                    | (Held, Missed)
            ),
            // The relay tells what happened. It may be heard late, so that a row which is pending
            // again here may learn that its old revision went out.
            Actor::Relay => match self {
                Draft => false,
                Posted => matches!(to, Posted),
                // What is sent again by a person's decision may have to wait, like anything else.
                Pending | Queued | Held | Sending | Cancelled | Missed | Failed | Unknown
                | Partial => matches!(
                    to,
                    Queued
                        | Held
                        | Sending
                        | Posted
                        | Partial
                        | Unknown
                        | Failed
                        | Missed
                        | Cancelled
                ),
            },
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A word that names no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no status")]
pub struct InvalidStatus(pub String);

impl FromStr for Status {
    type Err = InvalidStatus;

    fn from_str(text: &str) -> Result<Self, InvalidStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| InvalidStatus(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posted_post_never_changes() {
        for to in Status::ALL {
            for actor in [Actor::Person, Actor::Engine, Actor::Relay] {
                let same = to == Status::Posted && actor == Actor::Relay;
                assert_eq!(Status::Posted.allows(to, actor), same, "{actor:?} → {to}");
            }
        }
    }

    #[test]
    fn only_the_relay_decides_what_was_handed_over() {
        for from in [Status::Queued, Status::Held, Status::Sending] {
            for to in [Status::Posted, Status::Partial, Status::Unknown, Status::Failed] {
                assert!(!from.allows(to, Actor::Engine), "{from} → {to}");
                assert!(!from.allows(to, Actor::Person), "{from} → {to}");
                assert!(from.allows(to, Actor::Relay), "{from} → {to}");
            }
        }
    }

    #[test]
    fn what_is_sent_again_may_wait_be_missed_or_be_withdrawn_like_anything_else() {
        for from in [Status::Unknown, Status::Partial] {
            for to in [Status::Queued, Status::Held, Status::Missed, Status::Cancelled] {
                assert!(from.allows(to, Actor::Relay), "{from} → {to}");
            }
        }
    }

    #[test]
    fn nobody_withdraws_what_is_being_sent() {
        for to in [Status::Draft, Status::Pending, Status::Cancelled] {
            assert!(!Status::Sending.allows(to, Actor::Person));
        }
    }

    #[test]
    fn a_status_is_known_by_its_label_and_by_its_stored_name() {
        for status in Status::ALL {
            for word in [status.label(), status.as_str(), &status.label().to_uppercase()] {
                assert_eq!(Status::from_word(word), Some(status), "{word}");
            }
        }
        for (word, status) in [("needs-check", Status::Unknown), ("partly_posted", Status::Partial)]
        {
            assert_eq!(Status::from_word(word), Some(status), "{word}");
        }
        assert_eq!(Status::from_word("armed"), None);
    }

    #[test]
    fn names_read_back() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
