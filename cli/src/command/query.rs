//! Posts by a query, and whether the person means all of them.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Version};
use roost_core::status::Status;
use roost_core::zone::{WallTime, Zone, resolve};
use roost_engine::view::{PostQuery, PostRow, Reach};
use roost_engine::{Engine, Target};

use crate::args::{Chosen, Query};
use crate::context::Context;
use crate::failure::Failure;
use crate::file;
use crate::format;
use crate::output::{Table, counted, shortened};

/// Rows that a rehearsal shows to people.
const SHOWN: usize = 20;
const PAGE: u32 = 1_000;

/// The posts that a command is for.
pub(crate) enum Choice {
    /// These; the person agreed.
    Posts(Vec<Target>),
    /// It was a rehearsal, and was told.
    Rehearsed,
}

/// The engine's query for what was typed.
pub(crate) async fn of(engine: &Engine, query: Query) -> Result<PostQuery, Failure> {
    let zone = Zone::parse(&engine.preferences().await?.zone)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let at = |time: Option<String>| time.map(|time| instant(&time, &zone)).transpose();
    Ok(PostQuery {
        statuses: query.status,
        search: query.search,
        account: match query.account {
            Some(handle) => Some(engine.account_named(&handle).await?),
            None => None,
        },
        import: query.import,
        tag: query.tag,
        from: at(query.from)?,
        until: at(query.until)?,
        ..PostQuery::default()
    })
}

/// The instant of a wall time, or of the beginning of a day, on the clocks of the settings.
pub(crate) async fn instant_of(engine: &Engine, text: &str) -> Result<UnixMillis, Failure> {
    let zone = Zone::parse(&engine.preferences().await?.zone)
        .map_err(|error| Failure::usage(error.to_string()))?;
    instant(text, &zone)
}

/// A wall time, or the beginning of a day.
fn instant(text: &str, zone: &Zone) -> Result<UnixMillis, Failure> {
    let midnight = format!("{} 00:00", text.trim());
    let wall = WallTime::parse(text).or_else(|error| WallTime::parse(&midnight).map_err(|_| error));
    let wall = wall.map_err(|error| {
        Failure::usage(format!("{error}. Write a day or a time: 2027-03-01, \"2027-03-01 09:00\"."))
    })?;
    Ok(resolve(&wall, zone).instant)
}

/// The posts that are meant: by their ids, or by a query, of which the person is told the number and
/// agrees. `usual` are the statuses of a query that names none.
pub(crate) async fn choose(
    context: &Context,
    engine: &Engine,
    chosen: Chosen,
    verb: &str,
    usual: &[Status],
) -> Result<Choice, Failure> {
    let Chosen { ids, mut query, dry_run, yes, if_version } = chosen;
    if if_version.is_some() && ids.len() != 1 {
        return Err(Failure::usage("--if-version goes with one id."));
    }
    let based_on = if_version.map(Version);
    match (ids.is_empty(), query.is_empty()) {
        (false, true) if !dry_run => {
            let target = |id| Target { id, based_on };
            return Ok(Choice::Posts(ids.into_iter().map(target).collect()));
        }
        (false, true) => return Err(Failure::usage("--dry-run goes with a query, not with ids.")),
        (false, false) => {
            return Err(Failure::usage("Name posts by their ids or by a query, not by both."));
        }
        (true, true) => {
            return Err(Failure::usage(
                "Say which posts: their ids, or --status, --account, --search, --tag, --import, \
                 --from, --until.",
            ));
        }
        (true, false) => {}
    }
    if let Some(words) = &query.search {
        // A list may show more than was typed; a change may not reach further.
        roost_store::check_search(words).map_err(|error| {
            Failure::usage(format!("--search can't be used here: {error}. Nothing was changed."))
        })?;
    }
    if query.status.is_empty() {
        query.status = usual.to_vec();
    }
    let rows = all(engine, of(engine, query).await?).await?;
    if dry_run {
        rehearse(context, &rows, verb);
        return Ok(Choice::Rehearsed);
    }
    let posts = counted(rows.len() as u64, "post", "posts");
    if !(yes || rows.is_empty() || confirmed(context, &format!("{verb} {posts}? [y/N] "))) {
        let message = format!(
            "The query means {posts}. Nothing was changed: say --yes to go on, or --dry-run to see \
             them."
        );
        return Err(
            Failure::usage(message).with_details(&serde_json::json!({ "matches": rows.len() }))
        );
    }
    if !rows.is_empty() {
        context.output.say(&format!("{verb}: the query means {posts}."));
    }
    // The person agreed to these posts as they are.
    let seen = |row: PostRow| Target::seen(row.id, row.version);
    Ok(Choice::Posts(rows.into_iter().map(seen).collect()))
}

fn confirmed(context: &Context, question: &str) -> bool {
    file::is_interactive() && file::agrees(question, &context.output)
}

/// Every post that a query means, soonest first.
async fn all(engine: &Engine, mut query: PostQuery) -> Result<Vec<PostRow>, Failure> {
    query.limit = PAGE;
    let mut rows = Vec::new();
    loop {
        let page = engine.posts(&query).await?;
        rows.extend(page.posts);
        query.after = page.next;
        if query.after.is_none() {
            return Ok(rows);
        }
    }
}

fn rehearse(context: &Context, rows: &[PostRow], verb: &str) {
    let ids: Vec<PostId> = rows.iter().map(|row| row.id).collect();
    let document = serde_json::json!({ "dry_run": true, "matches": rows.len(), "posts": ids });
    context.output.result(&document, || {
        let posts = counted(rows.len() as u64, "post", "posts");
        if rows.is_empty() {
            return "The query means no posts.".to_owned();
        }
        let mut table = Table::new(["id", "time", "state", "text"]);
        for row in rows.iter().take(SHOWN) {
            let state = format::state(row, &Reach::NotAsked);
            table.row([row.id.to_string(), format::when(row), state, shortened(&row.text, 60)]);
        }
        let more = rows.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!("… and {more} more.\n") } else { String::new() };
        format!("{}{more}{verb}: the query means {posts}. Nothing was changed.", table.render())
    });
}
