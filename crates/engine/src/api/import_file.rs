//! Importing a whole file: the options, and the report of what was or would be imported.

use roost_core::clock::UnixMillis;
use roost_core::failure::Problems;
use roost_core::id::ImportId;
use roost_core::post::{DuplicatePolicy, PastPolicy};
use serde::{Deserialize, Serialize};

/// How to import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct ImportOptions {
    /// The file's name, for messages and the list of imports.
    pub source: String,
    /// The account for posts that name none.
    pub account: Option<String>,
    /// The zone, for files that name none.
    pub zone: Option<String>,
    /// What to do with times in the past.
    pub past: PastPolicy,
    /// What to do with texts that are there already.
    pub duplicates: DuplicatePolicy,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FileReport {
    /// The file's name.
    pub source: String,
    /// The import; `None` for a rehearsal, a refused file, or when nothing was left to import.
    pub import_id: Option<ImportId>,
    /// Whether nothing was written because only a rehearsal was asked for.
    pub dry_run: bool,
    /// Rows in the file.
    pub rows: u64,
    /// Posts that were (or would be) scheduled.
    pub scheduled: u64,
    /// Posts that were (or would be) kept as drafts.
    pub drafts: u64,
    /// Rows left out because of their time or as duplicates.
    pub skipped: u64,
    /// Of these, duplicates.
    pub duplicates: u64,
    /// The first rows that were left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Posts with a link.
    pub with_link: u64,
    /// What posting all of it costs, in micro-dollars.
    pub cost_micros: i64,
    /// The first time.
    pub first_at: Option<UnixMillis>,
    /// The last time.
    pub last_at: Option<UnixMillis>,
    /// The zone of the times.
    pub zone: String,
    /// What must be mended; when there is one, nothing was written.
    pub errors: Problems,
    /// What the person should know.
    pub warnings: Problems,
}

/// A row that was left out of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LeftOut {
    /// Its place in the file, from 1.
    pub row: u32,
    /// Why, in plain words.
    pub reason: String,
}

/// What undoing an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Undone {
    /// Posts removed at once: they never left this computer.
    pub removed: u64,
    /// Posts whose withdrawal was asked for; they are cancelled with the relay's acknowledgement.
    pub cancelling: u64,
    /// Posts that stay: they are on X or being sent.
    pub kept: u64,
}

impl FileReport {
    /// The report of a file that was refused as a whole.
    pub(crate) fn nothing(zone: &roost_core::zone::Zone) -> Self {
        Self {
            source: String::new(),
            import_id: None,
            dry_run: false,
            rows: 0,
            scheduled: 0,
            drafts: 0,
            skipped: 0,
            duplicates: 0,
            left_out: Vec::new(),
            with_link: 0,
            cost_micros: 0,
            first_at: None,
            last_at: None,
            zone: zone.name().to_owned(),
            errors: Problems::default(),
            warnings: Problems::default(),
        }
    }
}
