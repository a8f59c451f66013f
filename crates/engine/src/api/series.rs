//! Series: posts that repeat by a rule.

use roost_core::clock::UnixMillis;
use roost_core::failure::Problem;
use roost_core::id::{PostId, SeriesId, Version, XUserId};
use roost_core::post::Content;
use serde::{Deserialize, Serialize};

use crate::view::PostRow;

/// A post that is to repeat.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct NewSeries {
    /// What its posts say, in turn: X refuses an account's recent words.
    pub variants: Vec<Content>,
    /// How it repeats: a rule of RFC 5545, or words such as `every week on mon`.
    pub rule: String,
    /// The wall time from which it does: `2027-03-01 09:00`. Its time of day is that of all.
    pub first: String,
    /// The zone of all its wall times; `None` takes the store's.
    pub zone: Option<String>,
    /// The account, as handle with or without `@`, or as X user id; `None` takes the only one.
    pub account: Option<String>,
    /// The tags of its posts.
    pub tags: Vec<String>,
    /// Whether words may repeat within 48 hours, which X refuses as a rule.
    pub allow_repeats: bool,
}

/// What a series would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SeriesPreview {
    /// The rule as RFC 5545 writes it; empty where it can't be read.
    pub rule: String,
    /// The rule in words.
    pub description: String,
    /// Its next times, at most five.
    pub next: Vec<SeriesTime>,
    /// How many are still to come, where it ends; counted up to 10,000.
    pub remaining: Option<u32>,
    /// What each of its variants costs once, together, in micro-dollars.
    pub cycle_cost_micros: i64,
    /// How many posts it makes in the coming 30 days.
    pub month_posts: u32,
    /// What these cost, in micro-dollars.
    pub month_cost_micros: i64,
    /// What is in the way.
    pub errors: Vec<Problem>,
    /// What the person should know.
    pub warnings: Vec<Problem>,
}

/// A time of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SeriesTime {
    /// The wall time of the rule, by which the occurrence is named.
    pub occurrence: String,
    /// The instant.
    pub at: UnixMillis,
    /// What clocks show then: another time than the rule's where clocks skip that one.
    pub wall_time: String,
    /// Which of the variants it says, from 1.
    pub variant: u32,
}

/// Where a series stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SeriesStanding {
    /// It makes posts.
    Active,
    /// Its rule has no more times.
    Finished,
    /// The person ended it.
    Ended,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SeriesRow {
    /// The series.
    pub id: SeriesId,
    /// Its version: what a change of it is to be based on.
    pub version: Version,
    /// Where it stands.
    pub standing: SeriesStanding,
    /// The account that is to post it.
    pub account: Option<XUserId>,
    /// That account's handle, without `@`.
    pub username: Option<String>,
    /// What its posts say, in turn.
    pub variants: Vec<Content>,
    /// The rule as RFC 5545 writes it.
    pub rule: String,
    /// The rule in words.
    pub description: String,
    /// The wall time from which it holds.
    pub first: String,
    /// The zone of all its wall times.
    pub zone: String,
    /// The tags of its posts.
    pub tags: Vec<String>,
    /// The wall times that are left out.
    pub skipped: Vec<String>,
    /// Its next times, at most five; those that are left out are not among them.
    pub next: Vec<SeriesTime>,
    /// How many of its posts wait for their time.
    pub planned: u32,
    /// What each of its variants costs once, together, in micro-dollars.
    pub cycle_cost_micros: i64,
    /// How many posts it makes in the coming 30 days.
    pub month_posts: u32,
    /// What these cost, in micro-dollars.
    pub month_cost_micros: i64,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// A series with its posts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SeriesDetail {
    /// The series.
    pub series: SeriesRow,
    /// Its posts, in the order of their occurrences: the newest 20 that are decided, and all that wait.
    pub posts: Vec<PostRow>,
}

/// What became of a series that was made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SeriesSaved {
    /// The series as it is now.
    pub series: SeriesRow,
    /// Posts that were made.
    pub made: u32,
    /// Posts that were changed.
    pub changed: u32,
    /// Posts that were cancelled, or moved to the trash because the rule has no such time any more.
    pub removed: u32,
    /// Posts that stay as they are: each was changed by itself, or is being sent.
    pub kept: u32,
    /// What the person should know.
    pub warnings: Vec<Problem>,
}

/// Asks for series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default, deny_unknown_fields)]
pub struct ListSeries {
    /// Whether those that make no more posts are wanted too.
    pub all: bool,
}

/// The series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SeriesList {
    /// The series, the newest first.
    pub series: Vec<SeriesRow>,
}

/// Names a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct OneSeries {
    /// The series.
    pub id: SeriesId,
}

/// Changes a series, or what of it is still to come. What is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct EditSeries {
    /// The series.
    pub id: SeriesId,
    /// This post and all that follow; `None` changes all that wait.
    #[serde(default)]
    pub from: Option<PostId>,
    /// What its posts are to say, in turn.
    #[serde(default)]
    pub variants: Option<Vec<Content>>,
    /// How it is to repeat.
    #[serde(default)]
    pub rule: Option<String>,
    /// The wall time of the first that is changed; its time of day is that of all.
    #[serde(default)]
    pub first: Option<String>,
    /// The zone of all its wall times.
    #[serde(default)]
    pub zone: Option<String>,
    /// The account.
    #[serde(default)]
    pub account: Option<String>,
    /// The tags of its posts.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Whether words may repeat within 48 hours.
    #[serde(default)]
    pub allow_repeats: bool,
    /// The version that the person saw. When the series has another by now, nothing is changed.
    #[serde(default)]
    pub based_on: Option<Version>,
}

/// Leaves an occurrence of a series out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct SkipOccurrence {
    /// The series.
    pub id: SeriesId,
    /// The wall time of the rule, or its day alone: `2027-03-08`.
    pub occurrence: String,
}

/// Ends a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(deny_unknown_fields)]
pub struct EndSeries {
    /// The series.
    pub id: SeriesId,
    /// Whether the posts that it made already still go out; else they are cancelled.
    #[serde(default)]
    pub keep_posts: bool,
}
