//! What the window and the command line show: plain structs, read from the store, derived anew at
//! every call. Instants are Unix milliseconds, money is micro-dollars.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{ImportId, PostId, Revision, TweetId, XUserId};
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

/// One line of a list of posts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostRow {
    /// The post.
    pub id: PostId,
    /// Where it stands.
    pub status: Status,
    /// Its newest arming.
    pub revision: Revision,
    /// The account that is to post it; a draft may have none.
    pub account: Option<XUserId>,
    /// That account's handle, without `@`.
    pub username: Option<String>,
    /// The whole text of the first part.
    pub text: String,
    /// How many tweets it is: 1, or the length of the thread.
    pub parts: u32,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it is due; a draft may have no time.
    pub scheduled_at: Option<UnixMillis>,
    /// The wall time the person meant: `2027-03-01 00:20`.
    pub wall_time: Option<String>,
    /// The zone that wall time is in.
    pub zone: String,
    /// What posting it costs, in micro-dollars.
    pub cost_micros: i64,
    /// Whether it carries a link, which makes it dear.
    pub has_link: bool,
    /// An intention that waits for the relay: shown instead of the plain status.
    pub waiting_for: Option<WaitingFor>,
    /// Why it failed, waits or needs the person, in plain words.
    pub reason: Option<Reason>,
    /// Until when the relay waits, when it does.
    pub until: Option<UnixMillis>,
    /// Its id on X.
    pub tweet_id: Option<TweetId>,
    /// Where to see it on X.
    pub tweet_url: Option<String>,
    /// When X accepted it.
    pub posted_at: Option<UnixMillis>,
    /// The import it came with.
    pub import_id: Option<ImportId>,
    /// When the row last changed.
    pub updated_at: UnixMillis,
    /// The post that went out with its old words, when this is the draft that keeps what a change
    /// of it had meant.
    #[serde(default)]
    pub late_edit_of: Option<PostId>,
    /// Since when it is deleted on X, after it had been there.
    #[serde(default)]
    pub gone_from_x_at: Option<UnixMillis>,
}

/// An intention that is written down here and not yet acknowledged by the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// «Cancelling: relay not reached.» The post may still go out.
    Cancel,
    /// «Saving the change: relay not reached.» The old text may still go out.
    Edit,
    /// Past its time, handed over, and the relay can't be asked: «queued, relay not reached».
    Result,
}

/// Why a post failed, waits, or needs the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The kind; the window branches on nothing else.
    pub code: Code,
    /// What happened, in plain words.
    pub message: String,
    /// What to do about it, in plain words.
    pub remedy: String,
    /// The other side's own words, when it said any.
    pub said: Option<String>,
}

/// One post with all that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostDetail {
    /// The line of the list.
    pub row: PostRow,
    /// Its texts: one for a tweet, several for a thread.
    pub parts: Vec<String>,
    /// X's weighted length of the longest part, and the account's limit.
    pub length: Length,
    /// QStash's id of the armed message.
    pub qstash_message_id: Option<String>,
    /// When the hand-over was complete.
    pub synced_at: Option<UnixMillis>,
    /// When the post was made.
    pub created_at: UnixMillis,
    /// Calls to X so far.
    pub attempts: u32,
    /// The parts that are on X, with their ids, in order.
    #[serde(default)]
    pub live: Vec<LivePart>,
    /// The person's change that came too late for it.
    #[serde(default)]
    pub late_edit: Option<LateEdit>,
    /// The delivery receipt, oldest first.
    pub receipt: Vec<ReceiptEvent>,
    /// What the person may do now, in the order in which to offer it.
    pub actions: Vec<Action>,
}

/// A part of a post that is on X.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LivePart {
    /// Its number, from 1.
    pub part: u32,
    /// Its id on X.
    pub tweet_id: TweetId,
    /// Where to see it.
    pub url: String,
}

/// A change that came too late: the post went out, or is being sent, as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateEdit {
    /// The texts that the change meant: one of a tweet, several of a thread.
    pub meant: Vec<String>,
    /// The texts that went out, or are being sent.
    pub sent: Vec<String>,
    /// The time that the change meant, with its zone, when it was another.
    pub moved_to: Option<String>,
    /// The handle of the account that the change meant, without `@`, when it was another.
    pub account: Option<String>,
    /// The draft that keeps what was meant; none when only the time was changed.
    pub draft: Option<PostId>,
    /// Where that draft stands now; none when it was deleted.
    pub draft_status: Option<Status>,
    /// Whether what is on X can be replaced by the draft.
    #[serde(default)]
    pub can_replace: bool,
    /// Whether what is on X is being deleted, for the draft to go out in its place.
    #[serde(default)]
    pub replacing: bool,
    /// What posting the draft too costs, in micro-dollars.
    pub post_too_cost_micros: i64,
    /// What deleting what is on X and posting the draft costs, in micro-dollars.
    pub replace_cost_micros: i64,
}

