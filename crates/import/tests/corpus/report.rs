//! What is shown of a file: short, so that a person reads it beside the file.

use std::fs;
use std::path::Path;

use roost_core::clock::UnixMillis;
use roost_import::choices::Choices;
use roost_import::error::ImportError;
use roost_import::finding::{Finding, Severity};
use roost_import::mapping::{ColumnUse, Mapping};
use roost_import::session::{RowView, Session, Summary};
use roost_import::source::{ReadOptions, read};
use roost_import::surroundings::Surroundings;
use roost_import::table::{Column, RawTable};
use serde_json::{Map, Value, json};

use crate::common::{assert_adds_up, views};
use crate::surroundings::{fixed, with_two_accounts};

/// Rows that a report shows; of longer files the first.
const ROWS_SHOWN: usize = 12;

/// What the names of files begin with that are judged while two accounts are connected.
const TWO_ACCOUNTS: &str = "two-accounts";

/// Returns the report of a file, judged with nothing chosen.
pub(crate) fn of(path: &Path) -> Value {
    let bytes = fs::read(path).expect("a file");
    let name = path.file_name().and_then(|name| name.to_str());
    match read(&bytes, name, &ReadOptions::default()) {
        Ok(table) if name.is_some_and(|name| name.starts_with(TWO_ACCOUNTS)) => {
            accepted(table, with_two_accounts())
        }
        Ok(table) => accepted(table, fixed()),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ImportError) -> Value {
    let problem = error.problem();
    json!({ "refused": { "code": problem.code, "message": problem.message, "remedy": problem.remedy } })
}

fn accepted(table: RawTable, surroundings: Surroundings) -> Value {
    let mapping = Mapping::recognise(&table);
    let columns: Vec<Value> =
        table.columns.iter().zip(&mapping.columns).map(|(it, used)| column(it, used)).collect();
    let mut report = Map::new();
    report.insert("format".into(), json!(table.format));
    report.insert("encoding".into(), json!(table.reading.encoding));
    report.insert("columns".into(), columns.into());
    let session =
        Session::open(table, mapping, Choices::default(), surroundings).expect("a session");
    assert_adds_up(&session);
    let file: Vec<Value> = session.file_findings().iter().map(finding).collect();
    report.insert("file".into(), file.into());
    let rows: Vec<Value> = views(&session).iter().take(ROWS_SHOWN).map(row).collect();
    report.insert("rows".into(), rows.into());
    report.insert("summary".into(), summary(session.summary()));
    report.into()
}

fn column(column: &Column, used: &ColumnUse) -> Value {
    let mut shown = Map::new();
    shown.insert("name".into(), json!(column.name));
    if used.field.is_some() {
        shown.insert("field".into(), json!(used.field));
        shown.insert("recognised_by".into(), json!(used.recognised_by));
    }
    if used.date_order.is_some() {
        shown.insert("date_order".into(), json!(used.date_order));
    }
    if let Some(question) = &used.question {
        shown.insert("question".into(), question.sentence().into());
    }
    shown.into()
}

fn row(row: &RowView) -> Value {
    let mut shown = Map::new();
    shown.insert("row".into(), row.row.into());
    shown.insert("line".into(), row.line.into());
    shown.insert("outcome".into(), json!(row.outcome));
    if !row.reason.is_empty() {
        shown.insert("reason".into(), row.reason.clone().into());
    }
    shown.insert("says".into(), row.parts.clone().into());
    if let Some(wall) = &row.when_wall {
        let instant = row.when_at.map_or_else(|| "no instant".to_owned(), utc);
        shown.insert("when".into(), format!("{wall} {} = {instant}", row.zone).into());
    }
    let findings: Vec<Value> = row.findings.iter().map(finding).collect();
    if !findings.is_empty() {
        shown.insert("findings".into(), findings.into());
    }
    shown.into()
}

fn finding(found: &Finding) -> Value {
    let Finding { problem, severity, fixes } = found;
    let mut shown = Map::new();
    let key = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    shown.insert(key.into(), json!(problem.code));
    if let Some(field) = &problem.field {
        shown.insert("field".into(), field.clone().into());
    }
    shown.insert("says".into(), format!("{} {}", problem.message, problem.remedy).trim().into());
    if !fixes.is_empty() {
        let labels: Vec<&str> = fixes.iter().map(|fix| fix.label.as_str()).collect();
        shown.insert("fixes".into(), labels.join("; ").into());
    }
    shown.into()
}

/// Returns what is counted, without what is zero and without what the rows show.
fn summary(summary: &Summary) -> Value {
    let mut shown = Map::new();
    let counts = [
        ("rows", i64::from(summary.rows)),
        ("ready", summary.ready.into()),
        ("drafts", summary.drafts.into()),
        ("skipped", summary.skipped.into()),
        ("refused", summary.refused.into()),
        ("duplicates", summary.duplicates.into()),
        ("past", summary.past.into()),
        ("cost_micros", summary.cost_micros),
    ];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        shown.insert(name.into(), count.into());
    }
    shown.insert("zone".into(), summary.zone.clone().into());
    if let (Some(first), Some(last)) = (summary.first_at, summary.last_at) {
        shown.insert("from".into(), utc(first).into());
        shown.insert("to".into(), utc(last).into());
    }
    shown.into()
}

fn utc(at: UnixMillis) -> String {
    let zone = roost_core::zone::Zone::parse("UTC").expect("a zone");
    format!("{}Z", roost_core::zone::wall_time_of(at, &zone))
}
