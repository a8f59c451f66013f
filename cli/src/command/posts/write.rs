//! `roost posts create` and `roost posts edit`

use roost_core::id::Version;
use roost_core::post::{Content, MediaRef, check_draft};
use roost_core::status::Status;
use roost_engine::{Edit, Engine, NewPost};

use super::saved_post;
use crate::args::{Create, EditArgs, MediaArgs};
use crate::command::media;
use crate::context::Context;
use crate::failure::Failure;
use crate::input;
use crate::output::Exit;

pub(super) async fn create(
    context: &Context,
    engine: &Engine,
    args: Create,
) -> Result<Exit, Failure> {
    let text = input::text(args.text.unwrap_or_default()).await?;
    let content = with_media(engine, &args.media, &text, &args.thread).await?;
    let post = NewPost {
        text,
        thread: args.thread,
        tags: args.tag,
        wall_time: args.at,
        zone: args.zone,
        account: args.account,
        draft: args.draft,
        content,
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

/// Returns what a post with media says; `None` for one without.
async fn with_media(
    engine: &Engine,
    args: &MediaArgs,
    text: &str,
    thread: &[String],
) -> Result<Option<Content>, Failure> {
    if args.media.is_empty() {
        return Ok(None);
    }
    let texts = std::iter::once(text).chain(thread.iter().map(String::as_str));
    let mut content = Content::of_texts(texts);
    let media = media::of_post(engine, args).await?;
    if let Some(first) = content.parts.first_mut() {
        first.media = media;
    }
    Ok(Some(content))
}

/// Returns what a post is to say whose first part gets other media, with the edit's texts.
fn edited(edit: &Edit, known: Content, media: Vec<MediaRef>) -> Content {
    let mut texts = known.to_texts();
    if let (Some(text), Some(first)) = (&edit.text, texts.first_mut()) {
        first.clone_from(text);
    }
    if let Some(thread) = &edit.thread {
        texts.truncate(1);
        texts.extend(thread.iter().cloned());
    }
    let mut content = known.with_texts(texts);
    if let Some(first) = content.parts.first_mut() {
        first.media = media;
        first.media_sources.clear();
    }
    content
}

pub(super) async fn edit(
    context: &Context,
    engine: &Engine,
    args: EditArgs,
) -> Result<Exit, Failure> {
    let changes_media = args.no_media || !args.media.media.is_empty();
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
    if edit == Edit::default() && !changes_media {
        return Err(Failure::usage(
            "Say what to change: --text, --thread, --media, --no-media, --at, --zone, --account or \
             --restore.",
        ));
    }
    let mut edit = Edit { based_on: args.if_version.map(Version), ..edit };
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
    let before = engine.post(args.id).await?;
    if changes_media {
        let media = media::of_post(engine, &args.media).await?;
        edit.content = Some(edited(&edit, before.content, media));
    }
    let before = before.row.status;
    let saved = engine.edit(args.id, edit).await?;
    let had_ended = matches!(before, Status::Failed | Status::Missed | Status::Cancelled);
    let again = if had_ended && saved.post.status == Status::Pending {
        format!("{verb}, and scheduled again")
    } else {
        verb
    };
    saved_post(context, engine, saved, &again).await
}
