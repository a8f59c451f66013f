//! What a person reads of an import.

use roost_core::failure::clip;
use roost_engine::ImportDone;
use roost_engine::api::{ImportColumn, ReportedProblem, ReportedProblems};
use roost_import::field::Field;
use roost_import::session::FieldChange;

use crate::format;
use crate::output::{counted, money, one_line};

/// Rows that are named of those that have the same problem.
const ROWS_NAMED_MAX: usize = 5;
/// Kinds of problems that are named.
const KINDS_NAMED_MAX: usize = 40;
/// Characters of a column's name that are repeated.
const NAME_CHARS_MAX: usize = 40;
/// Characters of a changed field that are shown on each side.
const SIDE_CHARS_MAX: usize = 60;

/// An import, to be put into words.
pub(super) struct Words<'d> {
    pub(super) source: &'d str,
    pub(super) done: &'d ImportDone,
}

/// A problem, and the rows that have it.
struct Kind<'d> {
    first: &'d ReportedProblem,
    rows: Vec<u32>,
}

impl Words<'_> {
    /// Returns one line for each kind of problem and column: errors first.
    pub(super) fn findings(&self) -> Vec<String> {
        let report = &self.done.report;
        let mut lines = Vec::new();
        for (problems, what) in [(&report.errors, "problem"), (&report.warnings, "warning")] {
            let kinds = kinds(problems);
            lines.extend(kinds.iter().take(KINDS_NAMED_MAX).map(|kind| self.line(kind)));
            let unlisted = problems.total.saturating_sub(problems.listed.len() as u64);
            let unnamed: usize = kinds.iter().skip(KINDS_NAMED_MAX).map(|it| it.rows.len()).sum();
            let rest = unlisted + unnamed as u64;
            if rest > 0 {
                let more = counted(rest, &format!("more {what}"), &format!("more {what}s"));
                lines.push(format!("… and {more}."));
            }
        }
        lines
    }

    fn line(&self, kind: &Kind<'_>) -> String {
        let Kind { first, rows } = kind;
        let place = match rows.as_slice() {
            [] => String::new(),
            [row] => format!("row {row}"),
            rows => format!("rows {}", named(rows)),
        };
        let field = first.field.as_ref().map(|field| one_line(field)).unwrap_or_default();
        let place: Vec<String> = [place, field].into_iter().filter(|it| !it.is_empty()).collect();
        let place =
            if place.is_empty() { String::new() } else { format!("{}: ", place.join(", ")) };
        let message = format!("{} {}", first.message, first.fix);
        one_line(&format!("{}: {place}{}", self.source, message.trim()))
    }

    /// Returns what to do about a file that was refused.
    pub(super) fn refusal(&self) -> Vec<String> {
        let (report, summary) = (&self.done.report, &self.done.summary);
        let problems = counted(report.errors.total, "problem", "problems");
        let rows = counted(summary.refused, "row", "rows");
        let place = if summary.refused > 0 { format!(" in {rows}") } else { String::new() };
        let mut lines = vec![format!("{problems}{place}. Nothing was imported.")];
        let good = summary.ready + summary.drafts;
        if good > 0 {
            lines.push(format!(
                "To import the other {good}: --problems skip leaves the {rows} out, --problems draft \
                 keeps them as drafts; --rejects FILE saves them to be mended."
            ));
        }
        if report.errors.listed.iter().any(|it| it.code == roost_core::failure::Code::TimeInPast) {
            lines.push(
                "For times in the past: --past skip leaves them out, --past draft keeps them as \
                 drafts, --past next-slot moves them to the next free time."
                    .to_owned(),
            );
        }
        if self.done.rejects > 0 {
            lines.push(format!(
                "{} saved with their reasons.",
                counted(self.done.rejects, "row is", "rows are")
            ));
        }
        lines
    }

    /// Returns what was imported, or would be.
    pub(super) fn people(&self) -> String {
        let ImportDone { report, summary, columns, plan, rejects, left_out, changed } = self.done;
        let takes = report.ready + report.drafts - summary.updated;
        let verb = if report.dry_run { "Would import" } else { "Imported" };
        let mut lines =
            vec![format!("{verb} {} from {}.", counted(takes, "post", "posts"), self.source)];
        let mut add = |name: &str, value: String| lines.push(format!("  {name:<11}{value}"));
        if report.dry_run {
            add("columns", columns.iter().map(column).collect::<Vec<_>>().join(", "));
        }
        add("scheduled", (report.ready - summary.updated.min(report.ready)).to_string());
        if summary.updated > 0 {
            add("changed", counted(summary.updated, "waiting post", "waiting posts"));
            for row in changed {
                let changes: Vec<String> = row.changes.iter().map(change).collect();
                add("", format!("row {}: {}", row.row, changes.join("; ")));
            }
            let more = summary.updated.saturating_sub(changed.len() as u64);
            if more > 0 {
                add("", format!("… and {}", counted(more, "more row", "more rows")));
            }
        }
        if report.drafts > 0 {
            add("drafts", report.drafts.to_string());
        }
        if report.skipped > 0 {
            add(
                "left out",
                format!("{} (of them {} there already)", report.skipped, report.duplicates),
            );
            for row in left_out {
                add("", format!("row {}: {}", row.row, one_line(&row.reason)));
            }
            let more = report.skipped.saturating_sub(left_out.len() as u64);
            if more > 0 {
                add("", format!("… and {}", counted(more, "more row", "more rows")));
            }
        }
        if let (Some(first), Some(last)) = (report.first_at, report.last_at) {
            let wall = |at| format::wall_time(at, &summary.zone);
            add("from", format!("{} to {}", wall(first), wall(last)));
            add("zone", summary.zone.clone());
        }
        // It matters where rows have ids: these count within it.
        let has_ids = columns.iter().any(|column| column.field == Some(Field::OwnId));
        if let Some(plan) = plan.as_ref().filter(|_| has_ids) {
            add("plan", one_line(plan));
        }
        add("cost", format!("{} ({} with a link)", money(report.cost_micros), summary.with_link));
        if *rejects > 0 {
            add(
                "saved",
                format!("{} with the reason beside each", counted(*rejects, "row", "rows")),
            );
        }
        lines.push(match report.import_id {
            Some(id) => format!("To take it back: roost undo-import {id}"),
            None if report.dry_run => "Nothing was written.".to_owned(),
            None if report.rows == 0 => {
                "The file's list of posts is empty: there is nothing to import.".to_owned()
            }
            None => "There was nothing left to import.".to_owned(),
        });
        lines.join("\n")
    }
}

