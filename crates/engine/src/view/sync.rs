//! How things stand: counts, relay and scheduler, what is in the way.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

use crate::NextStep;

/// How many posts stand in each place of the rail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Counts {
    /// Due today.
    pub today: u64,
    /// Due and not decided.
    pub upcoming: u64,
    /// Drafts.
    pub drafts: u64,
    /// Those that need the person.
    pub needs_you: u64,
    /// On X.
    pub posted: u64,
    /// Posts that are scheduled and not decided: `pending`, `queued`, `held`, `sending`.
    pub open: u64,
    /// Of these, the ones that nobody can post: they name no account and wait for one.
    pub without_account: u64,
    /// Every post.
    pub total: u64,
    /// By status, in the order of a post's life; statuses without posts are there with 0.
    pub by_status: Vec<StatusCount>,
}

/// How many posts have one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct StatusCount {
    /// The status.
    pub status: Status,
    /// How many.
    pub posts: u64,
}

/// The status bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncState {
    /// Where posts go out from.
    pub mode: crate::Mode,
    /// The relay, as last heard.
    pub relay: Reach,
    /// The scheduler, as last heard.
    pub scheduler: Reach,
    /// When the last hand-over was complete.
    pub last_sync_at: Option<UnixMillis>,
    /// Whether a hand-over runs now.
    pub syncing: bool,
    /// Whether everything is paused.
    pub paused: bool,
    /// Whether the computer may be closed, and until when.
    pub safe_to_close: SafeToClose,
    /// When the next planned post is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<UnixMillis>,
    /// Posts handed over and not decided.
    pub handed_over: u64,
    /// Posts that wait on this computer.
    pub waiting_here: u64,
    /// Of these, the ones beyond the horizon.
    pub waiting_beyond: u64,
    /// Until when the current horizon reaches.
    pub horizon_until: UnixMillis,
    /// Intentions not yet acknowledged by the relay.
    pub intentions: u64,
    /// What X charged this month for what it took and deleted, in micro-dollars.
    pub month_cost_micros: i64,
    /// The same with what is still due this month.
    pub month_forecast_micros: i64,
    /// The relay's clock minus this one, in milliseconds.
    pub clock_skew_ms: Option<i64>,
    /// Whether X is the sandbox: shown as a band.
    pub sandbox: bool,
    /// Pictures and videos on their way to the relay; none when all are there.
    #[serde(default)]
    pub uploads: Option<UploadsNow>,
    /// What keeps posts from going out until the person has done something.
    pub trouble: Option<Trouble>,
    /// What posts wait for on the relay, by cause, the most frequent first.
    pub waiting: Vec<WaitingCount>,
    /// Everything that is in the way of posts or of closing this computer, the gravest first.
    pub blockers: Vec<Blocker>,
}

/// Posts that wait on the relay for one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct WaitingCount {
    /// The cause.
    pub code: Code,
    /// The same in plain words.
    pub message: String,
    /// How many wait for it.
    pub posts: u64,
    /// When the first of them is tried next; none where only the person ends the wait.
    pub next_try: Option<UnixMillis>,
    /// What X or the relay said of it beside.
    pub said: Option<String>,
}

/// One thing that is in the way of posts, or of closing this computer, with its own remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Blocker {
    /// Which; the window branches on nothing else.
    pub kind: BlockerKind,
    /// The failure behind it.
    pub code: Code,
    /// What is, in whole sentences.
    pub message: String,
    /// What to do about it, in whole sentences; empty where the message says it.
    pub remedy: String,
    /// What the person can do about it in Roost, the most likely first.
    pub next_steps: Vec<NextStep>,
    /// The other side's own words, when it said any.
    pub said: Option<String>,
    /// How many posts it concerns; 0 when that is not known.
    pub posts: u64,
    /// The handle of the account that it is about, without `@`.
    pub account: Option<String>,
    /// When the first of these posts is due.
    pub first_due: Option<UnixMillis>,
    /// Since when it is so.
    pub since: Option<UnixMillis>,
    /// When Roost or the relay tries again by itself.
    pub next_try: Option<UnixMillis>,
    /// Whether this computer must stay on until it is over.
    pub needs_this_computer: bool,
    /// Whether it ends only when the person does something.
    pub needs_person: bool,
}

