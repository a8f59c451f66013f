//! What a host is told of an import.

use std::collections::BTreeMap;
use std::path::PathBuf;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{ImportId, PostId, XUserId};
use roost_import::choices::Choices;
use roost_import::field::Field;
use roost_import::finding::{Fix, Severity};
use roost_import::format::Format;
use roost_import::mapping::{DateOrder, NumberDates, Question, RecognisedBy};
use roost_import::session::{FieldChange, Outcome};
use roost_import::surroundings::WeeklySlot;
use serde::{Deserialize, Serialize};

pub use crate::open_import::{ImportProgressNow, ImportStepName};

/// An import that is open: what it is read from, how it is taken, and what would come of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportSession {
    /// Its id; the import keeps it once it is committed.
    pub id: ImportId,
    /// The file's name, or what the text is called.
    pub source: String,
    /// The format of the source.
    pub format: Format,
    /// The sheets of a workbook that has several.
    pub sheets: Vec<String>,
    /// The sheet whose rows these are.
    pub sheet: Option<String>,
    /// The lists of a JSON file that has several.
    pub lists: Vec<String>,
    /// The list whose rows these are.
    pub list: Option<String>,
    /// The name of the person's own plan, within which the ids of rows count.
    pub plan: Option<String>,
    /// The columns, in the order of the source.
    pub columns: Vec<ImportColumn>,
    /// Defaults, policies and switches.
    pub choices: Choices,
    /// What would come of it.
    pub summary: ImportSummary,
    /// What is to be known of the source as a whole.
    pub file_findings: Vec<ImportFinding>,
    /// How many cells the person changed.
    pub cells_changed: u64,
    /// When it was opened.
    pub opened_at: UnixMillis,
}

/// A column of a source, and what it is taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportColumn {
    /// Its place, from 0.
    pub index: u16,
    /// Its name as the source writes it; empty where the source has no header.
    pub name: String,
    /// The first cells of it, three at most, each cut to a line.
    pub samples: Vec<String>,
    /// The field that it is; `None` is left out.
    pub field: Option<Field>,
    /// In which order its dates name day and month, where that matters.
    pub date_order: Option<DateOrder>,
    /// Why it is taken for that field.
    pub recognised_by: RecognisedBy,
    /// What its numbers count, where they are dates.
    pub numbers: Option<NumberDates>,
    /// What the person is to decide about it, as a question.
    pub question: Option<String>,
    /// The same as data, to answer it with a button.
    pub asks: Option<Question>,
}

/// What would come of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportSummary {
    /// Rows in the source.
    pub rows: u64,
    /// Rows that are scheduled, or change a waiting post.
    pub ready: u64,
    /// Rows that are kept as drafts.
    pub drafts: u64,
    /// Rows that are left out.
    pub skipped: u64,
    /// Rows with an error.
    pub refused: u64,
    /// Rows in which an error was found, whatever becomes of them.
    pub with_error: u64,
    /// Rows in which a warning was found, whatever becomes of them.
    pub with_warning: u64,
    /// Of the ready ones, those that change a waiting post.
    pub updated: u64,
    /// Of those left out, the ones that say what is there already.
    pub duplicates: u64,
    /// Rows whose time has passed, whatever becomes of them.
    pub past: u64,
    /// Posts that committing now would make or change; 0 while an error stands in the way.
    pub importable: u64,
    /// What posting the ready rows costs, in micro-dollars.
    pub cost_micros: i64,
    /// Ready rows with a link.
    pub with_link: u64,
    /// The first time at which one goes out.
    pub first_at: Option<UnixMillis>,
    /// The last.
    pub last_at: Option<UnixMillis>,
    /// The zone of rows that name none; days and months are those of its clocks.
    pub zone: String,
    /// What was found, by kind: errors first, each with how many rows have it.
    pub by_code: Vec<CodeCount>,
    /// Whether the texts of all rows have been compared; until then those that are nearly the same are
    /// still looked for, and `by_code` counts them as far as they are found.
    pub texts_compared: bool,
    /// How many posts go out on each day that has one, in order.
    pub days: Vec<DayCount>,
    /// What each month that has posts costs, in order.
    pub months: Vec<MonthCost>,
}

