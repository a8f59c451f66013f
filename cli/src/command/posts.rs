//! `roost posts …`

use std::time::Duration;

use roost_core::failure::{Code, Findings, Problem};
use roost_core::id::{PostId, TweetId, Version};
use roost_core::limits::{Limits, Subscription};
use roost_core::post::check_content;
use roost_core::status::Status;
use roost_engine::api::Deleted;
use roost_engine::view::{PostPage, PostQuery, Reach, SyncState, View};
use roost_engine::{Cancelled, Edit, Engine, Error, Finding, NewPost, Saved, Target};
use roost_store::Cursor;

use super::detail::detail;
use super::query::{self, Choice};
use crate::args::{Create, EditArgs, List, Posts, Resolve, ViewArg};
use crate::context::Context;
use crate::failure::Failure;
use crate::format;
use crate::input;
use crate::output::{Exit, Table, counted, money, shortened};

/// How long a command waits for a relay elsewhere to acknowledge what was asked.
const ACKNOWLEDGE_PATIENCE: Duration = Duration::from_secs(10);

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
    }
}

/// With a relay elsewhere, sends what was just written down, and waits a little. Here, the running
/// `sync --watch` or the window does so within a second.
pub(crate) async fn carry_out(context: &Context, engine: &Engine) {
    if context.is_this_computer() {
        return;
    }
    match tokio::time::timeout(ACKNOWLEDGE_PATIENCE, engine.flush_outbox()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => context.output.say(&format!("{error} It is tried again at each sync.")),
        Err(_) => context.output.say("The relay is slow; it is asked again at the next sync."),
    }
}