impl Blocker {
    /// Returns finding and remedy in one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} {}", self.message, self.remedy).trim_end().to_owned()
    }

    /// Returns what tells this blocker from others, whatever its numbers are: a change of these is
    /// no news.
    #[must_use]
    pub fn key(&self) -> (BlockerKind, Code, Option<&str>) {
        (self.kind, self.code, self.account.as_deref())
    }
}

/// What is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum BlockerKind {
    /// The host gave no relay to the engine: a keyring, a copied folder, a service that ended.
    Withheld,
    /// The relay answers and refuses this computer.
    RelayRefuses,
    /// The relay does not answer.
    RelayUnreachable,
    /// The relay's database is not the one that posts were handed to.
    RelayLostStore,
    /// The relay is reached, and would not deliver a due post.
    RelayNotReady,
    /// The relay's clock is wrong.
    RelayClock,
    /// This computer's clock is wrong.
    OwnClock,
    /// The clock rules of a zone changed, and posts would move.
    TimeRules,
    /// The scheduler does not take messages.
    SchedulerRefuses,
    /// Posts are due and only this computer has them.
    NotHandedOver,
    /// The relay has not acknowledged a change or a cancellation.
    Withdrawing,
    /// Posts name no account.
    WithoutAccount,
    /// An account's sign-in no longer works: X refuses it, or the relay can't open it.
    AccountSignedOut,
    /// X suspended or locked an account.
    AccountSuspended,
    /// X refuses the app as a whole: no credits, a spending limit, a suspension.
    AppHeld,
    /// X is not reached, or in trouble.
    XUnreachable,
    /// X refuses to renew sign-ins, and nobody knows whether they are lost.
    SignInsHeld,
    /// Posts wait for a turn that comes after their deadline.
    WillBeMissed,
    /// Posts no longer fit what their accounts may post.
    NoLongerFits,
    /// The person paused everything.
    Paused,
    /// The person paused an account.
    AccountPaused,
}

/// What a hand-over came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HandedOver {
    /// Posts that the relay took.
    pub staged: u64,
    /// Messages that the scheduler took.
    pub published: u64,
    /// Messages that the scheduler refused, one by one.
    pub refused: u64,
    /// Posts that have a problem of their own.
    pub failed: u64,
    /// The first of these failures, in plain words.
    pub message: Option<String>,
}

impl HandedOver {
    /// Returns what this and a later hand-over came to together: what had a problem before may have been
    /// settled by the later one.
    pub(crate) fn and(self, later: Self) -> Self {
        Self {
            staged: self.staged + later.staged,
            published: self.published + later.published,
            ..later
        }
    }
}

/// Pictures and videos that are on their way to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UploadsNow {
    /// How many files are still to be uploaded.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// How many bytes of the one that is under way the relay has.
    pub sent_bytes: u64,
    /// What keeps one of them here, in plain words.
    pub message: Option<String>,
}

/// What keeps posts from going out until the person has done something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Trouble {
    /// Its kind.
    pub code: Code,
    /// What happened and what to do, in plain words.
    pub message: String,
    /// What the person can do about it, the most likely first.
    pub next_steps: Vec<NextStep>,
}

impl Trouble {
    /// Returns a trouble with the steps that its code suggests.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), next_steps: NextStep::of(code) }
    }

    /// The same with other steps.
    #[must_use]
    pub fn with_steps(mut self, next_steps: impl Into<Vec<NextStep>>) -> Self {
        self.next_steps = next_steps.into();
        self
    }
}

/// How a service answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Reach {
    /// No address is known.
    NotConfigured,
    /// Not asked yet.
    NotAsked,
    /// It answered.
    Reached {
        /// When it last did.
        at: UnixMillis,
        /// How long it took.
        latency_ms: u64,
    },
    /// It did not answer, or refused.
    NotReached {
        /// Since when.
        since: UnixMillis,
        /// What happened and what to do, in plain words.
        message: String,
    },
}

/// Whether the computer may be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum SafeToClose {
    /// Nothing waits here: every post is handed over.
    Everything,
    /// Until the first post that is not safe elsewhere.
    Until {
        /// That post's time.
        at: UnixMillis,
    },
    /// "This computer": posts go out while it is awake.
    OnlyWhileAwake,
    /// This computer is needed now: [`SyncState::blockers`] says for what.
    NotNow,
    /// This computer is not needed now, and not everything goes out before the person has done
    /// something: [`SyncState::blockers`] says what.
    Blocked {
        /// When it is needed for the first post that is not safe elsewhere; none: for no post.
        until: Option<UnixMillis>,
    },
}
