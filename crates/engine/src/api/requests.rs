//! The requests of operations that are no more than an id, a flag or a handful of fields. The larger
//! ones stand beside: `post_change`.

use std::path::PathBuf;

use roost_core::cost::Prices;
use roost_core::id::{ImportId, PostId, XUserId};
use roost_core::notice::NoticeChannels;
use roost_core::post::{Content, LatePolicy};
use serde::{Deserialize, Serialize};

use crate::{Edit, Finding, Target, WhenDisconnected};

/// Asks for nothing in particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Tells how far to look for trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct CheckHealthOf {
    /// Whether a test delivery goes the whole way, and each sign-in is proven with X.
    #[serde(default)]
    pub live: bool,
}

/// Names a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OnePost {
    /// The post.
    pub id: PostId,
}

/// Names several posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ManyPosts {
    /// The posts.
    pub posts: Vec<Target>,
}

/// Changes a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct EditPost {
    /// The post.
    pub id: PostId,
    /// What to change of it.
    pub change: Edit,
}

/// Settles a post that needs a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ResolvePost {
    /// The post.
    pub post: Target,
    /// What the person found out.
    pub finding: Finding,
}

/// Names an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OneAccount {
    /// X's id of the user.
    pub x_user_id: XUserId,
}

/// Names an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OneImport {
    /// The import.
    pub id: ImportId,
}

/// Names a relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OneRelay {
    /// The relay's public address.
    pub relay: String,
}

/// Names a computer that may speak to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OneDevice {
    /// Its name in the relay's list.
    pub name: String,
}

/// Asks how long texts are for X.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct CountText {
    /// The texts: one for a tweet, several for a thread.
    pub parts: Vec<String>,
    /// The account that is to post them, as handle or X user id; `None` takes the only one.
    pub account: Option<String>,
}

/// Asks for the thread that texts which are too long are split into.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct SplitText {
    /// The texts: one for a tweet, several for a thread.
    pub parts: Vec<String>,
    /// The account that is to post them, as handle or X user id; `None` takes the only one.
    pub account: Option<String>,
    /// Whether each part ends with its number and how many there are: ` 2/5`.
    pub numbered: bool,
}

/// Asks for times at which to post.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct SuggestTimes {
    /// The zone on whose clocks the times are round; `None` takes the store's.
    pub zone: Option<String>,
    /// The account that is to post, as handle or X user id; `None` takes the only one.
    pub account: Option<String>,
}

/// Asks what a person's words for a time mean.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ReadTime {
    /// The words: `tue 9`, `in 3h`, `tomorrow 18:30`, `next slot`.
    pub text: String,
    /// The zone on whose clocks they are meant; `None` takes the store's.
    pub zone: Option<String>,
    /// The account whose posting times count, as handle or X user id; `None` takes the only one.
    pub account: Option<String>,
    /// The time of day of a day that is named alone, such as `09:00`, which is taken without it.
    pub usual: Option<String>,
}

/// Pauses everything or one account, or goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SetPaused {
    /// Whether it is to be paused.
    pub paused: bool,
    /// The account, as handle or X user id; `None` for everything.
    #[serde(default)]
    pub account: Option<String>,
}

/// What the person wants otherwise. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ChangeSettings {
    /// The zone in which the person thinks.
    pub zone: Option<String>,
    /// Windows to hand over, counting the current one.
    pub horizon_windows: Option<u32>,
    /// Travel mode: the horizon reaches as far as the scheduler's plan allows; `false` is the usual
    /// horizon again.
    pub travel: Option<bool>,
    /// The longest delay that the scheduler's plan takes, in days.
    pub plan_delay_days: Option<u32>,
    /// What to do with posts that were never handed over in time.
    pub late: Option<LatePolicy>,
    /// What to do with an account's posts when X no longer accepts its sign-in.
    pub when_disconnected: Option<WhenDisconnected>,
    /// What X charges for a post.
    pub prices: Option<Prices>,
    /// An import warns of posts of an account that are closer to each other than this, in minutes; 0
    /// for none.
    pub collision_minutes: Option<u32>,
    /// The folder whose files are opened as imports that wait for the person's yes; an empty path for
    /// none.
    pub watched_folder: Option<PathBuf>,
    /// What the backups beside the store may take together, in bytes.
    pub backup_bytes_max: Option<u64>,
    /// Whether the window's program starts, hidden, when the person logs in.
    pub start_at_login: Option<bool>,
    /// How the person is told of what.
    pub notices: Option<NoticeChannels>,
    /// What X may charge in a month before Roost warns, in micro-dollars; 0 for no warning.
    pub month_budget_micros: Option<i64>,
}

/// Keeps a change beside its post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct KeepUnsavedEdit {
    /// The post.
    pub id: PostId,
    /// All that it is to say.
    pub content: Content,
    /// The wall time; without one it stays as it is.
    #[serde(default)]
    pub wall_time: Option<String>,
    /// The zone of the wall time.
    #[serde(default)]
    pub zone: Option<String>,
    /// The account; without one it stays as it is.
    #[serde(default)]
    pub account: Option<String>,
}

/// Asks for runs of handing over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListSyncRuns {
    /// Runs at most; 0 means 20.
    pub limit: u32,
}

/// Asks for what X charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListDailyCosts {
    /// Days up to today, at most 366; 0 means 30.
    pub days: u32,
}

/// Asks for notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListNotices {
    /// Whether those that the person has read are wanted too.
    pub all: bool,
    /// Notices at most; 0 means 50.
    pub limit: u32,
    /// Whether those of one cause are wanted as one.
    pub grouped: bool,
}

/// Notes that notices were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct ReadNotices {
    /// The id of the newest one that the person read; all older ones are read with it.
    pub up_to: i64,
}

/// Asks for a backup.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct BackUp {
    /// The file to write; `None` makes a dated one beside the store.
    pub to: Option<PathBuf>,
}