/// X's weighted length of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// As X counts: a link is 23, an emoji 2.
    pub weighted: u32,
    /// The most this account may use.
    pub limit: u32,
}

/// One line of a delivery receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptEvent {
    /// When it happened: by X's clock where X took it, by the relay's for what the relay did.
    pub at: UnixMillis,
    /// When this computer was told, where that is more than a minute later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<UnixMillis>,
    /// What happened, as one word: `created`, `edited`, `staged`, `queued`, `claimed`, `sending`,
    /// `posted`, …
    pub kind: String,
    /// The same in plain words.
    pub title: String,
    /// What else is known: a message id, X's own words, the old text.
    pub detail: Option<String>,
    /// Under which arming.
    pub revision: Revision,
}

/// What a person may do with a post now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Change text, time or account.
    Edit,
    /// Withdraw it.
    Cancel,
    /// Send it after all: failed, missed or cancelled posts.
    Retry,
    /// Post a late one now.
    PostNow,
    /// Read the timeline once more: posts that need a check.
    Verify,
    /// It is on X: tell its address.
    WentOut,
    /// It is not on X: send it again.
    SendAgain,
    /// Remove the row.
    Delete,
    /// See it on X.
    OpenOnX,
    /// Post what a change meant that came too late, beside what went out.
    PostToo,
    /// Delete on X what went out, and post what the change meant.
    Replace,
}

/// Which posts to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PostQuery {
    /// A place of the rail.
    pub view: View,
    /// Only these statuses; empty means all of the view.
    pub statuses: Vec<Status>,
    /// Words to search for.
    pub search: Option<String>,
    /// Only this account.
    pub account: Option<XUserId>,
    /// Only this import.
    pub import: Option<ImportId>,
    /// Due at or after.
    pub from: Option<UnixMillis>,
    /// Due before.
    pub until: Option<UnixMillis>,
    /// Only posts with this tag.
    pub tag: Option<String>,
    /// The rows after this place: [`PostPage::next`] of the page before.
    pub after: Option<String>,
    /// Rows at most; 0 means 200, and 1,000 is the most.
    pub limit: u32,
}

/// A place of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Everything.
    #[default]
    All,
    /// Due today in the chosen zone, whatever became of it.
    Today,
    /// Due and not decided, soonest first.
    Upcoming,
    /// Without a time or not armed.
    Drafts,
    /// Failed, missed, partial, needs a check, or held for a person.
    NeedsYou,
    /// On X, newest first.
    Posted,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostPage {
    /// The rows asked for.
    pub posts: Vec<PostRow>,
    /// How many there are in all.
    pub total: u64,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// How many posts stand in each place of the rail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(default)]
    pub without_account: u64,
    /// Every post.
    pub total: u64,
    /// By status, in the order of a post's life; statuses without posts are there with 0.
    pub by_status: Vec<StatusCount>,
}

/// How many posts have one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCount {
    /// The status.
    pub status: Status,
    /// How many.
    pub posts: u64,
}

/// The status bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// What was posted this month costs, in micro-dollars.
    pub month_cost_micros: i64,
    /// The same with what is still due this month.
    pub month_forecast_micros: i64,
    /// The relay's clock minus this one, in milliseconds.
    pub clock_skew_ms: Option<i64>,
    /// Whether X is the sandbox: shown as a band.
    pub sandbox: bool,
    /// What keeps posts from going out until the person has done something.
    #[serde(default)]
    pub trouble: Option<Trouble>,
    /// What posts wait for on the relay, by cause, the most frequent first.
    #[serde(default)]
    pub waiting: Vec<WaitingCount>,
    /// Everything that is in the way of posts or of closing this computer, the gravest first.
    #[serde(default)]
    pub blockers: Vec<Blocker>,
}

