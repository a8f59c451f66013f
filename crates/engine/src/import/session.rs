//! The operations on an import while it is open. Each runs where it may block.

use std::collections::HashMap;

use roost_core::failure::Code;
use roost_core::id::ImportId;
use roost_core::zone::Zone;
use roost_import::choices::Choices;
use roost_import::field::Field;
use roost_import::finding::FixId;
use roost_import::format::Format;
use roost_import::mapping::Mapping;
use roost_import::session::{CellChange, Edits, RowDecision, Scope, Session};

use super::desk::{Desk, NewSession, ReadAnew, Rows, session_error};
use super::{commit, reading, recall, rejects, source, surroundings, typed_time, view};
use crate::api::{
    ColumnChoice, DecideImportRows, FixImport, ImportCellsSet, ImportFixed, ImportReport,
    ImportRows, ImportRowsQuery, ImportSession, ImportStepName, ImportSummary, OpenImport,
    OpenImportRow, OpenImports, RejectsFile, ReopenImport, SaveImportRejects, SetImportCells,
    SetImportChoices, SetImportMapping, SetImportPart,
};
use crate::open_import::{Entry, Fingerprint, Held, Opened, Source, Work, joint_name, refused};
use crate::state::{EngineState, blocking};
use crate::{Change, Result};

/// Rows that are shown at once.
const ROWS_MAX: u32 = 500;
/// Rows that are shown when the request does not say how many.
const ROWS: u32 = 50;
/// Rows whose texts are compared at once: other operations wait for as long.
const COMPARED_ROWS: u32 = 4_096;
/// Cells that are set at once.
const CELLS_MAX: usize = 10_000;

/// Returns what an operation works with.
pub(super) fn desk(state: &EngineState) -> Desk {
    Desk {
        store: state.store.clone(),
        config: state.config.clone(),
        now: state.now(),
        sessions: state.open_imports.clone(),
        media: state.media.clone(),
    }
}

pub(crate) async fn open(state: &EngineState, open: OpenImport) -> Result<ImportSession> {
    let desk = desk(state);
    let opened = blocking(move || {
        let OpenImport { sources, choices, sheet, list, format, plan, work } = open;
        let work = desk.sessions.works().begin(work);
        let all = source::size(&sources);
        let watch = |bytes: u64| work.at(ImportStepName::Reading, bytes, all.max(bytes));
        let sources = source::read_all(sources, &watch)?;
        let opening = Opening { choices, sheet, list, format, plan, is_watched: false };
        let new = new_session(&desk, sources, opening, &work)?;
        desk.begin(new, |held| Ok(view::session(held)))
    })
    .await?;
    state.publish(Change::OpenImports);
    Ok(opened)
}

/// How sources are opened.
#[derive(Debug, Default)]
pub(super) struct Opening {
    /// Those that were made last where none are given.
    pub(super) choices: Option<Choices>,
    pub(super) sheet: Option<String>,
    pub(super) list: Option<String>,
    pub(super) format: Option<Format>,
    pub(super) plan: Option<String>,
    /// Whether the source was found in the watched folder.
    pub(super) is_watched: bool,
}

/// Judges sources; nothing is kept yet.
pub(super) fn new_session(
    desk: &Desk,
    mut sources: Vec<Source>,
    open: Opening,
    work: &Work,
) -> Result<NewSession> {
    let choices = match open.choices {
        Some(choices) => choices,
        None => recall::choices(&desk.store)?,
    };
    check(&choices)?;
    let mut opened = Opened {
        id: ImportId::new(desk.now),
        sources: sources.iter().map(Source::fingerprint).collect::<Vec<Fingerprint>>(),
        format: open.format,
        sheet: open.sheet,
        list: open.list,
        plan: open.plan,
        rows: 0,
        is_watched: open.is_watched,
    };
    let table = reading::read(&sources, &reading::Wanted::of(&opened))?;
    // A large file is not held beside its rows; texts that no file holds are kept with the journal.
    for source in sources.iter_mut().filter(|source| source.path.is_some()) {
        source.bytes = Vec::new();
    }
    opened.rows = table.len() as u64;
    let mapping = recall::mapping(&desk.store, &table)?;
    let (surroundings, judged_after) = surroundings::read(&desk.store, &desk.config, desk.now)?;
    let rows = opened.rows;
    let watch = |judged: u32| work.at(ImportStepName::Judging, judged.into(), rows);
    let session =
        Session::open_watched(table, mapping, choices, surroundings, Edits::default(), &watch)
            .map_err(session_error)?;
    Ok(NewSession { opened, sources, session, judged_after })
}

