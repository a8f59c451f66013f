//! One post, and lists of posts.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{ImportId, PostId, Revision, SeriesId, TweetId, Version, XUserId};
use roost_core::post::{Content, FollowUp};
use roost_core::status::Status;
use serde::{Deserialize, Serialize};

/// One line of a list of posts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PostRow {
    /// The post.
    pub id: PostId,
    /// Where it stands.
    pub status: Status,
    /// Its newest arming.
    pub revision: Revision,
    /// Its version: what a change of it, or a decision about it, is to be based on.
    pub version: Version,
    /// The account that is to post it; a draft may have none.
    pub account: Option<XUserId>,
    /// That account's handle, without `@`.
    pub username: Option<String>,
    /// The whole text of the first part.
    pub text: String,
    /// How many tweets it is: 1, or the length of the thread.
    pub parts: u32,
    /// How many pictures and videos it has.
    #[serde(default)]
    pub media: u32,
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
    pub late_edit_of: Option<PostId>,
    /// Since when it is deleted on X, after it had been there.
    pub gone_from_x_at: Option<UnixMillis>,
    /// Whether a change of it is kept beside it that is not saved.
    #[serde(default)]
    pub has_unsaved_edit: bool,
    /// The series that made it.
    #[serde(default)]
    pub series: Option<SeriesId>,
    /// The wall time of the series' rule for which it was made: `2027-03-01 09:00`.
    #[serde(default)]
    pub occurrence: Option<String>,
    /// The post that it follows as a reply, and how long after it.
    #[serde(default)]
    pub follow_up: Option<FollowUp>,
}

/// A post that another one is tied to: the one that it replies to, or a reply that follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TiedPost {
    /// The post.
    pub id: PostId,
    /// The whole text of its first part.
    pub text: String,
    /// Where it stands.
    pub status: Status,
    /// How many minutes lie between the two.
    pub after_minutes: u32,
}

/// An intention that is written down here and not yet acknowledged by the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// "Cancelling: relay not reached." The post may still go out.
    Cancel,
    /// "Saving the change: relay not reached." The old text may still go out.
    Edit,
    /// Past its time, handed over, and the relay can't be asked: "queued, relay not reached".
    Result,
}

/// Why a post failed, waits, or needs the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
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
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PostDetail {
    /// The line of the list.
    pub row: PostRow,
    /// Its texts: one for a tweet, several for a thread.
    pub parts: Vec<String>,
    /// All that it says, media and polls included.
    #[serde(default)]
    pub content: Content,
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
    pub live: Vec<LivePart>,
    /// The person's change that came too late for it.
    pub late_edit: Option<LateEdit>,
    /// The person's change that is kept beside it and not saved.
    #[serde(default)]
    pub unsaved_edit: Option<UnsavedEdit>,
    /// The post that it replies to, when it is a follow-up.
    #[serde(default)]
    pub parent: Option<TiedPost>,
    /// The replies that follow it.
    #[serde(default)]
    pub follow_ups: Vec<TiedPost>,
    /// The delivery receipt, oldest first.
    pub receipt: Vec<ReceiptEvent>,
    /// What deleting it on X costs, in micro-dollars; none when it is not there as a whole.
    pub delete_on_x_cost_micros: Option<i64>,
    /// Whether it is to be deleted on X, and X has not done so yet.
    pub deleting_on_x: bool,
    /// What it said and when it was planned, from the first words to those of today.
    #[serde(default)]
    pub versions: Vec<PostVersion>,
    /// What the person may do now, in the order in which to offer it.
    pub actions: Vec<Action>,
}

/// What a post said, and when and for whom it was planned, from a moment on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PostVersion {
    /// Since when.
    pub at: UnixMillis,
    /// All that it said.
    pub content: Content,
    /// When it was planned; a draft may have no time.
    pub scheduled_at: Option<UnixMillis>,
    /// The wall time that the person meant: `2027-03-01 00:20`.
    pub wall_time: Option<String>,
    /// The zone of that wall time.
    pub zone: Option<String>,
    /// The account that was to post it.
    pub account: Option<XUserId>,
}