/// How many rows have a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CodeCount {
    /// The kind.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// The rows that have it.
    pub rows: u64,
    /// What it is called, in a few words.
    pub title: String,
    /// What can be done at once in all of these rows.
    pub fixes: Vec<Fix>,
}

/// How many posts go out on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DayCount {
    /// The day: `2027-03-01`.
    pub date: String,
    /// The posts.
    pub count: u64,
}

/// What a month costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MonthCost {
    /// The month: `2027-03`.
    pub month: String,
    /// What its posts cost, in micro-dollars.
    pub cost_micros: i64,
    /// The posts.
    pub posts: u64,
}

/// Something that was found in a row, or in the source as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportFinding {
    /// The kind.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// The row, from 1; none for the source as a whole.
    pub row: Option<u32>,
    /// The line on which the row begins, from 1.
    pub line: Option<u32>,
    /// The field, such as `scheduledAt` or `thread[2]`.
    pub field: Option<String>,
    /// What is so, in plain words.
    pub message: String,
    /// What to do about it, in plain words.
    pub remedy: String,
    /// What can be done about it at once.
    pub fixes: Vec<Fix>,
}

/// Rows of an open import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportRows {
    /// The rows, in the order of the source.
    pub rows: Vec<ImportRowView>,
    /// How many rows the filter lets through.
    pub total: u64,
}

/// A row of an open import, as it is judged now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportRowView {
    /// Its place in the source, from 1.
    pub row: u32,
    /// The line on which it begins, from 1; in a workbook the row of the sheet.
    pub line: u32,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why it is left out or a draft, in plain words.
    pub reason: Option<String>,
    /// What its cells say, as the person would change them.
    pub cells: BTreeMap<Field, String>,
    /// The fields that the person changed.
    pub changed: Vec<Field>,
    /// The texts of the post that it makes: one of a tweet, several of a thread.
    pub parts: Vec<String>,
    /// When, on the wall clock of `zone`: `2027-03-01 09:00`.
    pub when_wall: Option<String>,
    /// The instant that it means.
    pub when_at: Option<UnixMillis>,
    /// The zone of the wall time.
    pub zone: Option<String>,
    /// The account that posts it.
    pub account: Option<XUserId>,
    /// The account's handle, without `@`.
    pub username: Option<String>,
    /// What posting it costs, in micro-dollars.
    pub cost_micros: i64,
    /// X's length of its longest part.
    pub weighted_length: u32,
    /// The most that a part may have.
    pub length_limit: u32,
    /// Whether a part has a link.
    pub has_link: bool,
    /// The waiting post that it changes, as that is now.
    pub updates: Option<UpdatedPost>,
    /// What was found in it, errors first.
    pub findings: Vec<ImportFinding>,
}

/// A waiting post that a row changes, as it is before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdatedPost {
    /// The post.
    pub id: PostId,
    /// Its texts: one of a tweet, several of a thread.
    pub parts: Vec<String>,
    /// When it is planned, on the wall clock of its zone.
    pub when_wall: Option<String>,
    /// The instant that it means.
    pub when_at: Option<UnixMillis>,
    /// Each field that the row changes, before and after.
    pub changes: Vec<FieldChange>,
}

/// Rows that were changed, as they are judged now, and what would come of the import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportCellsSet {
    /// The rows whose cells were set, 500 at most. Others may be judged otherwise too, such as the twin
    /// of one that was changed.
    pub rows: Vec<ImportRowView>,
    /// What would come of the import.
    pub summary: ImportSummary,
}

/// What a fix did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportFixed {
    /// How many rows it changed.
    pub changed: u64,
    /// What would come of the import.
    pub summary: ImportSummary,
}

/// Imports that are open, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OpenImports {
    /// The open imports.
    pub imports: Vec<OpenImportRow>,
}

/// An import that was begun and neither committed nor dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OpenImportRow {
    /// The open import.
    pub session: ImportId,
    /// The file's name, or what the text is called.
    pub source: String,
    /// Rows in the source, as far as they were read in this process or the one before.
    pub rows: u64,
    /// How many cells the person changed.
    pub cells_changed: u64,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When something of it was changed last.
    pub changed_at: UnixMillis,
    /// Whether it was found in the watched folder, and waits for the person's yes.
    pub is_watched: bool,
    /// How its source is now.
    pub source_state: SourceState,
}

