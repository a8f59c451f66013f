//! `roost posts …`

mod delete_on_x;
mod list;
mod replace;
mod resolve;
mod retry;
mod time_rules;
mod withdraw;
mod write;

use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::{Engine, Saved};

use super::bulk;
use super::carry_out::carry_out;
use super::detail::detail;
use super::query::{self, Choice};
use crate::args::Posts;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::Exit;
use list::list;
use replace::replace;
use resolve::resolve;
use retry::retry_all;
use withdraw::{Goal, on_x, withdrawn};
use write::{create, edit};

pub(crate) async fn run(context: &Context, command: Posts) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    match command {
        Posts::List(args) => list(context, &engine, args).await,
        Posts::Show(args) => show(context, &engine, args.id).await,
        Posts::Create(args) => create(context, &engine, args).await,
        Posts::Edit(args) => edit(context, &engine, args).await,
        Posts::Cancel(args) => {
            let usual = [Status::Pending, Status::Queued, Status::Held];
            let Choice::Posts(posts) =
                query::choose(context, &engine, args, "Cancel", &usual).await?
            else {
                return Ok(Exit::Done);
            };
            let cancelled = engine.cancel(&posts).await?;
            withdrawn(context, &engine, cancelled, &posts, Goal::Cancelled).await
        }
        Posts::Delete(args) => {
            let Choice::Posts(posts) = query::choose(context, &engine, args, "Delete", &[]).await?
            else {
                return Ok(Exit::Done);
            };
            let on_x = on_x(&engine, &posts).await?;
            let cancelled = engine.delete(&posts).await?;
            withdrawn(context, &engine, cancelled, &posts, Goal::Deleted { on_x }).await
        }
        Posts::Retry(args) => {
            let by_id = !args.ids.is_empty();
            let usual = [Status::Failed, Status::Missed];
            let Choice::Posts(posts) =
                query::choose(context, &engine, args, "Schedule again", &usual).await?
            else {
                return Ok(Exit::Done);
            };
            match posts.as_slice() {
                [post] if by_id => {
                    let saved = engine.retry(*post).await?;
                    saved_post(context, &engine, saved, "Scheduled again").await
                }
                posts => retry_all(context, &engine, posts).await,
            }
        }
        Posts::Resolve(args) => resolve(context, &engine, args).await,
        Posts::PostToo(args) => {
            let saved = engine.post_too(args.id).await?;
            saved_post(context, &engine, saved, "Scheduled").await
        }
        Posts::Replace(args) => replace(context, &engine, args.id).await,
        Posts::DeleteOnX(args) => Box::pin(delete_on_x::run(context, &engine, args)).await,
        Posts::TimeRules(args) => Box::pin(time_rules::run(context, &engine, args)).await,
        Posts::Times(command) => Box::pin(bulk::times(context, &engine, command)).await,
        Posts::Fields(command) => Box::pin(bulk::fields(context, &engine, command)).await,
    }
}

async fn saved_post(
    context: &Context,
    engine: &Engine,
    saved: Saved,
    verb: &str,
) -> Result<Exit, Failure> {
    carry_out(context, engine).await;
    let post = engine.post(saved.post.id).await?;
    for warning in &saved.warnings {
        context.output.say(&warning.to_string());
    }
    let relay = engine.sync_state().await?.relay;
    context.output.result(&post, || {
        let row = &post.row;
        format!("{verb}: {} ({}, {}).", row.id, format::state(row, &relay), format::when(row))
    });
    Ok(Exit::Done)
}

async fn show(context: &Context, engine: &Engine, id: PostId) -> Result<Exit, Failure> {
    let post = engine.post(id).await?;
    let relay = engine.sync_state().await?.relay;
    context.output.result(&post, || detail(&post, &relay));
    Ok(Exit::Done)
}
