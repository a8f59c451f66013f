//! `roost import`

use roost_engine::{DuplicatePolicy, FileReport, ImportOptions, PastPolicy};

use crate::args::{DuplicatesArg, Import, PastArg};
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::input;
use crate::output::{Exit, counted, money};

pub(crate) async fn run(context: &Context, args: Import) -> Result<Exit, Failure> {
    let bytes = input::read(&args.file).await?;
    let options = ImportOptions {
        source: input::name(&args.file),
        account: args.account,
        zone: args.zone,
        past: match args.past {
            PastArg::Error => PastPolicy::Error,
            PastArg::Skip => PastPolicy::Skip,
            PastArg::Draft => PastPolicy::Draft,
            PastArg::NextSlot => PastPolicy::NextSlot,
        },
        duplicates: match args.duplicates {
            DuplicatesArg::Skip => DuplicatePolicy::Skip,
            DuplicatesArg::Keep => DuplicatePolicy::Keep,
        },
    };
    let engine = context.plain_engine().await?;
    let report = engine.import(bytes, options, args.dry_run).await?;
    if !report.errors.is_empty() {
        return Err(refused(&report));
    }
    for warning in &report.warnings.listed {
        context.output.say(&format!("{}: {warning}", report.source));
    }
    context.output.result(&report, || people(&report));
    Ok(Exit::Done)
}

/// A refused file: every error on its own line, and what was not done.
fn refused(report: &FileReport) -> Failure {
    let mut lines: Vec<String> = report
        .errors
        .listed
        .iter()
        .map(|problem| format!("{}: {problem}", report.source))
        .collect();
    let untold = report.errors.total.saturating_sub(report.errors.listed.len() as u64);
    if untold > 0 {
        lines.push(format!("… and {}.", counted(untold, "more problem", "more problems")));
    }
    let told = counted(report.errors.total, "problem", "problems");
    lines.push(format!("{told}. Nothing was imported."));
    let code = report.errors.listed.first().map_or("internal", |problem| problem.code.as_str());
    Failure::work(code, lines.join("\n")).with_details(report)
}

fn people(report: &FileReport) -> String {
    let imported = report.scheduled + report.drafts;
    let verb = if report.dry_run { "Would import" } else { "Imported" };
    let mut lines =
        vec![format!("{verb} {} from {}.", counted(imported, "post", "posts"), report.source)];
    let mut add = |name: &str, value: String| lines.push(format!("  {name:<11}{value}"));
    add("scheduled", report.scheduled.to_string());
    if report.drafts > 0 {
        add("drafts", report.drafts.to_string());
    }
    if report.skipped > 0 {
        add(
            "left out",
            format!("{} (of them {} there already)", report.skipped, report.duplicates),
        );
        for row in &report.left_out {
            add("", format!("row {}: {}", row.row, row.reason));
        }
        let untold = report.skipped.saturating_sub(report.left_out.len() as u64);
        if untold > 0 {
            add("", format!("… and {}", counted(untold, "more", "more")));
        }
    }
    if let (Some(first), Some(last)) = (report.first_at, report.last_at) {
        let wall = |at| format::wall_time(at, &report.zone);
        add("from", format!("{} to {}", wall(first), wall(last)));
        add("zone", report.zone.clone());
    }
    add("cost", format!("{} ({} with a link)", money(report.cost_micros), report.with_link));
    match report.import_id {
        Some(id) => lines.push(format!("To take it back: roost undo-import {id}")),
        None if report.dry_run => lines.push("Nothing was written.".to_owned()),
        None if report.rows == 0 => {
            lines.push("The file's list of posts is empty: there is nothing to import.".to_owned());
        }
        None => lines.push("There was nothing left to import.".to_owned()),
    }
    lines.join("\n")
}