/// A part of a post that is on X.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LivePart {
    /// Its number, from 1.
    pub part: u32,
    /// Its id on X.
    pub tweet_id: TweetId,
    /// Where to see it.
    pub url: String,
}

/// A change that the person began and did not save: the post goes out as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UnsavedEdit {
    /// All that the post is to say.
    pub content: Content,
    /// The wall time that it is to have: `2027-03-01 00:20`.
    pub wall_time: Option<String>,
    /// The zone of that wall time.
    pub zone: Option<String>,
    /// The account that is to post it.
    pub account: Option<XUserId>,
    /// When the change was kept last.
    pub kept_at: UnixMillis,
    /// Whether the post itself was changed since the change was begun.
    pub is_outdated: bool,
}

/// What became of a change that was to be kept beside its post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UnsavedKept {
    /// When it was kept.
    pub kept_at: UnixMillis,
    /// The draft that has the change, where the post went out meanwhile.
    pub draft: Option<PostRow>,
}

/// A change that came too late: the post went out, or is being sent, as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
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
    pub can_replace: bool,
    /// Whether what is on X is being deleted, for the draft to go out in its place.
    pub replacing: bool,
    /// What posting the draft too costs, in micro-dollars.
    pub post_too_cost_micros: i64,
    /// What deleting what is on X and posting the draft costs, in micro-dollars.
    pub replace_cost_micros: i64,
}

/// X's weighted length of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Length {
    /// As X counts: a link is 23, an emoji 2.
    pub weighted: u32,
    /// The most this account may use.
    pub limit: u32,
}

/// One line of a delivery receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReceiptEvent {
    /// When it happened: by X's clock where X took it, by the relay's for what the relay did.
    pub at: UnixMillis,
    /// When this computer was told, where that is more than a minute later.
    pub told_at: Option<UnixMillis>,
    /// What happened, as one word: `created`, `edited`, `staged`, `queued`, `claimed`, `sending`,
    /// `posted`, …
    pub kind: String,
    /// The same in plain words.
    pub title: String,
    /// What else is known: a message id, the reason, the old text.
    pub detail: Option<String>,
    /// The other side's own words, where they say more than the reason.
    #[serde(default)]
    pub said: Option<String>,
    /// Under which arming.
    pub revision: Revision,
}

/// What a person may do with a post now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
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
    /// Delete it on X.
    DeleteOnX,
    /// Post what a change meant that came too late, beside what went out.
    PostToo,
    /// Delete on X what went out, and post what the change meant.
    Replace,
}

/// Which posts to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct PostQuery {
    /// Only these posts, of which those come back that the rest of the query lets through: so a list is
    /// patched after a change. Empty means all.
    pub ids: Vec<PostId>,
    /// A place of the rail.
    pub view: View,
    /// Only these statuses; empty means all of the view.
    pub statuses: Vec<Status>,
    /// Words to search for, and operators: `status:failed account:@ada has:link before:fri tag:launch`.
    pub search: Option<String>,
    /// Only this account.
    pub account: Option<XUserId>,
    /// Only this import.
    pub import: Option<ImportId>,
    /// Only the posts of this cause, as the list of causes calls it.
    pub cause: Option<String>,
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

/// A tag, to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TagRow {
    /// Its name.
    pub name: String,
    /// How many posts carry it.
    pub posts: u64,
}

/// A place of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PostPage {
    /// The rows asked for.
    pub posts: Vec<PostRow>,
    /// How many there are in all.
    pub total: u64,
    /// Whether there may be more than that: hits of words or of a tag are counted up to 1,000.
    #[serde(default)]
    pub total_is_at_least: bool,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
    /// Why a search finds nothing: one of its operators has no value that it knows.
    #[serde(default)]
    pub hint: Option<String>,
}
