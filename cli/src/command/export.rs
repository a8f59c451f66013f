//! `roost export`

use roost_core::status::Status;
use roost_engine::Engine;
use roost_engine::view::{PostQuery, PostRow};
use serde::Serialize;

use crate::args::Export;
use crate::context::Context;
use crate::failure::Failure;
use crate::file;
use crate::output::{Exit, counted};

/// A file that `roost import` reads again.
#[derive(Debug, Serialize)]
struct File {
    posts: Vec<Post>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Post {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_at: Option<String>,
    /// Only where it is one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    draft: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

/// What is still to go out, or to be written: the rest would be posted again, or not at all.
fn undecided() -> Vec<Status> {
    vec![Status::Draft, Status::Pending, Status::Queued, Status::Held]
}

/// A row as an import writes it; the parts of a thread are read one by one.
async fn post(engine: &Engine, row: PostRow) -> Result<Post, Failure> {
    let thread = if row.parts > 1 { Some(engine.post(row.id).await?.parts) } else { None };
    Ok(Post {
        // What has no time can only come back as a draft.
        draft: row.status == Status::Draft || row.wall_time.is_none(),
        content: thread.is_none().then_some(row.text),
        thread,
        timezone: row.wall_time.is_some().then_some(row.zone),
        scheduled_at: row.wall_time,
        account: row.username,
        tags: row.tags,
    })
}

pub(crate) async fn run(context: &Context, args: Export) -> Result<Exit, Failure> {
    const PAGE: u32 = 1_000;
    if let Some(path) = &args.output {
        file::may_overwrite(path, args.force, &context.output)?;
    }
    let engine = context.plain_engine().await?;
    let mut posts = Vec::new();
    let mut query = PostQuery {
        statuses: if args.status.is_empty() { undecided() } else { args.status },
        import: args.import,
        limit: PAGE,
        ..PostQuery::default()
    };
    loop {
        let page = engine.posts(&query).await?;
        for row in page.posts {
            posts.push(post(&engine, row).await?);
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let exported = File { posts };
    let Some(path) = args.output else {
        context.output.document(&exported);
        return Ok(Exit::Done);
    };
    let text = serde_json::to_string_pretty(&exported)
        .map_err(|error| Failure::work("internal", error.to_string()))?;
    file::replace(&path, (text + "\n").as_bytes())?;
    let count = exported.posts.len() as u64;
    context.output.result(&serde_json::json!({ "posts": count, "file": path }), || {
        format!("Wrote {} to {}.", counted(count, "post", "posts"), path.display())
    });
    Ok(Exit::Done)
}