/// Refuses choices that are none.
pub(super) fn check(choices: &Choices) -> Result<()> {
    if let Some(zone) = &choices.zone {
        Zone::parse(zone)?;
    }
    Ok(())
}

pub(crate) async fn reopen(state: &EngineState, reopen: ReopenImport) -> Result<ImportSession> {
    let desk = desk(state);
    let anew = if reopen.read_anew { ReadAnew::Yes } else { ReadAnew::No };
    blocking(move || desk.with_source(reopen.session, anew, |held| Ok(view::session(held)))).await
}

pub(crate) async fn list(state: &EngineState) -> Result<OpenImports> {
    let desk = desk(state);
    blocking(move || {
        let folder = desk.sessions.folder();
        folder.clean(desk.now)?;
        let mut imports = Vec::new();
        for id in folder.ids()? {
            // One that can't be read hides no other.
            let Ok(Some(kept)) = folder.read(id) else { continue };
            if desk.store.read(|store| store.import(id))?.is_some() {
                // Committed, and the process ended before its journal was removed.
                desk.close_committed(id);
                continue;
            }
            imports.push(OpenImportRow {
                session: id,
                source: joint_name(&kept.opened.sources),
                rows: kept.opened.rows,
                cells_changed: kept.cells.len() as u64,
                opened_at: kept.opened_at,
                changed_at: kept.changed_at,
                is_watched: kept.opened.is_watched,
                source_state: view::source_state(&kept.opened.sources),
            });
        }
        imports.sort_by_key(|row| std::cmp::Reverse((row.opened_at, row.session)));
        Ok(OpenImports { imports })
    })
    .await
}

pub(crate) async fn rows(state: &EngineState, query: ImportRowsQuery) -> Result<ImportRows> {
    let desk = desk(state);
    let limit = if query.limit == 0 { ROWS } else { query.limit.min(ROWS_MAX) };
    blocking(move || {
        desk.with(query.session, |held| {
            let page = held.session.page(&query.filter, query.from, limit);
            Ok(view::rows(page.map_err(session_error)?, &held.session))
        })
    })
    .await
}

pub(crate) async fn set_cells(state: &EngineState, set: SetImportCells) -> Result<ImportCellsSet> {
    let SetImportCells { session, cells } = set;
    if cells.len() > CELLS_MAX {
        let message =
            format!("These are {} cells; at most {CELLS_MAX} are set at once.", cells.len());
        return Err(refused(Code::BadRequest, message));
    }
    let desk = desk(state);
    blocking(move || {
        desk.with(session, |held| {
            let cells = typed_time::in_digits(cells, &held.session, desk.now);
            let rows = held.session.set_cells(&cells).map_err(session_error)?;
            held.note(desk.now, Entry::Cells(cells))?;
            shown(&held.session, &rows)
        })
    })
    .await
}

pub(crate) async fn set_mapping(
    state: &EngineState,
    set: SetImportMapping,
) -> Result<ImportSession> {
    let desk = desk(state);
    blocking(move || {
        let work = desk.sessions.works().begin(Some(set.session.to_string()));
        desk.with(set.session, |held| {
            let mut mapping = held.session.mapping().clone();
            for choice in set.columns {
                let ColumnChoice { column, field, date_order, numbers } = choice;
                if usize::from(column) >= mapping.columns.len() {
                    let message = format!("There is no column {column}.");
                    return Err(refused(Code::BadRequest, message));
                }
                mapping.set(held.session.table(), column, field, date_order, numbers);
            }
            take_mapping(held, &desk, mapping, &work)?;
            Ok(view::session(held))
        })
    })
    .await
}

