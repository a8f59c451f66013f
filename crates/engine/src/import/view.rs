//! An open import as hosts are shown it.

use roost_import::finding::{Finding, entry};
use roost_import::mapping::Question;
use roost_import::session::{RowPage, RowView, Session, UpdatedPost};
use roost_import::table::RawTable;

use super::source;
use crate::api::{
    CodeCount, DayCount, ImportColumn, ImportFinding, ImportRowView, ImportRows, ImportSession,
    ImportSummary, MonthCost, SourceState,
};
use crate::open_import::{Fingerprint, Held, joint_name};

/// Cells of a column that are shown beside its name.
const SAMPLES_MAX: usize = 3;
/// Characters of such a cell.
const SAMPLE_CHARS_MAX: usize = 80;
/// Rows that are looked through for them.
const SAMPLE_ROWS_MAX: usize = 200;

/// Returns an open import as a whole.
pub(super) fn session(held: &Held) -> ImportSession {
    let (session, table) = (&held.session, held.session.table());
    ImportSession {
        id: held.opened.id,
        source: joint_name(&held.opened.sources),
        format: table.format,
        sheets: table.reading.sheets.clone(),
        sheet: table.reading.sheet.clone(),
        lists: table.reading.lists.clone(),
        list: table.reading.list.clone(),
        plan: table.defaults.plan.clone(),
        columns: columns(session),
        choices: session.choices().clone(),
        summary: summary(session),
        file_findings: session.file_findings().into_iter().map(finding).collect(),
        cells_changed: session.edits().cells.len() as u64,
        opened_at: held.opened_at,
    }
}

pub(super) fn columns(session: &Session) -> Vec<ImportColumn> {
    let (table, mapping) = (session.table(), session.mapping());
    let column = |(place, (column, used)): (u16, (&roost_import::table::Column, _))| {
        let used: &roost_import::mapping::ColumnUse = used;
        ImportColumn {
            index: place,
            name: column.name.clone(),
            samples: samples(table, place),
            field: used.field,
            date_order: used.date_order,
            recognised_by: used.recognised_by,
            numbers: used.numbers,
            question: used.question.as_ref().map(Question::sentence),
            asks: used.question.clone(),
        }
    };
    (0..).zip(table.columns.iter().zip(&mapping.columns)).map(column).collect()
}

fn samples(table: &RawTable, column: u16) -> Vec<String> {
    let rows = table.rows().take(SAMPLE_ROWS_MAX);
    let cells = rows.filter_map(|row| row.cell(column).map(|cell| cell.text));
    let text = |text: &str| roost_core::failure::clip(text.trim(), SAMPLE_CHARS_MAX);
    cells.filter(|text| !text.trim().is_empty()).take(SAMPLES_MAX).map(text).collect()
}

/// Returns what would come of an import.
pub(super) fn summary(session: &Session) -> ImportSummary {
    let summary = session.summary().clone();
    let takes = summary.ready + summary.drafts;
    ImportSummary {
        rows: summary.rows.into(),
        ready: summary.ready.into(),
        drafts: summary.drafts.into(),
        skipped: summary.skipped.into(),
        refused: summary.refused.into(),
        with_error: summary.with_error.into(),
        with_warning: summary.with_warning.into(),
        updated: summary.updated.into(),
        duplicates: summary.duplicates.into(),
        past: summary.past.into(),
        importable: if summary.refused > 0 { 0 } else { takes.into() },
        cost_micros: summary.cost_micros,
        with_link: summary.with_link.into(),
        first_at: summary.first_at,
        last_at: summary.last_at,
        zone: summary.zone,
        by_code: summary.by_code.iter().map(code_count).collect(),
        texts_compared: summary.texts_compared,
        days: summary
            .days
            .into_iter()
            .map(|it| DayCount { date: it.date, count: it.count.into() })
            .collect(),
        months: summary
            .months
            .into_iter()
            .map(|it| MonthCost {
                month: it.month,
                cost_micros: it.cost_micros,
                posts: it.posts.into(),
            })
            .collect(),
    }
}

fn code_count(count: &roost_import::session::CodeCount) -> CodeCount {
    let known = entry(count.code);
    CodeCount {
        code: count.code,
        severity: count.severity,
        rows: count.rows.into(),
        title: known.map_or_else(|| count.code.text(), |entry| entry.title).to_owned(),
        fixes: known
            .map_or(&[][..], |entry| entry.fixes)
            .iter()
            .map(|id| roost_import::finding::Fix::new(*id))
            .collect(),
    }
}

/// Returns a page of rows.
pub(super) fn rows(page: RowPage, session: &Session) -> ImportRows {
    let rows = page.rows.into_iter().map(|it| row(it, session)).collect();
    ImportRows { rows, total: page.total.into() }
}

/// Returns a row.
pub(super) fn row(row: RowView, session: &Session) -> ImportRowView {
    let limit = length_limit(&row, session);
    ImportRowView {
        row: row.row,
        line: row.line,
        outcome: row.outcome,
        reason: Some(row.reason).filter(|reason| !reason.is_empty()),
        cells: row.cells,
        changed: row.changed,
        parts: row.parts,
        when_wall: row.when_wall,
        when_at: row.when_at,
        zone: Some(row.zone).filter(|zone| !zone.is_empty()),
        account: row.account,
        username: row.username,
        cost_micros: row.cost_micros,
        weighted_length: row.weighted_length,
        length_limit: limit,
        has_link: row.has_link,
        updates: row.updates.map(updated_post),
        findings: row.findings.into_iter().map(finding).collect(),
    }
}

fn length_limit(row: &RowView, session: &Session) -> u32 {
    let accounts = &session.surroundings().accounts;
    let known = accounts.iter().find(|known| Some(&known.id) == row.account.as_ref());
    let limits = known.and_then(|known| known.limits.as_ref());
    let subscription = known.map(|known| known.subscription).unwrap_or_default();
    limits.unwrap_or(&session.surroundings().limits).length_for(subscription)
}

fn updated_post(post: UpdatedPost) -> crate::api::UpdatedPost {
    let UpdatedPost { id, parts, when_wall, when_at, changes } = post;
    crate::api::UpdatedPost { id, parts, when_wall, when_at, changes }
}

/// Returns a finding, flat.
pub(super) fn finding(found: Finding) -> ImportFinding {
    let Finding { problem, severity, fixes } = found;
    ImportFinding {
        code: problem.code,
        severity,
        row: problem.row,
        line: problem.line,
        field: problem.field,
        message: problem.message,
        remedy: problem.remedy,
        fixes,
    }
}

/// Returns how the sources are now: the worst of them.
pub(super) fn source_state(sources: &[Fingerprint]) -> SourceState {
    let states: Vec<SourceState> = sources.iter().map(source::state).collect();
    for worst in [SourceState::Gone, SourceState::Changed] {
        if states.contains(&worst) {
            return worst;
        }
    }
    SourceState::Same
}
