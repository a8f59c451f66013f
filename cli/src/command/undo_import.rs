//! `roost undo-import`

use roost_engine::{UndoFate, Undone, UndonePost};

use crate::args::UndoImport;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, counted, one_line};

pub(crate) async fn run(context: &Context, args: UndoImport) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    if args.dry_run {
        let would_be = engine.preview_undo_import(args.id).await?;
        context.output.result(&would_be, || {
            let mut lines = words(&would_be, true);
            lines.push("Nothing was written.".to_owned());
            lines.join("\n")
        });
        return Ok(Exit::Done);
    }
    let undone = engine.undo_import(args.id).await?;
    super::carry_out::carry_out(context, &engine).await;
    context.output.result(&undone, || words(&undone, false).join("\n"));
    Ok(if undone.kept + undone.not_restored == 0 { Exit::Done } else { Exit::Partly })
}

/// Returns what becomes of the posts, and which of them are not simply taken back.
fn words(undone: &Undone, would_be: bool) -> Vec<String> {
    let posts = |number| counted(number, "post", "posts");
    let be = if would_be { "would be " } else { "" };
    let mut lines = vec![format!("{} {be}removed.", posts(undone.removed))];
    if undone.cancelling > 0 {
        lines.push(format!(
            "{} handed over: {}, and gone once the relay acknowledges it.",
            counted(undone.cancelling, "post was", "posts were"),
            if would_be { "would be withdrawn" } else { "being withdrawn" },
        ));
    }
    if undone.restored > 0 {
        let changed = counted(undone.restored, "changed post", "changed posts");
        lines.push(format!("{changed} {be}restored."));
    }
    if undone.kept > 0 {
        let stay = counted(undone.kept, "post stays", "posts stay");
        lines.push(format!("{stay}: on X, or being sent."));
    }
    if undone.not_restored > 0 {
        let stay = counted(undone.not_restored, "changed post stays", "changed posts stay");
        lines.push(format!("{stay} as they are."));
    }
    let named = undone.posts.iter().filter(|post| post.fate != UndoFate::Removed || would_be);
    lines.extend(named.map(line));
    lines
}

fn line(post: &UndonePost) -> String {
    let fate = match post.fate {
        UndoFate::Kept => "stays",
        UndoFate::NotRestored => "not restored",
        UndoFate::Cancelling => "withdrawn",
        UndoFate::Restored => "restored",
        UndoFate::Removed => "removed",
    };
    let reason = post.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("  {fate:<13}{} \"{}\"{reason}", post.id, one_line(&post.text))
}
