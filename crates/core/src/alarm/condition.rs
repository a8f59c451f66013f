//! What may be wrong, with its facts, and the line that is said of it.

use super::AlarmKind;
use crate::clock::UnixMillis;
use crate::zone::{Zone, wall_time_of};

/// Characters of a post's words in an alarm, where the person chose to have them.
const EXCERPT_MAX_CHARS: usize = 60;

/// What an alarm says of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostFacts {
    /// The account's handle, without `@`; empty when it is not known.
    pub username: String,
    /// When the post was due.
    pub due_at: Option<UnixMillis>,
    /// Why, in a sentence; empty when there is nothing to say.
    pub why: String,
    /// The post's words; none unless the person chose to have them in alarms.
    pub text: Option<String>,
}

/// Something that is wrong, with its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// X refused a post.
    PostFailed(PostFacts),
    /// A post missed its time.
    PostMissed(PostFacts),
    /// Only some parts of a thread are on X.
    PostInPart(PostFacts),
    /// A person has to say whether a post is on X.
    PostNeedsCheck(PostFacts),
    /// None of an account's posts goes out.
    AccountDisconnected {
        /// Its handle, without `@`.
        username: String,
        /// Why, in a sentence.
        why: String,
    },
    /// X bills an app for nothing more.
    CreditsExhausted {
        /// In a sentence.
        why: String,
    },
    /// What was handed over is used up, and posts wait on a computer.
    CoveragePassed {
        /// Until when posts were handed over.
        until: UnixMillis,
        /// Posts that wait on the computer.
        posts: u64,
    },
    /// A computer with posts has not handed over for longer than a window.
    SyncMissed {
        /// When it did last.
        since: UnixMillis,
        /// Posts that wait on it.
        posts: u64,
    },
    /// The relay's own clock took posts up.
    BackstopUsed {
        /// How many of late.
        posts: u64,
    },
    /// Deliveries without a good signature came while a due post's delivery did not.
    SignaturesRefused {
        /// How many of late.
        deliveries: u64,
    },
    /// Most calls to X created nothing.
    DeliveriesFailing {
        /// Calls that created nothing of late.
        failed: u64,
        /// All calls of late.
        calls: u64,
    },
    /// The scheduler gave deliveries up whose posts are not settled.
    GivenUp {
        /// How many.
        posts: u64,
    },
    /// The relay's clock is not X's.
    ClockWrong {
        /// This clock minus X's, in seconds.
        ahead_s: i64,
    },
    /// The disk of the database is almost full.
    DiskLow {
        /// What is left, in MB.
        free_mb: u64,
    },
    /// The database can't be written.
    DatabaseUnwritable {
        /// In the system's words.
        why: String,
    },
    /// There is no certificate, or it ends soon.
    Certificate {
        /// In a sentence.
        why: String,
    },
}

impl Condition {
    /// Returns what it is about.
    #[must_use]
    pub const fn kind(&self) -> AlarmKind {
        match self {
            Self::PostFailed(_) => AlarmKind::PostFailed,
            Self::PostMissed(_) => AlarmKind::PostMissed,
            Self::PostInPart(_) => AlarmKind::PostInPart,
            Self::PostNeedsCheck(_) => AlarmKind::PostNeedsCheck,
            Self::AccountDisconnected { .. } => AlarmKind::AccountDisconnected,
            Self::CreditsExhausted { .. } => AlarmKind::CreditsExhausted,
            Self::CoveragePassed { .. } => AlarmKind::CoveragePassed,
            Self::SyncMissed { .. } => AlarmKind::SyncMissed,
            Self::BackstopUsed { .. } => AlarmKind::BackstopUsed,
            Self::SignaturesRefused { .. } => AlarmKind::SignaturesRefused,
            Self::DeliveriesFailing { .. } => AlarmKind::DeliveriesFailing,
            Self::GivenUp { .. } => AlarmKind::GivenUp,
            Self::ClockWrong { .. } => AlarmKind::ClockWrong,
            Self::DiskLow { .. } => AlarmKind::DiskLow,
            Self::DatabaseUnwritable { .. } => AlarmKind::DatabaseUnwritable,
            Self::Certificate { .. } => AlarmKind::Certificate,
        }
    }

    /// Returns the line that is said of it, with times in `zone`.
    #[must_use]
    pub fn line(&self, zone: &Zone) -> String {
        match self {
            Self::PostFailed(post)
            | Self::PostMissed(post)
            | Self::PostInPart(post)
            | Self::PostNeedsCheck(post) => post.line(zone),
            Self::AccountDisconnected { username, why } => format!("@{username}: {why}"),
            Self::CreditsExhausted { why }
            | Self::DatabaseUnwritable { why }
            | Self::Certificate { why } => why.clone(),
            Self::CoveragePassed { until, posts } => format!(
                "Everything was handed over until {}; {} there.",
                time(*until, zone),
                wait(*posts)
            ),
            Self::SyncMissed { since, posts } => {
                format!("It handed over last at {}; {} there.", time(*since, zone), wait(*posts))
            }
            Self::BackstopUsed { posts } => {
                format!("{} taken up by the relay's own clock.", were(*posts))
            }
            Self::SignaturesRefused { deliveries } => {
                format!("{deliveries} without a good signature in the last minutes.")
            }
            Self::DeliveriesFailing { failed, calls } => {
                format!("{failed} of {calls} calls created no post in the last minutes.")
            }
            Self::GivenUp { posts } => format!("{} not settled yet.", are(*posts)),
            Self::ClockWrong { ahead_s } if *ahead_s < 0 => {
                format!("It is {} s behind X's.", -ahead_s)
            }
            Self::ClockWrong { ahead_s } => format!("It is {ahead_s} s ahead of X's."),
            Self::DiskLow { free_mb } => format!("{free_mb} MB are left."),
        }
    }
}

impl PostFacts {
    fn line(&self, zone: &Zone) -> String {
        let mut said = match self.username.as_str() {
            "" => "A post".to_owned(),
            username => format!("@{username}"),
        };
        if let Some(due_at) = self.due_at {
            said.push_str(&format!(", due {}", time(due_at, zone)));
        }
        if let Some(text) = &self.text {
            let mut excerpt: String = text.chars().take(EXCERPT_MAX_CHARS).collect();
            if excerpt.len() < text.len() {
                excerpt.push('…');
            }
            said.push_str(&format!(", \"{}\"", excerpt.replace(['\n', '\r'], " ")));
        }
        if self.why.is_empty() { said + "." } else { format!("{said}: {}", self.why) }
    }
}

/// `2027-03-01 09:00`.
fn time(at: UnixMillis, zone: &Zone) -> String {
    wall_time_of(at, zone).to_string().chars().take(16).collect()
}

fn posts(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 post {one}") } else { format!("{count} posts {many}") }
}

fn wait(count: u64) -> String {
    posts(count, "waits", "wait")
}

fn were(count: u64) -> String {
    posts(count, "was", "were")
}

fn are(count: u64) -> String {
    posts(count, "is", "are")
}
