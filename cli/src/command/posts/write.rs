//! `roost posts create` and `roost posts edit`

use roost_core::id::Version;
use roost_core::post::check_draft;
use roost_core::status::Status;
use roost_engine::{Edit, Engine, NewPost};

use super::saved_post;
use crate::args::{Create, EditArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::output::Exit;

pub(super) async fn create(
    context: &Context,
    engine: &Engine,
    args: Create,
) -> Result<Exit, Failure> {
    let post = NewPost {
        text: input::text(args.text).await?,
        thread: args.thread,
        tags: args.tag,
        wall_time: args.at,
        zone: args.zone,
        account: args.account,
        draft: args.draft,
        content: None,
        editing: None,
    };
    let problems = check_draft(&post.said());
    if !problems.is_empty() {
        let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let message = format!("{}\nNothing was created.", words.join("\n"));
        return Err(Failure::invalid(problems, message));
    }
    let saved = engine.create(post).await?;
    saved_post(context, engine, saved, "Created").await
}

pub(super) async fn edit(
    context: &Context,
    engine: &Engine,
    args: EditArgs,
) -> Result<Exit, Failure> {
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
