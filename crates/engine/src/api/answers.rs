//! Answers that gather rows of other kinds, so that each can grow a field without breaking anybody.

use std::path::PathBuf;

use roost_core::clock::UnixMillis;
use roost_core::failure::Problem;
use roost_core::id::PostId;
use roost_core::zone::Zone;
use serde::{Deserialize, Serialize};

use crate::view::{
    AccountRow, Check, CheckHealth, Counts, ImportRow, Notice, SyncRunRow, SyncState, TagRow,
};
use crate::{Cancelled, Preferences, Stale};

/// What stands around every list: rail and status bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Overview {
    /// When this was read, by this computer's clock.
    pub now: UnixMillis,
    /// How many posts stand in each place of the rail.
    pub counts: Counts,
    /// The accounts known here.
    pub accounts: Vec<AccountRow>,
    /// Relay, scheduler, promise, costs, and what is in the way.
    pub sync: SyncState,
    /// What the person prefers; the zone among it.
    pub settings: Preferences,
    /// Notices that the person has not read.
    #[serde(default)]
    pub unread_notices: u64,
    /// The newest runs of handing over and of recovery, newest first.
    pub recent_runs: Vec<SyncRunRow>,
    /// What was told of the last end that nobody planned, until the person has read it.
    pub unclean_end: Option<Notice>,
}

/// The accounts known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Accounts {
    /// The accounts.
    pub accounts: Vec<AccountRow>,
}

/// Tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Tags {
    /// The tags, by name.
    pub tags: Vec<TagRow>,
}

/// Imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Imports {
    /// The imports, newest first.
    pub imports: Vec<ImportRow>,
}

/// Runs of handing over and of recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncRuns {
    /// The runs, newest first.
    pub runs: Vec<SyncRunRow>,
}

/// What X charged, by day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DailyCosts {
    /// Each day, the newest first; those on which nothing was charged too.
    pub days: Vec<DayCost>,
    /// The zone whose days they are.
    pub zone: String,
}

/// What X charged on one day. It does not fall when a post is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DayCost {
    /// The day, as 2027-03-01.
    pub date: String,
    /// Its first moment.
    pub from: UnixMillis,
    /// Posts that X took, the parts of threads counted each.
    pub parts: u64,
    /// Posts that X deleted, the parts of threads counted each.
    pub deletions: u64,
    /// What both cost, in micro-dollars, at the prices of that moment.
    pub cost_micros: i64,
}

/// Notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Notices {
    /// The notices, newest first.
    pub notices: Vec<Notice>,
    /// How many the person has not read, listed here or not.
    pub unread: u64,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Checks {
    /// The checks.
    pub checks: Vec<Check>,
    /// The worst of them.
    pub health: CheckHealth,
}

impl Checks {
    /// Returns checks with the worst of them.
    #[must_use]
    pub fn of(checks: Vec<Check>) -> Self {
        let health = checks.iter().map(|check| check.health).max().unwrap_or(CheckHealth::Good);
        Self { checks, health }
    }
}

/// A whole copy of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BackupFile {
    /// The file.
    pub path: PathBuf,
    /// When it was made.
    pub made_at: UnixMillis,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether it was made because an update of Roost was to change the store.
    #[serde(default)]
    pub is_from_before_update: bool,
}

impl From<roost_store::Backup> for BackupFile {
    fn from(backup: roost_store::Backup) -> Self {
        Self {
            path: backup.path,
            made_at: backup.made_at,
            bytes: backup.bytes,
            is_from_before_update: backup.format_before_update.is_some(),
        }
    }
}

/// The backups beside the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Backups {
    /// The backups, newest first.
    pub backups: Vec<BackupFile>,
}

/// What became of a test of the relay's alarms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AlarmTests {
    /// What became of it, channel by channel.
    pub tests: Vec<roost_relay_api::AlarmTest>,
}

/// The computers that may speak to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Devices {
    /// The computers, by name.
    pub devices: Vec<roost_relay_api::PairedDevice>,
}

/// Relays, other than the one in use, that hold posts of this store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Relays {
    /// The relays.
    pub relays: Vec<RelayLeftBehind>,
}

/// A relay, other than the one in use, that holds posts of this store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RelayLeftBehind {
    /// Its public address.
    pub relay: String,
    /// How many posts it may still send.
    pub posts: u64,
}

/// The time zones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Zones {
    /// Their IANA names, in alphabetical order.
    pub zones: Vec<String>,
}

impl Zones {
    /// Returns all of them.
    #[must_use]
    pub fn all() -> Self {
        Self { zones: Zone::names().iter().map(|name| (*name).to_owned()).collect() }
    }
}

/// How long texts are for X, and what posting them costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TextCount {
    /// Each text for itself.
    pub parts: Vec<PartCount>,
    /// What posting all of them costs, in micro-dollars.
    pub cost_micros: i64,
}

/// How long one text is for X, and what posting it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PartCount {
    /// Its length as X counts: a link is 23, an emoji 2.
    pub weighted: u32,
    /// The most this account may use.
    pub limit: u32,
    /// Where the text becomes too long, in UTF-16 units, as JavaScript counts; none where it fits.
    pub overflow_at: Option<u32>,
    /// Whether X would take it: neither empty, nor too long, nor with a character that X refuses.
    pub valid: bool,
    /// How many links it holds; one makes a post dear.
    pub links: u32,
    /// The words that X makes links of, as they stand in the text: `README.md` is one.
    #[serde(default)]
    pub linked: Vec<String>,
    /// What posting it costs, in micro-dollars.
    pub cost_micros: i64,
}

/// Texts that fit the account, in the place of those that were too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TextSplit {
    /// For each text that was asked about those that take its place, in order. One that fits stays as it is,
    /// and so do all where none is too long.
    pub parts: Vec<Vec<String>>,
}

/// Times that a composer offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Suggestions {
    /// The zone of the wall times.
    pub zone: String,
    /// The times, soonest first.
    pub times: Vec<Suggestion>,
}

/// A time that a composer offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Suggestion {
    /// What a button says: `Tomorrow morning`.
    pub label: String,
    /// The wall time: `2027-03-01 09:00`.
    pub wall_time: String,
    /// The instant that it means.
    pub at: UnixMillis,
}

/// What a person's words for a time mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct TimeRead {
    /// The wall time: `2027-03-01 09:00`; `None` when the words mean none.
    pub wall_time: Option<String>,
    /// The instant that it means.
    pub at: Option<UnixMillis>,
    /// The zone of the wall time.
    pub zone: String,
    /// Why the words mean no time.
    pub problem: Option<Problem>,
}

/// What became of a wish to remove posts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Deleted {
    /// Removed.
    pub deleted: Vec<PostId>,
    /// Asked for; the relay has not acknowledged yet.
    pub deleting: Vec<PostId>,
    /// Not now: it is being sent.
    pub too_late: Vec<PostId>,
    /// Changed after the version that the person saw: nothing was done with these.
    pub stale: Vec<Stale>,
    /// Those of them that stay on X: removing takes nothing from there.
    pub stays_on_x: Vec<PostId>,
}

impl Deleted {
    /// Returns a removal, which the engine treats as a cancellation, as what it is.
    #[must_use]
    pub fn of(done: Cancelled, on_x: Vec<PostId>) -> Self {
        let Cancelled { cancelled, cancelling, too_late, stale } = done;
        Self { deleted: cancelled, deleting: cancelling, too_late, stale, stays_on_x: on_x }
    }
}