fn take_mapping(held: &mut Held, desk: &Desk, mapping: Mapping, work: &Work) -> Result<()> {
    let rows = held.opened.rows;
    let watch = |judged: u32| work.at(ImportStepName::Judging, judged.into(), rows);
    held.session.set_mapping(mapping, &watch).map_err(session_error)?;
    let mapping = held.session.mapping().clone();
    held.note(desk.now, Entry::Mapping(mapping))
}

pub(crate) async fn set_choices(
    state: &EngineState,
    set: SetImportChoices,
) -> Result<ImportSession> {
    let desk = desk(state);
    blocking(move || {
        check(&set.choices)?;
        let work = desk.sessions.works().begin(Some(set.session.to_string()));
        desk.with(set.session, |held| {
            let rows = held.opened.rows;
            let watch = |judged: u32| work.at(ImportStepName::Judging, judged.into(), rows);
            held.session.set_choices(set.choices.clone(), &watch).map_err(session_error)?;
            held.note(desk.now, Entry::Choices(set.choices))?;
            Ok(view::session(held))
        })
    })
    .await
}

pub(crate) async fn set_part(state: &EngineState, set: SetImportPart) -> Result<ImportSession> {
    let desk = desk(state);
    blocking(move || {
        let SetImportPart { session, sheet, list, plan } = set;
        let work = desk.sessions.works().begin(Some(session.to_string()));
        desk.with(session, |held| {
            let mut opened = held.opened.clone();
            let reading = &held.session.table().reading;
            let is_another =
                |part: &Option<String>, now: &Option<String>| part.is_some() && part != now;
            let are_others = is_another(&sheet, &reading.sheet) || is_another(&list, &reading.list);
            let rows = if are_others { Rows::Others } else { Rows::Same };
            opened.sheet = sheet.or(opened.sheet);
            opened.list = list.or(opened.list);
            opened.plan = plan.or(opened.plan);
            *held = desk.read_otherwise(held, opened, rows, &work)?;
            Ok(view::session(held))
        })
    })
    .await
}

pub(crate) async fn fix(state: &EngineState, fix: FixImport) -> Result<ImportFixed> {
    let desk = desk(state);
    blocking(move || {
        desk.with(fix.session, |held| {
            let scope = match (fix.row, fix.code) {
                (Some(row), _) => Scope::Row(row),
                (None, Some(code)) => Scope::Found(code),
                (None, None) => Scope::All,
            };
            let changed = apply(held, &desk, fix.fix, scope)?;
            Ok(ImportFixed { changed, summary: view::summary(&held.session) })
        })
    })
    .await
}

pub(crate) async fn compare_texts(state: &EngineState, session: ImportId) -> Result<ImportSummary> {
    let desk = desk(state);
    blocking(move || {
        desk.with(session, |held| {
            held.session.compare_some_texts(COMPARED_ROWS).map_err(session_error)?;
            Ok(view::summary(&held.session))
        })
    })
    .await
}

pub(crate) async fn commit(state: &EngineState, session: ImportId) -> Result<ImportReport> {
    let (desk, changes) = (desk(state), state.changes.clone());
    let report = blocking(move || {
        let work = desk.sessions.works().begin(Some(session.to_string()));
        let report = desk.with(session, |held| {
            let report = commit::commit_held(&desk, &changes, held, &work)?;
            if report.import_id.is_some()
                && let Err(error) = recall::keep_choices(&desk.store, held.session.choices())
            {
                tracing::warn!(%error, "an import is committed, and its choices are not remembered");
            }
            Ok(report)
        })?;
        if report.import_id.is_some() {
            if report.skipped > 0 {
                desk.sessions.keep_committed(session, desk.now);
            }
            desk.close_committed(session);
        }
        Ok(report)
    })
    .await?;
    if report.import_id.is_some() {
        state.publish(Change::OpenImports);
        state.wake.notify_one();
    }
    Ok(report)
}

