//! The closed list of what an alarm may be about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is no kind of alarm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{word}\" is no kind of alarm; there are: {known}", known = all_names())]
pub struct UnknownAlarm {
    word: String,
}

macro_rules! kinds {
    // One heading serves for several as well, unless there is another.
    (@last $one:literal) => { $one };
    (@last $one:literal $many:literal) => { $many };
    ($($variant:ident = $name:literal, $one:literal $(/ $many:literal)?, $over:literal, $remedy:literal;)+) => {
        /// What an alarm is about. The name stands in configuration files, in databases and in webhooks.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum AlarmKind {
            $(#[doc = $one] #[serde(rename = $name)] $variant,)+
        }

        impl AlarmKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the name in configuration files, databases and webhooks.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the heading over one of the kind.
            pub(super) const fn one(self) -> &'static str {
                match self { $(Self::$variant => $one,)+ }
            }

            /// Returns the heading over several of the kind.
            pub(super) const fn many(self) -> &'static str {
                match self { $(Self::$variant => kinds!(@last $one $($many)?),)+ }
            }

            /// Returns what is said when it is over; empty: it has no end to tell of.
            pub(super) const fn over(self) -> &'static str {
                match self { $(Self::$variant => $over,)+ }
            }

            /// Returns what to do about it.
            pub(super) const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }
        }

        impl FromStr for AlarmKind {
            type Err = UnknownAlarm;

            fn from_str(word: &str) -> Result<Self, UnknownAlarm> {
                match word {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(UnknownAlarm { word: word.chars().take(64).collect() }),
                }
            }
        }
    };
}

kinds! {
    PostFailed = "post_failed", "A post failed" / "Posts failed", "",
        "Open Roost: the post says what to do, and can be sent again.";
    PostMissed = "post_missed", "A post was missed" / "Posts were missed", "",
        "Open Roost to give it another time.";
    PostInPart = "post_in_part", "A thread is on X in part" / "Threads are on X in part", "",
        "Open Roost to say what becomes of the rest.";
    PostNeedsCheck = "post_needs_check", "A post needs a check" / "Posts need a check",
        "Was checked",
        "Look on X whether it is there, and say so in Roost.";
    AccountDisconnected = "account_disconnected", "An account can't post" / "Accounts can't post",
        "Can post again",
        "Sign in with X again in Roost.";
    CreditsExhausted = "credits_exhausted", "X has no credits left",
        "X takes posts again",
        "Add credits in X's developer console; the posts go on by themselves.";
    CoveragePassed = "coverage_passed", "Your computer has been away",
        "Your computer handed over again",
        "Open Roost on the computer that holds the posts.";
    SyncMissed = "sync_missed", "Your computer did not hand over",
        "Your computer handed over again",
        "Open Roost on the computer that holds the posts.";
    BackstopUsed = "backstop_used", "The scheduler did not call",
        "The scheduler calls again",
        "Posts went out by the relay's own clock, some minutes late. Look at the scheduler.";
    SignaturesRefused = "signatures_refused", "Deliveries are refused while posts are due",
        "No delivery is refused any more",
        "Compare the signing keys of QStash with the relay's.";
    DeliveriesFailing = "deliveries_failing", "Most calls to X fail",
        "Calls to X succeed again",
        "Posts wait and are tried again; Roost says why each does.";
    GivenUp = "given_up", "The scheduler gave deliveries up",
        "What was given up is settled",
        "The relay's own clock posts them; Roost lists them under dead letters.";
    ClockWrong = "clock_wrong", "The relay's clock is wrong",
        "The relay's clock is right again",
        "Set the clock of its machine by NTP.";
    DiskLow = "disk_low", "The relay's disk is almost full",
        "The relay's disk has room again",
        "Make room on the disk of the relay's database.";
    DatabaseUnwritable = "database_unwritable", "The relay can't write its database",
        "The relay writes its database again",
        "Nothing goes out before it can. Make room, or look at the disk.";
    Certificate = "certificate", "The relay's certificate is near its end",
        "The relay's certificate is good again",
        "The relay's log says why it was not renewed.";
}

impl AlarmKind {
    /// Returns whether its end is told, too.
    #[must_use]
    pub const fn has_end(self) -> bool {
        !self.over().is_empty()
    }
}

impl fmt::Display for AlarmKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

fn all_names() -> String {
    AlarmKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}
