//! `roost export`

use std::path::Path;

use roost_core::status::Status;
use roost_engine::api::ExportFilter;
use roost_import::export::ExportFormat;

use crate::args::Export;
use crate::context::Context;
use crate::failure::Failure;
use crate::file;
use crate::output::{Exit, counted};

/// What is still to go out, or to be written.
fn undecided() -> Vec<Status> {
    vec![Status::Draft, Status::Pending, Status::Queued, Status::Held]
}

/// Returns the format that a file's name ends in.
fn named(path: &Path) -> Option<ExportFormat> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    ExportFormat::ALL.into_iter().find(|format| format.as_str() == ending)
}

pub(crate) async fn run(context: &Context, args: Export) -> Result<Exit, Failure> {
    if let Some(path) = &args.output {
        file::may_overwrite(path, args.force, &context.output)?;
    }
    let format = args.format.map(ExportFormat::from);
    let format = format.or_else(|| args.output.as_deref().and_then(named));
    let format = format.unwrap_or(ExportFormat::Json);
    let statuses = match args.status {
        _ if args.all => Vec::new(),
        none if none.is_empty() => undecided(),
        statuses => statuses,
    };
    let engine = context.plain_engine().await?;
    let filter = ExportFilter { statuses, account: None, import: args.import };
    let exported = engine.exported(format, filter).await?;
    let left_out = exported.left_out;
    if left_out > 0 {
        let posts = counted(left_out, "post", "posts");
        context
            .output
            .say(&format!("Left out {posts} without a time: a calendar has no place for them."));
    }
    let Some(path) = args.output else {
        context.output.bytes(&exported.bytes);
        return Ok(Exit::Done);
    };
    file::replace(&path, &exported.bytes)?;
    let posts = exported.posts;
    let document = serde_json::json!({ "posts": posts, "file": path, "left_out": left_out });
    context.output.result(&document, || {
        format!("Wrote {} to {}.", counted(posts, "post", "posts"), path.display())
    });
    Ok(Exit::Done)
}
