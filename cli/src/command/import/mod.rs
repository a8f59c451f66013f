//! `roost import`

mod progress;
mod words;

use roost_core::failure::Code;
use roost_engine::api::ImportReport;
use roost_engine::{DuplicatePolicy, Error, ImportBytes, ImportDone, ImportRun, PastPolicy};
use roost_import::choices::{Choices, ProblemPolicy, UtcTimes};
use roost_import::format::Format;

use crate::args::{DuplicatesArg, Import, ImportFormatArg, PastArg, ProblemsArg, UtcTimesArg};
use crate::context::Context;
use crate::failure::{Failure, Fault};
use crate::input;
use crate::output::Exit;

pub(crate) async fn run(context: &Context, args: Import) -> Result<Exit, Failure> {
    let names: Vec<String> = args.files.iter().map(|file| input::name(file)).collect();
    let source = words::joint_name(&names);
    let mut sources = Vec::with_capacity(args.files.len());
    for (file, name) in args.files.iter().zip(names) {
        sources.push(ImportBytes {
            path: (file != "-").then(|| file.into()),
            name,
            bytes: input::read(file).await?,
        });
    }
    let run = wanted(args, sources);
    let engine = context.plain_engine().await?;
    let watched = progress::Watched::begin();
    let done = engine.run_import(run, watched.listener()).await;
    watched.end();
    let done = done.map_err(refused_as_a_whole)?;
    let words = words::Words { source: &source, done: &done };
    if is_refused(&done) {
        return Err(refused(&words));
    }
    for line in words.findings() {
        context.output.say(&line);
    }
    context.output.result(&done.report, || words.people());
    Ok(if done.report.errors.total > 0 { Exit::Partly } else { Exit::Done })
}

fn wanted(args: Import, sources: Vec<ImportBytes>) -> ImportRun {
    let choices = Choices {
        zone: args.zone,
        account: args.account,
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
        problems: match args.problems {
            ProblemsArg::Refuse => ProblemPolicy::Refuse,
            ProblemsArg::Draft => ProblemPolicy::Draft,
            ProblemsArg::Skip => ProblemPolicy::Skip,
        },
        utc_times: match args.utc_times {
            UtcTimesArg::Wall => UtcTimes::WallTime,
            UtcTimesArg::Instant => UtcTimes::Instant,
        },
        update: args.update,
        media_outside: args.media_outside,
        ..Choices::default()
    };
    ImportRun {
        sources,
        choices,
        map: args.map.join(","),
        format: args.format.map(format),
        sheet: args.sheet,
        list: args.list,
        plan: args.plan,
        rejects: args.rejects,
        dry_run: args.dry_run,
    }
}

const fn format(format: ImportFormatArg) -> Format {
    match format {
        ImportFormatArg::Json => Format::Json,
        ImportFormatArg::JsonLines => Format::JsonLines,
        ImportFormatArg::Csv => Format::Csv,
        ImportFormatArg::Tsv => Format::Tsv,
        ImportFormatArg::Xlsx => Format::Xlsx,
        ImportFormatArg::Ods => Format::Ods,
        ImportFormatArg::Text => Format::Text,
        ImportFormatArg::Markdown => Format::Markdown,
        ImportFormatArg::XArchive => Format::XArchive,
    }
}

/// Returns whether errors keep everything out: those of rows, or one of a file without any post.
const fn is_refused(done: &ImportDone) -> bool {
    let ImportDone { report, summary, .. } = done;
    let takes_nothing = report.ready + report.drafts == 0;
    report.import_id.is_none()
        && (summary.refused > 0 || (report.errors.total > 0 && takes_nothing))
}

/// A file whose rows have errors: what is wrong, and what was not done.
fn refused(words: &words::Words<'_>) -> Failure {
    let ImportDone { report, .. } = words.done;
    let mut lines = words.findings();
    lines.extend(words.refusal());
    let code = report.errors.listed.first().map_or("internal", |problem| problem.code.as_str());
    Failure::work(code, lines.join("\n")).with_details(report)
}

/// A file that no row of was looked at.
fn refused_as_a_whole(error: Error) -> Failure {
    let problem = match &error {
        Error::Source { problem, .. } => Some(ImportReport::refused(problem)),
        _ => None,
    };
    let given_up = matches!(error, Error::ImportGivenUp);
    // Words of the command line, such as a column that the file does not have.
    let is_usage = error.code() == Code::BadRequest;
    let mut failure = Failure::from(error);
    if !given_up {
        failure.message.push_str(" Nothing was imported.");
    }
    if is_usage {
        failure.fault = Fault::Usage;
    }
    match problem {
        Some(report) => failure.with_details(&report),
        None => failure,
    }
}