pub(crate) async fn drop(state: &EngineState, session: ImportId) -> Result<()> {
    let desk = desk(state);
    blocking(move || desk.close(session)).await?;
    state.publish(Change::OpenImports);
    Ok(())
}

pub(crate) async fn save_rejects(
    state: &EngineState,
    save: SaveImportRejects,
) -> Result<RejectsFile> {
    let desk = desk(state);
    blocking(move || {
        let path = &save.path;
        // Those of an import that was committed just now are saved too.
        let committed =
            desk.sessions.with_committed(save.session, |session| rejects::write(session, path));
        let rows = match committed {
            Some(rows) => rows?,
            None => desk.with(save.session, |held| rejects::write(&held.session, path))?,
        };
        Ok(RejectsFile { path: save.path, rows })
    })
    .await
}

/// Returns rows that were judged anew, as far as they are shown at once.
fn shown(session: &Session, rows: &[u32]) -> Result<ImportCellsSet> {
    let rows = &rows[..rows.len().min(ROWS_MAX as usize)];
    let views = session.views(rows).map_err(session_error)?;
    let rows = views.into_iter().map(|row| view::row(row, session)).collect();
    Ok(ImportCellsSet { rows, summary: view::summary(session) })
}

/// Mends rows, and returns how many.
fn apply(held: &mut Held, desk: &Desk, fix: FixId, scope: Scope) -> Result<u64> {
    let before = held.session.edits();
    let choices = held.session.choices().clone();
    let fixed = held.session.apply(fix, scope).map_err(session_error)?;
    note_difference(held, desk, &before)?;
    if *held.session.choices() != choices {
        let choices = held.session.choices().clone();
        held.note(desk.now, Entry::Choices(choices))?;
    }
    Ok(fixed.fixed.len() as u64)
}

/// Notes what a fix changed: only that, since a file may have a hundred thousand changes before it.
fn note_difference(held: &mut Held, desk: &Desk, before: &Edits) -> Result<()> {
    let after = held.session.edits();
    let was: HashMap<(u32, Field), &str> =
        before.cells.iter().map(|it| ((it.row, it.field), it.text.as_str())).collect();
    let is_new = |it: &CellChange| was.get(&(it.row, it.field)) != Some(&it.text.as_str());
    let cells: Vec<CellChange> = after.cells.into_iter().filter(is_new).collect();
    let was: HashMap<u32, _> = before.decisions.iter().map(|it| (it.row, it.decision)).collect();
    let is_new = |it: &RowDecision| was.get(&it.row) != Some(&it.decision);
    let decisions: Vec<RowDecision> = after.decisions.into_iter().filter(is_new).collect();
    if !cells.is_empty() {
        held.note(desk.now, Entry::Cells(cells))?;
    }
    if !decisions.is_empty() {
        held.note(desk.now, Entry::Decisions(decisions))?;
    }
    Ok(())
}

pub(crate) async fn decide(
    state: &EngineState,
    decide: DecideImportRows,
) -> Result<ImportCellsSet> {
    let DecideImportRows { session, rows, decision } = decide;
    let desk = desk(state);
    blocking(move || {
        desk.with(session, |held| {
            let judged = held.session.decide(&rows, decision).map_err(session_error)?;
            let entry = match decision {
                Some(decision) => {
                    let decided = rows.iter().map(|row| RowDecision { row: *row, decision });
                    Entry::Decisions(decided.collect())
                }
                None => Entry::Undecided(rows),
            };
            held.note(desk.now, entry)?;
            shown(&held.session, &judged)
        })
    })
    .await
}
