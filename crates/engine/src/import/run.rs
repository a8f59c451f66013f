//! An import in one go, as the command line does it: read, judged and committed, and nothing kept on the
//! way.

use std::ops::ControlFlow;
use std::path::PathBuf;

use roost_core::failure::Code;
use roost_core::id::ImportId;
use roost_import::choices::Choices;
use roost_import::format::Format;
use roost_import::session::{Edits, FieldChange, Outcome, RowFilter, Session};

use super::commit::{self, Judged};
use super::desk::session_error;
use super::session::{check, desk};
use super::{reading, recall, rejects, surroundings, view};
use crate::api::{ImportColumn, ImportReport, ImportSummary};
use crate::open_import::{Opened, Source, refused};
use crate::preferences::collision_minutes;
use crate::state::EngineState;
use crate::{Error, Result};

/// An import in one go.
#[derive(Debug, Clone, Default)]
pub struct ImportRun {
    /// Where the posts come from; the rows of several follow one another.
    pub sources: Vec<ImportBytes>,
    /// Defaults, policies and switches.
    pub choices: Choices,
    /// Which columns are which fields, in the words of the command line: `date=When,text=Copy`.
    pub map: String,
    /// The format, where the sources are not what they look like.
    pub format: Option<Format>,
    /// The sheet of a workbook that has several.
    pub sheet: Option<String>,
    /// The list of a JSON file that has several.
    pub list: Option<String>,
    /// The name of the person's own plan, within which the ids of rows count.
    pub plan: Option<String>,
    /// Where rows that are left out or refused are saved.
    pub rejects: Option<PathBuf>,
    /// Whether nothing is written but the rejects.
    pub dry_run: bool,
}

/// The bytes of a source.
#[derive(Debug, Clone)]
pub struct ImportBytes {
    /// What it is called in messages.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its file, where it is one: paths of images and videos begin at its folder.
    pub path: Option<PathBuf>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportStep {
    /// The bytes are taken apart.
    Reading {
        /// How many there are.
        bytes: u64,
    },
    /// Rows are judged.
    Judging {
        /// Rows that are.
        rows: u32,
        /// All of them.
        of: u32,
    },
    /// The posts are written.
    Writing {
        /// How many are.
        posts: u32,
        /// All of them.
        of: u32,
    },
}

/// What came of an import.
#[derive(Debug, Clone)]
pub struct ImportDone {
    /// What it did, or would do.
    pub report: ImportReport,
    /// The same in more detail.
    pub summary: ImportSummary,
    /// The columns, and what they were taken for.
    pub columns: Vec<ImportColumn>,
    /// The name of the person's own plan.
    pub plan: Option<String>,
    /// Rows that were saved as rejects.
    pub rejects: u64,
    /// The first of the rows that are left out, each with the reason.
    pub left_out: Vec<LeftOutRow>,
    /// The first of the rows that change a waiting post, each with what it changes.
    pub changed: Vec<ChangingRow>,
}

/// A row that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutRow {
    /// Its place in the source, from 1.
    pub row: u32,
    /// Why, in words.
    pub reason: String,
}

/// A row that changes a waiting post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangingRow {
    /// Its place in the source, from 1.
    pub row: u32,
    /// Each field that it changes, before and after.
    pub changes: Vec<FieldChange>,
}

/// Rows that are named of those that are left out, and of those that change a post.
const NAMED_MAX: u32 = 5;

/// Told how far an import is; answers whether to go on.
pub type ImportProgress = std::sync::Arc<dyn Fn(ImportStep) -> ControlFlow<()> + Send + Sync>;

/// Imports in one go, or says what that would do. When it is given up, nothing is written.
pub(crate) async fn run(
    state: &EngineState,
    run: ImportRun,
    progress: ImportProgress,
) -> Result<ImportDone> {
    let (desk, changes) = (desk(state), state.changes.clone());
    let done = state
        .blocking(move || {
            check(&run.choices)?;
            let all = run.sources.iter().map(|source| source.bytes.len() as u64).sum();
            go_on(&progress, ImportStep::Reading { bytes: all })?;
            let sources: Vec<Source> = run
                .sources
                .into_iter()
                .map(|it| Source { name: it.name, path: it.path, bytes: it.bytes })
                .collect();
            let opened = Opened {
                id: ImportId::new(desk.now),
                sources: sources.iter().map(Source::fingerprint).collect(),
                format: run.format,
                sheet: run.sheet,
                list: run.list,
                plan: run.plan,
                rows: 0,
                is_watched: false,
            };
            let choices = Choices {
                // No option names them: they are a setting.
                collision_minutes: desk.store.read(collision_minutes)?,
                ..run.choices
            };
            let table = reading::read(&sources, &reading::Wanted::of(&opened))?;
            std::mem::drop(sources);
            let mut mapping = recall::mapping(&desk.store, &table)?;
            mapping
                .set_by_words(&table, &run.map)
                .map_err(|error| refused(Code::BadRequest, error.to_string()))?;
            let rows = u32::try_from(table.len()).unwrap_or(u32::MAX);
            let watch = |judged| progress(ImportStep::Judging { rows: judged, of: rows });
            let (surroundings, mut after) =
                surroundings::read(&desk.store, &desk.config, desk.now)?;
            let mut session = Session::open_watched(
                table,
                mapping,
                choices,
                surroundings,
                Edits::default(),
                &watch,
            )
            .map_err(session_error)?;
            session.compare_texts(&watch).map_err(session_error)?;
            let (left_out, changed) = (left_out(&session)?, changed(&session)?);
            let saved = match &run.rejects {
                Some(path) => rejects::write(&session, path)?,
                None => 0,
            };
            let report = if run.dry_run {
                commit::report(&session, true, None)
            } else {
                let mut at = desk.now;
                let mut judged = Judged { session: &mut session, after: &mut after, at: &mut at };
                let writing = |posts, of| progress(ImportStep::Writing { posts, of });
                let watched = commit::Watched { judging: &watch, writing: &writing };
                commit::commit(&desk, &changes, &opened, &mut judged, watched)?
            };
            Ok(ImportDone {
                report,
                summary: view::summary(&session),
                columns: view::columns(&session),
                plan: session.table().defaults.plan.clone(),
                rejects: saved,
                left_out,
                changed,
            })
        })
        .await?;
    if done.report.import_id.is_some() {
        state.wake.notify_one();
    }
    Ok(done)
}

/// Returns the first rows that are left out, as they are judged before anything is written.
fn left_out(session: &Session) -> Result<Vec<LeftOutRow>> {
    let skipped = RowFilter { outcomes: vec![Outcome::Skipped], ..RowFilter::default() };
    let page = session.page(&skipped, 0, NAMED_MAX).map_err(session_error)?;
    let named = page.rows.into_iter().map(|it| LeftOutRow { row: it.row, reason: it.reason });
    Ok(named.collect())
}

/// Returns the first rows that change a waiting post, as that is before anything is written.
fn changed(session: &Session) -> Result<Vec<ChangingRow>> {
    if session.summary().updated == 0 {
        return Ok(Vec::new());
    }
    let updates = RowFilter { updates: true, ..RowFilter::default() };
    let page = session.page(&updates, 0, NAMED_MAX).map_err(session_error)?;
    let changing = page.rows.into_iter().filter_map(|it| {
        let changes = it.updates?.changes;
        Some(ChangingRow { row: it.row, changes })
    });
    Ok(changing.collect())
}

fn go_on(progress: &ImportProgress, step: ImportStep) -> Result<()> {
    match progress(step) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::ImportGivenUp),
    }
}