/// Posts that wait on the relay for one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct Blocker {
    /// Which; the window branches on nothing else.
    pub kind: BlockerKind,
    /// The failure behind it.
    pub code: Code,
    /// What is, in whole sentences.
    pub message: String,
    /// What to do about it, in whole sentences; empty where the message says it.
    pub remedy: String,
    /// The other side's own words, when it said any.
    #[serde(default)]
    pub said: Option<String>,
    /// How many posts it concerns; 0 when that is not known.
    pub posts: u64,
    /// The handle of the account that it is about, without `@`.
    #[serde(default)]
    pub account: Option<String>,
    /// When the first of these posts is due.
    #[serde(default)]
    pub first_due: Option<UnixMillis>,
    /// Since when it is so.
    #[serde(default)]
    pub since: Option<UnixMillis>,
    /// When Roost or the relay tries again by itself.
    #[serde(default)]
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
    /// The relay's clock is wrong.
    RelayClock,
    /// This computer's clock is wrong.
    OwnClock,
    /// The scheduler does not take messages.
    SchedulerRefuses,
    /// Posts are due and only this computer has them.
    NotHandedOver,
    /// The relay has not acknowledged a change or a cancellation.
    Withdrawing,
    /// Posts name no account.
    WithoutAccount,
    /// X no longer accepts an account's sign-in.
    AccountSignedOut,
    /// X suspended or locked an account.
    AccountSuspended,
    /// X refuses the app as a whole: no credits, a spending limit, a suspension.
    AppHeld,
    /// X is not reached, or in trouble.
    XUnreachable,
    /// Posts wait for a turn that comes after their deadline.
    WillBeMissed,
    /// The person paused everything.
    Paused,
}

/// What a hand-over came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// What keeps posts from going out until the person has done something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Its kind.
    pub code: Code,
    /// What happened and what to do, in plain words.
    pub message: String,
}

/// How a service answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum SafeToClose {
    /// Nothing waits here: every post is handed over.
    Everything,
    /// Until the first post that is not safe elsewhere.
    Until {
        /// That post's time.
        at: UnixMillis,
    },
    /// «This computer»: posts go out while it is awake.
    OnlyWhileAwake,
    /// This computer is needed now: [`SyncState::blockers`] says for what.
    NotNow,
    /// This computer is not needed, and not everything goes out before the person has done
    /// something: [`SyncState::blockers`] says what.
    Blocked,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// X's id of the user.
    pub x_user_id: XUserId,
    /// The handle, without `@`.
    pub username: String,
    /// The shown name.
    pub name: String,
    /// `connected`, `disconnected` or `suspended`.
    pub health: roost_relay_api::AccountHealth,
    /// Why it can't post, in plain words.
    pub message: Option<String>,
    /// X's `subscription_type`.
    pub subscription_type: Option<String>,
    /// The most weighted characters it may use.
    pub text_limit: u32,
    /// When the relay last proved its sign-in with X.
    #[serde(default)]
    pub proven_at: Option<UnixMillis>,
    /// Its posts that are not decided.
    pub open: u64,
    /// Those of them that can be cancelled: neither being sent nor on their way back already.
    #[serde(default)]
    pub pending: u64,
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The import.
    pub id: ImportId,
    /// The number by which a person knows it: «Import #14».
    pub number: i64,
    /// The file's name, `-` for standard input.
    pub source: String,
    /// When.
    pub imported_at: UnixMillis,
    /// Its posts.
    pub posts: u64,
    /// Those on X.
    pub posted: u64,
    /// Those still to go out.
    pub open: u64,
    /// Whether it was undone.
    pub undone_at: Option<UnixMillis>,
}

/// Something to tell the person through the operating system, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The row in the store.
    pub id: i64,
    /// When it arose.
    pub at: UnixMillis,
    /// What it is about: `failed`, `unknown`, `missed`, `partial`, `posted`,
    /// `edit_too_late`, `cancel_too_late`, `account`, `relay`.
    pub kind: String,
    /// The headline.
    pub title: String,
    /// One or two sentences: what happened, to which post, what to do.
    pub body: String,
    /// The post.
    pub post_id: Option<PostId>,
    /// When the person read it.
    #[serde(default)]
    pub read_at: Option<UnixMillis>,
}

/// One line of `doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// How it is.
    pub health: CheckHealth,
    /// What was found, in plain words.
    pub finding: String,
    /// What to do, when something is to be done.
    pub remedy: Option<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckHealth {
    /// As it should be.
    Good,
    /// Works, and should be looked at.
    Warning,
    /// Does not work.
    Bad,
}
