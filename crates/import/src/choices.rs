//! What a person chooses about an import: defaults, policies and switches.

use roost_core::post::{DuplicatePolicy, PastPolicy};
use serde::{Deserialize, Serialize};

/// What a person chooses about an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Choices {
    /// The zone of rows that name none; `None` is the zone of the settings.
    pub zone: Option<String>,
    /// The account of rows that name none: a handle with or without `@`, or an id.
    pub account: Option<String>,
    /// What becomes of rows whose time has passed.
    pub past: PastPolicy,
    /// What becomes of rows that say what is there already.
    pub duplicates: DuplicatePolicy,
    /// What becomes of rows with an error.
    pub problems: ProblemPolicy,
    /// How a time that ends in `Z` or `+00:00` is read while a zone is named.
    pub utc_times: UtcTimes,
    /// Whether a column of links is appended to the text.
    pub append_links: bool,
    /// Whether a column of hashtags is appended to the text.
    pub append_hashtags: bool,
    /// Whether columns that are no field are kept as the post's note.
    pub keep_unknown_columns: bool,
    /// Whether a row whose id or text is known changes the waiting post instead of making a second.
    pub update: bool,
    /// Whether images and videos outside the file's own folder are taken in.
    pub media_outside: bool,
    /// Posts of an account closer to each other than this, in minutes, are warned of; 0 for none.
    pub collision_minutes: u32,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            zone: None,
            account: None,
            past: PastPolicy::default(),
            duplicates: DuplicatePolicy::default(),
            problems: ProblemPolicy::default(),
            utc_times: UtcTimes::default(),
            append_links: false,
            append_hashtags: false,
            keep_unknown_columns: false,
            update: false,
            media_outside: false,
            collision_minutes: 5,
        }
    }
}

/// What becomes of rows with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ProblemPolicy {
    /// One such row, and nothing is imported.
    #[default]
    Refuse,
    /// They become drafts, where they have a text.
    Draft,
    /// They are left out.
    Skip,
}

/// How a time that ends in `Z` or `+00:00` is read while a zone is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum UtcTimes {
    /// As the instant that it names.
    #[default]
    Instant,
    /// As a wall time of the zone, as if the mark were not there.
    WallTime,
}
