//! Posts as a file: read in one snapshot, a page with two statements.

use std::io::Write as _;
use std::path::Path;

use roost_core::failure::Code;
use roost_core::post::MediaFile;
use roost_import::export::{self, ExportFormat, ExportRow, ExportTime, Exported};
use roost_media::Library;
use roost_store::{ExportedPost, Filter, Page, Read};

use crate::api::{ExportFilter, ExportPosts, ExportedFile};
use crate::media::library_digest;
use crate::state::EngineState;
use crate::{Error, Result};

/// Posts of a page, the most that the store hands out at once.
const PAGE: u32 = 1_000;

/// Returns the posts that a filter lets through as a file, the soonest first and drafts without a time
/// among them.
pub(crate) async fn file(
    engine: &EngineState,
    format: ExportFormat,
    filter: ExportFilter,
) -> Result<Exported> {
    file_with_media(engine, format, filter).await.map(|(exported, _)| exported)
}

/// The same, and the images and videos that the file names.
async fn file_with_media(
    engine: &EngineState,
    format: ExportFormat,
    filter: ExportFilter,
) -> Result<(Exported, Vec<MediaFile>)> {
    let now = engine.now();
    let filter = Filter {
        statuses: filter.statuses,
        account: filter.account,
        import: filter.import,
        ..Filter::default()
    };
    let rows = engine.read(move |store| rows(store, &filter)).await?;
    // A calendar names no files.
    let files: Vec<MediaFile> = match format {
        ExportFormat::Ics => Vec::new(),
        ExportFormat::Json | ExportFormat::Csv | ExportFormat::Xlsx => {
            let parts = rows.iter().flat_map(|row| &row.content.parts);
            parts.flat_map(|part| &part.media).filter_map(|media| media.file).collect()
        }
    };
    let written = move || export::write(&rows, format, now);
    let written = tokio::task::spawn_blocking(written).await;
    let written = written.map_err(|error| Error::Internal(error.to_string()))?;
    let written = written
        .map_err(|error| Error::File { code: Code::FileTooLarge, message: format!("{error}.") });
    written.map(|exported| (exported, files))
}

/// Writes the posts that a filter lets through into a file; what was there stays when that fails.
pub(crate) async fn write(engine: &EngineState, export: ExportPosts) -> Result<ExportedFile> {
    let (exported, files) = file_with_media(engine, export.format, export.filter).await?;
    let library = engine.media_library().await?;
    let (path, bytes) = (export.path.clone(), exported.bytes);
    let written = tokio::task::spawn_blocking(move || {
        replace(&path, &bytes)?;
        copy_media(&library, &path, &files)
    })
    .await;
    let written = written.map_err(|error| Error::Internal(error.to_string()))?;
    written.map_err(|error| {
        let code = match error.kind() {
            std::io::ErrorKind::StorageFull => Code::DiskFull,
            _ => Code::FileUnreadable,
        };
        let message = format!("{} can't be written: {error}.", export.path.display());
        Error::File { code, message }
    })?;
    Ok(ExportedFile { path: export.path, posts: exported.posts, left_out: exported.left_out })
}

fn rows(
    store: &Read<'_>,
    filter: &Filter,
) -> std::result::Result<Vec<ExportRow>, roost_store::Error> {
    let mut rows = Vec::new();
    let mut page = Page { limit: PAGE, ..Page::default() };
    loop {
        let (posts, next) = store.exported(filter, &page)?;
        rows.extend(posts.into_iter().map(row));
        match next {
            Some(next) => page.after = Some(next),
            None => return Ok(rows),
        }
    }
}

fn row(exported: ExportedPost) -> ExportRow {
    let ExportedPost { post, extras, content, tweet_ids } = exported;
    let time = |schedule: roost_store::Schedule| ExportTime {
        at: schedule.at,
        wall_time: schedule.wall_time,
        zone: schedule.zone,
    };
    ExportRow {
        post_id: post.id,
        own_id: post.own_id.map(|own| (own.plan, own.id)),
        content,
        schedule: post.schedule.map(time),
        account: extras.username,
        tags: extras.tags,
        note: post.note,
        status: post.status,
        tweet_ids,
        posted_at: post.posted_at,
    }
}

/// Copies the images and videos of posts beside their file, under the names that it has for them.
fn copy_media(library: &Library, export: &Path, files: &[MediaFile]) -> std::io::Result<()> {
    for file in files {
        let target = export.with_file_name(export::media_path(file));
        let is_there = std::fs::metadata(&target).is_ok_and(|there| there.len() == file.bytes);
        // One that is not here is named all the same: the store knows it by its digest.
        let Some(mut source) = library.file(library_digest(file.sha256))? else { continue };
        if is_there {
            continue;
        }
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let part = roost_private_files::beside(&target, ".part");
        let mut copy =
            roost_private_files::options().write(true).create(true).truncate(true).open(&part)?;
        std::io::copy(&mut source, &mut copy)?;
        copy.sync_all()?;
        std::fs::rename(&part, &target)?;
    }
    Ok(())
}

/// Puts a whole file in the place of one that may be there: never half of it.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = roost_private_files::beside(path, ".part");
    let written = (|| {
        let mut file =
            roost_private_files::options().write(true).create(true).truncate(true).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)
    })();
    if written.is_err() {
        // It says nothing that the store does not.
        drop(std::fs::remove_file(&part));
    }
    written
}
