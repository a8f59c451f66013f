//! Importing: options, the rehearsal, the list of imports.

use roost_core::failure::{Problem, Problems};
use roost_core::zone::Zone;
use roost_engine as engine;
use serde::{Deserialize, Serialize};

use super::post::same_words;
use crate::ipc::Type;
use crate::words;

/// How to take a file.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct ImportOptions {
    past: Past,
    duplicates: Duplicates,
}

/// What to do with times in the past.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Past {
    /// Refuse the file.
    Error,
    /// Leave those posts out.
    Skip,
    /// Keep them as drafts.
    Draft,
    /// Move them to the next free time.
    NextSlot,
}

/// What to do with texts that are there already.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Duplicates {
    /// Leave them out.
    Skip,
    /// Import them too.
    Keep,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportReport {
    /// The import, when something was written.
    import_id: Option<String>,
    name: String,
    rows: u64,
    scheduled: u64,
    drafts: u64,
    skipped: u64,
    duplicates: u64,
    with_link: u64,
    /// Micro-dollars.
    cost: i64,
    first_day: Option<String>,
    last_day: Option<String>,
    zone: String,
    /// The first errors; `error_count` counts all.
    errors: Vec<ImportRemark>,
    error_count: u64,
    warnings: Vec<ImportRemark>,
    warning_count: u64,
    /// The rows, in the file's order; only of a rehearsal.
    preview: Vec<PreviewRow>,
}

/// One thing to say about one row, or about the file.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct ImportRemark {
    row: Option<u32>,
    field: Option<String>,
    code: String,
    message: String,
    remedy: String,
}

/// One row of a file.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewRow {
    /// Its place in the file, from 1.
    pub row: u32,
    /// The text of the first part.
    pub text: String,
    /// How many parts it has.
    pub parts: usize,
    /// When, as the file writes it.
    pub when: String,
    /// Micro-dollars.
    pub cost: i64,
    /// Whether a part has a link.
    pub has_link: bool,
}

/// One import.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportRow {
    id: String,
    number: i64,
    source: String,
    imported_at: i64,
    posts: u64,
    posted: u64,
    open: u64,
    undone: bool,
}

/// What undoing an import did.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct Undone {
    removed: u64,
    /// Posts whose withdrawal was asked for.
    cancelling: u64,
    /// Posts that are on X or being sent.
    kept: u64,
}

impl ImportOptions {
    /// The engine's options for the file called `source`.
    pub(crate) fn for_file(self, source: String) -> engine::ImportOptions {
        engine::ImportOptions {
            source,
            past: self.past.into(),
            duplicates: self.duplicates.into(),
            ..engine::ImportOptions::default()
        }
    }
}

impl ImportReport {
    /// The report as a window in `zone` shows it.
    pub(crate) fn shown_in(
        zone: &Zone,
        report: engine::ImportReport,
        preview: Vec<PreviewRow>,
    ) -> Self {
        let day = |at| words::day_and_time(at, zone).0;
        Self {
            import_id: report.import_id.map(|id| id.to_string()),
            name: report.source,
            rows: report.rows,
            scheduled: report.scheduled,
            drafts: report.drafts,
            skipped: report.skipped,
            duplicates: report.duplicates,
            with_link: report.with_link,
            cost: report.cost_micros,
            first_day: report.first_at.map(day),
            last_day: report.last_at.map(day),
            zone: report.zone,
            error_count: report.errors.total,
            errors: remarks(report.errors),
            warning_count: report.warnings.total,
            warnings: remarks(report.warnings),
            preview,
        }
    }
}

fn remarks(problems: Problems) -> Vec<ImportRemark> {
    problems.listed.into_iter().map(Into::into).collect()
}

impl From<Problem> for ImportRemark {
    fn from(problem: Problem) -> Self {
        Self {
            row: problem.row,
            field: problem.field,
            code: problem.code.as_str().to_owned(),
            message: problem.message,
            remedy: problem.remedy,
        }
    }
}

impl From<engine::view::ImportRow> for ImportRow {
    fn from(import: engine::view::ImportRow) -> Self {
        Self {
            id: import.id.to_string(),
            number: import.number,
            source: import.source,
            imported_at: import.imported_at.0,
            posts: import.posts,
            posted: import.posted,
            open: import.open,
            undone: import.undone_at.is_some(),
        }
    }
}

impl From<engine::Undone> for Undone {
    fn from(undone: engine::Undone) -> Self {
        Self { removed: undone.removed, cancelling: undone.cancelling, kept: undone.kept }
    }
}

same_words!(Past => engine::PastPolicy: Error, Skip, Draft, NextSlot);
same_words!(Duplicates => engine::DuplicatePolicy: Skip, Keep);
