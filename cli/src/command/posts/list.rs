//! `roost posts list`

use roost_engine::Engine;
use roost_engine::view::{PostPage, PostQuery, Reach, SyncState, View};
use roost_store::Cursor;

use crate::args::{List, ViewArg};
use crate::command::query;
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::output::{Exit, Table, counted, shortened};

pub(super) async fn list(context: &Context, engine: &Engine, args: List) -> Result<Exit, Failure> {
    let query = PostQuery {
        view: match args.view {
            ViewArg::All => View::All,
            ViewArg::Today => View::Today,
            ViewArg::Upcoming => View::Upcoming,
            ViewArg::Drafts => View::Drafts,
            ViewArg::NeedsYou => View::NeedsYou,
            ViewArg::Posted => View::Posted,
        },
        after: args.after,
        limit: args.limit,
        ..query::of(engine, args.query).await?
    };
    if let Some(Err(_)) = query.after.as_deref().map(str::parse::<Cursor>) {
        return Err(Failure::usage(
            "--after takes the place that the page before named at its end.",
        ));
    }
    let page = engine.posts(&query).await?;
    let SyncState { relay, blockers, .. } = engine.sync_state().await?;
    if matches!(args.view, ViewArg::NeedsYou) {
        let wanting = blockers.iter().filter(|blocker| blocker.needs_person);
        wanting.for_each(|blocker| context.output.say(&format::blocker(blocker)));
    }
    context.output.result(&page, || table(&page, &relay));
    Ok(Exit::Done)
}

fn table(page: &PostPage, relay: &Reach) -> String {
    if page.posts.is_empty() {
        return "No posts.".to_owned();
    }
    let mut table = Table::new(["id", "time", "state", "text"]);
    for row in &page.posts {
        table.row([
            row.id.to_string(),
            format::when(row),
            format::state(row, relay),
            shortened(&row.text, 60),
        ]);
    }
    let mut text = table.render();
    if let Some(next) = &page.next {
        let shown = page.posts.len();
        let total = match page.total_is_at_least {
            true => format!("{}+ posts", page.total),
            false => counted(page.total, "post", "posts"),
        };
        let more = format!("{shown} of {total}; --after {next} shows the next.");
        text.push_str(&more);
    }
    text
}