async fn list(context: &Context, engine: &Engine, args: List) -> Result<Exit, Failure> {
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

async fn show(context: &Context, engine: &Engine, id: PostId) -> Result<Exit, Failure> {
    let post = engine.post(id).await?;
    let relay = engine.sync_state().await?.relay;
    context.output.result(&post, || detail(&post, &relay));
    Ok(Exit::Done)
}

async fn create(context: &Context, engine: &Engine, args: Create) -> Result<Exit, Failure> {
    let post = NewPost {
        text: input::text(args.text).await?,
        thread: args.thread,
        tags: args.tag,
        wall_time: args.at,
        zone: args.zone,
        account: args.account,
        draft: args.draft,
        content: None,
    };
    sound(&post)?;
    let saved = engine.create(post).await?;
    saved_post(context, engine, saved, "Created").await
}

/// A draft may be unfinished, but not nothing, and no text may hold what X refuses anywhere.
fn sound(post: &NewPost) -> Result<(), Failure> {
    let mut findings = Findings::telling(usize::MAX);
    check_content(&post.said(), &Limits::default(), Subscription::None, &mut findings);
    let never = |code| matches!(code, Code::TextMissing | Code::InvalidCharacter);
    let problems: Vec<Problem> =
        findings.errors.listed.into_iter().filter(|problem| never(problem.code)).collect();
    if problems.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let message = format!("{}\nNothing was created.", words.join("\n"));
    Err(Failure::invalid(problems, message))
}

async fn edit(context: &Context, engine: &Engine, args: EditArgs) -> Result<Exit, Failure> {
    let edit = Edit {
        text: match args.text {
            Some(text) => Some(input::text(text).await?),
            None => None,
        },
        wall_time: args.at,
        zone: args.zone,
        thread: (!args.thread.is_empty()).then_some(args.thread),
        account: args.account,
        restore: args.restore,
        ..Edit::default()
    };
    if edit == Edit::default() {
        return Err(Failure::usage(
            "Say what to change: --text, --thread, --at, --zone, --account or --restore.",
        ));
    }
    let edit = Edit { based_on: args.if_version.map(Version), ..edit };
    let verb = match (&edit.text, &edit.thread) {
        (Some(_), None) => match engine.post(args.id).await?.parts.len() {
            0 | 1 => "Changed".to_owned(),
            parts => {
                format!("Changed part 1 of {parts} (the others stay; --thread TEXT replaces them)")
            }
        },
        (None, Some(parts)) => format!("Changed all parts from the second on, now {}", parts.len()),
        _ => "Changed".to_owned(),
    };
    let before = engine.post(args.id).await?.row.status;
    let saved = engine.edit(args.id, edit).await?;
    let had_ended = matches!(before, Status::Failed | Status::Missed | Status::Cancelled);
    let again = if had_ended && saved.post.status == Status::Pending {
        format!("{verb}, and scheduled again")
    } else {
        verb
    };
    saved_post(context, engine, saved, &again).await
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

/// Schedules posts again, each for itself: one that has to be mended first keeps no other.
async fn retry_all(context: &Context, engine: &Engine, posts: &[Target]) -> Result<Exit, Failure> {
    let (mut again, mut refused) = (Vec::new(), Vec::new());
    for post in posts {
        match engine.retry(*post).await {
            Ok(_) => again.push(post.id),
            Err(error) => refused.push((post.id, error)),
        }
    }
    carry_out(context, engine).await;
    let told: Vec<_> = refused
        .iter()
        .map(|(id, error)| {
            let code = error.code().as_str();
            serde_json::json!({ "id": id, "code": code, "message": error.to_string() })
        })
        .collect();
    let document = serde_json::json!({ "scheduled_again": again, "refused": told });
    context.output.result(&document, || {
        let count = counted(again.len() as u64, "post", "posts");
        let mut lines = vec![format!("Scheduled again: {count}.")];
        lines.extend(refused.iter().map(|(id, error)| format!("{id}: {error}")));
        lines.join("\n")
    });
    Ok(match (refused.is_empty(), again.is_empty()) {
        (true, _) => Exit::Done,
        (false, false) => Exit::Partly,
        (false, true) => Exit::Failed,
    })
}

/// What a withdrawal is for.
enum Goal {
    Cancelled,
    Deleted {
        /// The posts that stay on X all the same.
        on_x: Vec<PostId>,
    },
}

/// Which of the posts are on X: removing a row takes nothing from there.
async fn on_x(engine: &Engine, posts: &[Target]) -> Result<Vec<PostId>, Failure> {
    let mut found = Vec::new();
    for Target { id, .. } in posts {
        if engine.post(*id).await?.row.status == Status::Posted {
            found.push(*id);
        }
    }
    Ok(found)
}

async fn withdrawn(
    context: &Context,
    engine: &Engine,
    asked: Cancelled,
    posts: &[Target],
    goal: Goal,
) -> Result<Exit, Failure> {
    carry_out(context, engine).await;
    let mut now =
        Cancelled { too_late: asked.too_late, stale: asked.stale, ..Cancelled::default() };
    let left =
        [now.too_late.clone(), now.stale.iter().map(|stale| stale.now.id).collect::<Vec<PostId>>()]
            .concat();
    for id in posts.iter().map(|post| post.id).filter(|id| !left.contains(id)) {
        match engine.post(id).await {
            Ok(post) if post.row.waiting_for.is_some() => now.cancelling.push(id),
            Ok(post) if post.row.status != Status::Cancelled && matches!(goal, Goal::Cancelled) => {
                now.too_late.push(id);
            }
            _ => now.cancelled.push(id),
        }
    }
    let people = || withdrawal(&now, &goal);
    match &goal {
        Goal::Cancelled => context.output.result(&now, people),
        Goal::Deleted { on_x } => {
            let document = Deleted::of(now.clone(), on_x.clone());
            context.output.result(&document, people);
        }
    }
    let nothing = now.cancelled.is_empty() && now.cancelling.is_empty();
    Ok(match (now.too_late.is_empty() && now.stale.is_empty(), nothing) {
        (true, _) => Exit::Done,
        (false, false) => Exit::Partly,
        (false, true) => Exit::Failed,
    })
}

fn withdrawal(now: &Cancelled, goal: &Goal) -> String {
    let verb = match goal {
        Goal::Cancelled => "Cancelled",
        Goal::Deleted { .. } => "Deleted",
    };
    let mut lines = Vec::new();
    if !now.cancelled.is_empty() {
        lines.push(format!("{verb}: {}.", counted(now.cancelled.len() as u64, "post", "posts")));
    }
    if let Goal::Deleted { on_x } = goal {
        let stays = |id| format!("{id}: removed from this list; it stays on X.");
        lines.extend(on_x.iter().filter(|id| now.cancelled.contains(id)).map(stays));
    }
    for id in &now.cancelling {
        lines.push(format!("{id}: cancelling; the relay has not acknowledged it yet."));
    }
    if lines.is_empty() && now.too_late.is_empty() && now.stale.is_empty() {
        lines.push("Nothing is still to go out.".to_owned());
    }
    for id in &now.too_late {
        lines.push(format!("{id}: too late. `roost posts show {id}` tells why."));
    }
    for stale in &now.stale {
        let (id, now, seen) = (stale.now.id, stale.now.version, stale.based_on);
        lines.push(format!(
            "{id}: changed meanwhile (it is version {now}, this was based on version {seen}), so that \
             it was left as it is. Look at it with `roost posts show {id}`."
        ));
    }
    lines.join("\n")
}

async fn resolve(context: &Context, engine: &Engine, args: Resolve) -> Result<Exit, Failure> {
    let finding = match (args.verify, args.went_out, args.send_again) {
        (true, ..) => Finding::Verify,
        (_, Some(tweet), _) => {
            TweetId::from_address(&tweet).map_err(|error| Failure::usage(format!("{error}.")))?;
            Finding::WentOut { tweet }
        }
        (.., true) => Finding::SendAgain,
        _ => return Err(Failure::usage("Say one of --verify, --went-out URL, --send-again.")),
    };
    let id = args.id;
    let before = engine.post(id).await?;
    if !matches!(before.row.status, Status::Unknown | Status::Partial) {
        let status = before.row.status.label();
        return Err(Failure::work(
            Code::ChangeNotAllowed.as_str(),
            format!("Post {id} needs no check: it is \"{status}\". Nothing was changed."),
        ));
    }
    let target = Target { id, based_on: args.if_version.map(Version) };
    let post = match engine.resolve(target, finding).await {
        Ok(post) => post,
        // The decision is written down; the process with the relay inside carries it out.
        Err(Error::NoServices) if context.is_this_computer() => {
            context.output.result(&before, || {
                format!(
                    "{id}: written down. The window or `roost sync --watch` carries it out: at \
                     once when it runs, else when it is started."
                )
            });
            return Ok(Exit::Done);
        }
        Err(error) => return Err(error.into()),
    };
    let relay = engine.sync_state().await?.relay;
    context.output.result(&post, || format!("{id}: {}.", format::state(&post.row, &relay)));
    Ok(Exit::Done)
}

/// Deletes on X what went out, and has the draft posted in its place.
async fn replace(context: &Context, engine: &Engine, id: PostId) -> Result<Exit, Failure> {
    let before = engine.post(id).await?;
    let cost = before.late_edit.as_ref().map_or(0, |late| late.replace_cost_micros);
    let draft = match engine.replace(id).await {
        Ok(draft) => draft,
        // The wish is written down; the process with the relay inside carries it out.
        Err(Error::NoServices) if context.is_this_computer() => {
            let after = engine.post(id).await?;
            context.output.result(&after, || {
                format!(
                    "{id}: written down. The window or `roost sync --watch` deletes it on X and \
                     posts the new words: at once when it runs, else when it is started."
                )
            });
            return Ok(Exit::Done);
        }
        Err(error) => return Err(error.into()),
    };
    carry_out(context, engine).await;
    let relay = engine.sync_state().await?.relay;
    context.output.result(&draft, || {
        let (row, state) = (&draft.row, format::state(&draft.row, &relay));
        format!(
            "Deleted on X; in its place {} ({state}, {}), for {} in all.",
            row.id,
            format::when(row),
            money(cost)
        )
    });
    Ok(Exit::Done)
}