/// How the source of an open import is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// As it was when it was opened.
    Same,
    /// It says something else since: it has to be judged anew.
    Changed,
    /// It can't be read any more.
    Gone,
}

/// Rows that were written into a file of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RejectsFile {
    /// The file.
    pub path: PathBuf,
    /// The rows in it.
    pub rows: u64,
}

/// A file to fill in, whose times lie ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportTemplate {
    /// What such a file is called.
    pub file_name: String,
    /// What it holds; none for a workbook, and where it was written into a file.
    pub text: Option<String>,
    /// The file that was written.
    pub path: Option<PathBuf>,
}

/// Words that make a language model write a file of posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportPrompt {
    /// The words; a person goes on with what the posts are to be about.
    pub text: String,
    /// The zone on whose clocks the times are to stand.
    pub zone: String,
}

/// An account's weekly posting times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AccountSlots {
    /// X's id of the user.
    pub x_user_id: XUserId,
    /// The zone on whose clocks the times stand.
    pub zone: String,
    /// The times, in the order of the week.
    pub slots: Vec<WeeklySlot>,
    /// The same as a person writes it: `Mon-Fri 9:00, 13:00`.
    pub text: String,
    /// The next three of these times at which the account has no post yet.
    pub next_free: Vec<UnixMillis>,
}

/// A file of posts that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ExportedFile {
    /// The file.
    pub path: PathBuf,
    /// The posts in it.
    pub posts: u64,
    /// Posts that the format has no place for: a calendar has none for what has no time.
    pub left_out: u64,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportReport {
    /// Rows in the source.
    pub rows: u64,
    /// Rows that are (or would be) scheduled, or change (or would change) a waiting post.
    pub ready: u64,
    /// Posts that were made; 0 for a dry run.
    pub imported: u64,
    /// Waiting posts that were changed; for a dry run those that would be.
    pub updated: u64,
    /// Rows that are left out.
    pub skipped: u64,
    /// Of these, the ones that say what is there already.
    pub duplicates: u64,
    /// Rows whose time has passed, whatever becomes of them.
    pub past: u64,
    /// Rows that are (or would be) kept as drafts.
    pub drafts: u64,
    /// What posting the ready rows costs, in micro-dollars.
    pub cost_micros: i64,
    /// The first time at which one goes out.
    pub first_at: Option<UnixMillis>,
    /// The last.
    pub last_at: Option<UnixMillis>,
    /// Whether nothing was written because only a dry run was asked for.
    pub dry_run: bool,
    /// The import; none for a dry run, and where there was nothing to import.
    pub import_id: Option<ImportId>,
    /// What keeps rows from being imported.
    pub errors: ReportedProblems,
    /// What the person should know.
    pub warnings: ReportedProblems,
}

/// Problems of rows: all are counted, the first ones listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReportedProblems {
    /// How many there are.
    pub total: u64,
    /// The first ones, in the order of the source.
    pub listed: Vec<ReportedProblem>,
}

/// A problem of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReportedProblem {
    /// The row, from 1; none for the source as a whole.
    pub row: Option<u32>,
    /// The line on which the row begins, from 1.
    pub line: Option<u32>,
    /// The field, such as `scheduledAt` or `thread[2]`.
    pub field: Option<String>,
    /// The kind.
    pub code: Code,
    /// What is wrong, in plain words.
    pub message: String,
    /// What to do about it, in plain words.
    pub fix: String,
}

impl ImportReport {
    /// Returns the report of a source that was refused as a whole.
    #[must_use]
    pub fn refused(problem: &roost_core::failure::Problem) -> Self {
        let listed = ReportedProblem {
            row: problem.row,
            line: problem.line,
            field: problem.field.clone(),
            code: problem.code,
            message: problem.message.clone(),
            fix: problem.remedy.clone(),
        };
        let errors = ReportedProblems { total: 1, listed: vec![listed] };
        Self { errors, ..Self::default() }
    }
}
