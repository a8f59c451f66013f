//! What to do where a post does not fit: late, in the past, or there already.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;

/// A word that names no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is none of {expected}")]
pub struct UnknownPolicy {
    given: String,
    expected: &'static str,
}

macro_rules! policy {
    ($(#[$doc:meta])* $name:ident: $expected:literal {
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every choice.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the word on the command line and in settings.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownPolicy;

            fn from_str(word: &str) -> Result<Self, UnknownPolicy> {
                let found = Self::ALL.iter().copied().find(|choice| choice.as_str() == word);
                found.ok_or_else(|| UnknownPolicy {
                    given: crate::failure::clip(word, 40),
                    expected: $expected,
                })
            }
        }
    };
}

policy! {
    /// What becomes of rows of an import whose time has passed.
    PastPolicy: "error, skip, draft, next-slot" {
        /// They are errors.
        #[default]
        Error = "error",
        /// They are left out.
        Skip = "skip",
        /// They become drafts.
        Draft = "draft",
        /// They move to the next free half-hour, in their order.
        NextSlot = "next-slot",
    }
}

policy! {
    /// What becomes of rows whose text is there already, in the file or in the store.
    DuplicatePolicy: "skip, keep" {
        /// They are left out.
        #[default]
        Skip = "skip",
        /// They are kept, with a warning: X may refuse them.
        Keep = "keep",
    }
}

policy! {
    /// What becomes of a post that is later than the late policy allows.
    TooLate: "ask, missed" {
        /// It waits for the person.
        #[default]
        Ask = "ask",
        /// It is missed.
        Missed = "missed",
    }
}

/// What becomes of a post whose time passed before it was ever handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LatePolicy {
    /// It is posted while it is at most this late; `None` posts it however late.
    pub post_within_minutes: Option<u32>,
    /// What becomes of a later one.
    pub then: TooLate,
}

/// What the late policy says about one post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Lateness {
    /// Its time is still to come, or it is little enough late: it goes out.
    Post,
    /// The person decides.
    Ask,
    /// It is missed.
    Missed,
}

impl LatePolicy {
    /// Posts everything, however late: for rehearsals.
    pub const POST: Self = Self { post_within_minutes: None, then: TooLate::Ask };

    /// Returns what becomes of a post due at `due` when it is `now`.
    #[must_use]
    pub fn judge(self, due: UnixMillis, now: UnixMillis) -> Lateness {
        let allowed = self
            .post_within_minutes
            .is_none_or(|minutes| now.since(due) <= Duration::from_secs(u64::from(minutes) * 60));
        match self.then {
            _ if allowed => Lateness::Post,
            TooLate::Ask => Lateness::Ask,
            TooLate::Missed => Lateness::Missed,
        }
    }
}

impl Default for LatePolicy {
    fn default() -> Self {
        Self { post_within_minutes: Some(30), then: TooLate::Ask }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_post_goes_out_up_to_the_minute_allowed_and_not_after() {
        let due = UnixMillis::from_seconds(1_000_000);
        let late = |seconds: i64| UnixMillis(due.0 + seconds * 1000);
        let policy = LatePolicy { post_within_minutes: Some(10), then: TooLate::Missed };
        assert_eq!(policy.judge(due, late(-5)), Lateness::Post);
        assert_eq!(policy.judge(due, late(600)), Lateness::Post);
        assert_eq!(policy.judge(due, late(601)), Lateness::Missed);
        assert_eq!(LatePolicy::default().judge(due, late(1801)), Lateness::Ask);
        assert_eq!(LatePolicy::POST.judge(due, late(1 << 40)), Lateness::Post);
    }

    #[test]
    fn policies_are_the_words_of_the_command_line() {
        for policy in PastPolicy::ALL {
            assert_eq!(policy.as_str().parse(), Ok(*policy));
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
        }
        let error = "later".parse::<PastPolicy>().unwrap_err();
        assert_eq!(error.to_string(), "\"later\" is none of error, skip, draft, next-slot");
        assert_eq!("keep".parse(), Ok(DuplicatePolicy::Keep));
    }
}
