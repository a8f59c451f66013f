//! `roost media …`, and the media of `roost posts create` and `edit`

use std::path::{Path, PathBuf};

use roost_core::post::MediaRef;
use roost_engine::Engine;
use roost_engine::api::{AddMedia, ListMedia, MediaAdded, MediaItem, MediaLibrary};
use serde::Serialize;

use crate::args::{AddMediaArgs, ListMediaArgs, Media, MediaArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Exit, Table, counted};

/// What was taken in, and what was not.
#[derive(Debug, Default, Serialize)]
struct Added {
    added: Vec<MediaAdded>,
    refused: Vec<Refused>,
}

/// A file that was not taken in.
#[derive(Debug, Serialize)]
struct Refused {
    file: PathBuf,
    message: String,
}

pub(crate) async fn run(context: &Context, command: Media) -> Result<Exit, Failure> {
    let engine = context.plain_engine().await?;
    match command {
        Media::List(args) => list(context, &engine, args).await,
        Media::Add(args) => add(context, &engine, args).await,
        Media::Prune => prune(context, &engine).await,
    }
}

/// Takes the files of a post in. Returns what its first part says of them.
pub(crate) async fn of_post(engine: &Engine, args: &MediaArgs) -> Result<Vec<MediaRef>, Failure> {
    if args.alt.len() > args.media.len() {
        let message = format!(
            "There are {} for {}: give each file with its --alt behind it.",
            counted(args.alt.len() as u64, "description", "descriptions"),
            counted(args.media.len() as u64, "file", "files")
        );
        return Err(Failure::usage(message));
    }
    let mut media = Vec::with_capacity(args.media.len());
    for (index, path) in args.media.iter().enumerate() {
        let alt_text = args.alt.get(index).cloned();
        media.push(take_in(engine, path, alt_text).await?.media);
    }
    Ok(media)
}

async fn take_in(
    engine: &Engine,
    path: &Path,
    alt_text: Option<String>,
) -> Result<MediaAdded, Failure> {
    let path = Some(path.to_owned());
    Ok(engine.add_media(AddMedia { path, alt_text, ..AddMedia::default() }).await?)
}

async fn add(context: &Context, engine: &Engine, args: AddMediaArgs) -> Result<Exit, Failure> {
    let mut document = Added::default();
    for file in args.files {
        let path = Some(file.clone());
        match engine.add_media(AddMedia { path, ..AddMedia::default() }).await {
            Ok(added) => document.added.push(added),
            Err(error) => document.refused.push(Refused { file, message: error.to_string() }),
        }
    }
    context.output.result(&document, || {
        let kept = document.added.iter().map(|added| {
            let how = if added.is_new { "Kept" } else { "Was kept already" };
            format!("{how}: {}", line(&added.item))
        });
        let refused = document.refused.iter().map(|refused| refused.message.clone());
        kept.chain(refused).collect::<Vec<_>>().join("\n")
    });
    Ok(match (document.added.is_empty(), document.refused.is_empty()) {
        (_, true) => Exit::Done,
        (true, false) => Exit::Failed,
        (false, false) => Exit::Partly,
    })
}

fn line(item: &MediaItem) -> String {
    format!("{} ({}, {})", item.file_name, what(item), size(item.file.map_or(0, |it| it.bytes)))
}

/// Returns what a file is: "image/png, 640 x 480".
fn what(item: &MediaItem) -> String {
    let mime = item.file.map_or("of a kind that this version does not know", |it| it.kind.mime());
    match (item.width, item.height) {
        (Some(width), Some(height)) => format!("{mime}, {width} x {height}"),
        _ => mime.to_owned(),
    }
}

fn size(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

async fn list(context: &Context, engine: &Engine, args: ListMediaArgs) -> Result<Exit, Failure> {
    let wanted = ListMedia { limit: args.limit, offset: args.offset };
    let library = engine.list_media(wanted).await?;
    context.output.result(&library, || people(&library));
    Ok(Exit::Done)
}

fn people(library: &MediaLibrary) -> String {
    if library.files == 0 {
        return "No picture and no video is kept.".to_owned();
    }
    let mut table = Table::new(["Id", "File", "What", "Size", "Posts"]);
    for item in &library.items {
        let posts = match item.is_here {
            true => item.posts.to_string(),
            false => format!("{}, the file is gone", item.posts),
        };
        let bytes = item.file.map_or(0, |file| file.bytes);
        table.row([item.id.to_string(), item.file_name.clone(), what(item), size(bytes), posts]);
    }
    let here = format!(
        "{}, {} on this computer",
        counted(library.files, "file", "files"),
        size(library.bytes)
    );
    let there = library
        .relay
        .map(|relay| format!("; {} of {} on the relay", size(relay.bytes), size(relay.bytes_max)));
    format!("{}\n{here}{}.", table.render(), there.unwrap_or_default())
}

async fn prune(context: &Context, engine: &Engine) -> Result<Exit, Failure> {
    let removed = engine.remove_unused_media().await?;
    context.output.result(&removed, || match removed.files {
        0 => "Every file is in use, or was kept within the last hour: nothing was removed."
            .to_owned(),
        files => {
            format!("Removed {}, {}.", counted(files, "file", "files"), size(removed.bytes))
        }
    });
    Ok(Exit::Done)
}
