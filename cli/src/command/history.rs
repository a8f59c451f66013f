//! `roost history`, `roost undo`, `roost redo`, `roost trash`

use roost_engine::api::{
    HistoryStep, ListHistory, ListTrash, MoveInHistory, PostReversal, Reversal, StepState,
};
use roost_engine::{Engine, Target};

use crate::args::{HistoryArgs, MoveArgs, TrashArgs, TrashCommand};
use crate::context::Context;
use crate::failure::Failure;
use crate::file;
use crate::format;
use crate::output::{Exit, Table, counted, shortened};

/// Posts that are named to people.
const SHOWN: usize = 20;

/// Lists the steps.
pub(crate) async fn list(context: &Context, args: HistoryArgs) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let asked = ListHistory { before: args.before, limit: args.limit };
    let history = engine.history(asked).await?;
    let zone = engine.preferences().await?.zone;
    context.output.result(&history, || {
        if history.steps.is_empty() {
            return "Nothing was done yet.".to_owned();
        }
        let mut table = Table::new(["step", "when", "what", "about", "state"]);
        for step in &history.steps {
            table.row([
                step.id.to_string(),
                format::wall_time(step.at, &zone),
                step.title.clone(),
                shortened(step.about.as_deref().unwrap_or_default(), 40),
                state(step).to_owned(),
            ]);
        }
        let next = history.next.map(|next| format!("--before {next} shows the next."));
        table.render() + &next.unwrap_or_default()
    });
    Ok(Exit::Done)
}

const fn state(step: &HistoryStep) -> &'static str {
    match step.state {
        StepState::Done => "",
        StepState::Undone => "undone",
        StepState::Superseded => "undone, can't be redone",
        StepState::Final => "can't be undone",
    }
}

/// Which way to go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    Undo,
    Redo,
}

/// Undoes or redoes.
pub(crate) async fn go(context: &Context, way: Way, args: MoveArgs) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let asked = MoveInHistory { to: args.to, based_on: None };
    if args.dry_run {
        let told = preview(&engine, way, asked).await?;
        context.output.result(&told, || words(&told, way));
        return Ok(Exit::Done);
    }
    let mut based_on = None;
    if args.to.is_some() && !args.yes {
        let seen = engine.history(ListHistory { limit: 1, before: None }).await?.newest;
        let told = preview(&engine, way, asked).await?;
        agree(context, way, &told)?;
        based_on = Some(seen);
    }
    let asked = MoveInHistory { based_on, ..asked };
    let done = match way {
        Way::Undo => engine.undo(asked).await?,
        Way::Redo => engine.redo(asked).await?,
    };
    super::carry_out::carry_out(context, &engine).await;
    context.output.result(&done, || words(&done, way));
    Ok(if done.kept == 0 { Exit::Done } else { Exit::Partly })
}

async fn preview(engine: &Engine, way: Way, asked: MoveInHistory) -> Result<Reversal, Failure> {
    Ok(match way {
        Way::Undo => engine.preview_undo(asked).await?,
        Way::Redo => engine.preview_redo(asked).await?,
    })
}

/// Several steps are undone when the person says so.
fn agree(context: &Context, way: Way, told: &Reversal) -> Result<(), Failure> {
    let steps = counted(told.steps.len() as u64, "step", "steps");
    let verb = match way {
        Way::Undo => "Undo",
        Way::Redo => "Redo",
    };
    if told.steps.len() == 1 {
        return Ok(());
    }
    if file::is_interactive() {
        context.output.say(&words(told, way));
        if file::agrees(&format!("{verb} {steps}? [y/N] "), &context.output) {
            return Ok(());
        }
    }
    let message = format!(
        "This means {steps}. Nothing was changed: say --yes to go on, or --dry-run to see them."
    );
    Err(Failure::usage(message).with_details(&serde_json::json!({ "steps": told.steps.len() })))
}

fn words(done: &Reversal, way: Way) -> String {
    let verb = match (way, done.dry_run) {
        (Way::Undo, false) => "Undone",
        (Way::Redo, false) => "Redone",
        (Way::Undo, true) => "Would be undone",
        (Way::Redo, true) => "Would be redone",
    };
    let mut lines = Vec::new();
    for it in &done.steps {
        let about = it.step.about.as_ref().map(|about| format!(" ({about})")).unwrap_or_default();
        lines.push(format!("{verb}: {}. {}{about}", it.step.id, it.step.title));
        lines.extend(it.message.as_ref().map(|message| format!("  {message}")));
    }
    for step in &done.passed {
        let why = step.cannot.as_deref().unwrap_or_default();
        lines.push(format!("Stays: {}. {}. {why}", step.id, step.title));
    }
    for post in done.posts.iter().take(SHOWN) {
        let stays = if post.outcome == PostReversal::Kept { "stays: " } else { "" };
        lines.push(format!("  \"{}\" {stays}{}", post.text, post.message));
    }
    let total = done.done + done.asked + done.drafts + done.kept;
    let named = done.posts.len().min(SHOWN) as u64;
    if total > named {
        lines.push(format!("  … and {}.", counted(total - named, "other post", "other posts")));
    }
    if done.kept > 0 {
        lines.push(format!("{} as now.", counted(done.kept, "post stays", "posts stay")));
    }
    lines.join("\n")
}

/// Lists the trash, or takes posts out of it.
pub(crate) async fn trash(context: &Context, args: TrashArgs) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    let Some(TrashCommand::Restore { ids }) = args.what else {
        let trash = engine.trash(ListTrash::default()).await?;
        let zone = engine.preferences().await?.zone;
        context.output.result(&trash, || {
            if trash.posts.is_empty() {
                return "The trash is empty.".to_owned();
            }
            let mut table = Table::new(["id", "deleted", "time", "text"]);
            for post in &trash.posts {
                table.row([
                    post.id.to_string(),
                    format::wall_time(post.deleted_at, &zone),
                    post.wall_time.clone().unwrap_or_default(),
                    shortened(&post.text, 60),
                ]);
            }
            table.render()
        });
        return Ok(Exit::Done);
    };
    let posts: Vec<Target> = ids.into_iter().map(Target::from).collect();
    let restored = engine.restore_posts(&posts).await?;
    super::carry_out::carry_out(context, &engine).await;
    context.output.result(&restored, || {
        let line =
            |post: &roost_engine::api::RestoredPost| format!("{}: {}", post.id, post.message);
        restored.posts.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    let is_kept = restored.posts.iter().any(|post| post.outcome == PostReversal::Kept);
    Ok(if is_kept { Exit::Partly } else { Exit::Done })
}