/// Returns the name of several sources together.
pub(super) fn joint_name(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

fn column(column: &ImportColumn) -> String {
    let name = one_line(&clip(&column.name, NAME_CHARS_MAX));
    let name = if name.is_empty() { format!("column {}", column.index + 1) } else { name };
    match column.field {
        Some(field) => format!("{name} = {}", field.word()),
        None => format!("{name} (left out)"),
    }
}

/// Returns a field of a waiting post, before and after.
fn change(change: &FieldChange) -> String {
    let side = |text: &str| {
        let text = one_line(&clip(text, SIDE_CHARS_MAX));
        if text.is_empty() { "nothing".to_owned() } else { format!("\"{text}\"") }
    };
    format!("{} {} -> {}", change.field.word(), side(&change.before), side(&change.after))
}

/// Returns problems of one kind and column together, in the order of their first rows.
fn kinds(problems: &ReportedProblems) -> Vec<Kind<'_>> {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for problem in &problems.listed {
        let known = kinds.iter_mut().find(|kind| {
            kind.first.code == problem.code
                && column_of(kind.first) == column_of(problem)
                && kind.first.row.is_some() == problem.row.is_some()
        });
        match known {
            // What concerns the file as a whole is said in full.
            Some(kind) if problem.row.is_some() => kind.rows.extend(problem.row),
            _ => kinds.push(Kind { first: problem, rows: problem.row.into_iter().collect() }),
        }
    }
    kinds
}

/// Returns the field of a problem without the place in it: `thread` of `thread[2]`.
fn column_of(problem: &ReportedProblem) -> Option<&str> {
    problem.field.as_deref().map(|field| field.split('[').next().unwrap_or(field))
}

fn named(rows: &[u32]) -> String {
    let first: Vec<String> = rows.iter().take(ROWS_NAMED_MAX).map(ToString::to_string).collect();
    match rows.len().saturating_sub(ROWS_NAMED_MAX) {
        0 => match first.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => first.join(", "),
        },
        more => format!("{} and {more} more", first.join(", ")),
    }
}
