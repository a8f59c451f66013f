//! Posts as a file: read in one snapshot, a page with two statements.

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::path::Path;

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::post::MediaFile;
use roost_import::export::{self, ExportFormat, ExportRow, ExportTime, Exported};
use roost_media::Library;
use roost_store::{ExportedPost, Filter, List, Page, Read, Traits};

use crate::api::{ExportFilter, ExportPosts, ExportedFile};
use crate::media::library_digest;
use crate::state::EngineState;
use crate::view::PostQuery;
use crate::{Error, Result, cause_posts, posts, preferences};

/// Posts of a page, the most that the store hands out at once.
const PAGE: u32 = 1_000;

/// Returns the posts that a filter lets through as a file, the soonest first and drafts without a time
/// among them.
pub(crate) async fn file(
    engine: &EngineState,
    format: ExportFormat,
    filter: ExportFilter,
) -> Result<Exported> {
    let wanted = Wanted { filter: in_store(filter), cause: None };
    file_with_media(engine, format, wanted).await.map(|(exported, _)| exported)
}

/// Which posts are exported.
struct Wanted {
    filter: Filter,
    /// Only the posts of this cause.
    cause: Option<String>,
}

fn in_store(filter: ExportFilter) -> Filter {
    let ExportFilter { statuses, account, import } = filter;
    Filter { statuses, account, import, ..Filter::default() }
}

/// Returns which posts a filter and a list's query let through together.
async fn wanted(
    engine: &EngineState,
    filter: ExportFilter,
    query: Option<PostQuery>,
) -> Result<Wanted> {
    let Some(mut query) = query else {
        return Ok(Wanted { filter: in_store(filter), cause: None });
    };
    if query.statuses.is_empty() {
        query.statuses = filter.statuses;
    } else if !filter.statuses.is_empty() {
        query.statuses.retain(|status| filter.statuses.contains(status));
        if query.statuses.is_empty() {
            let traits = Traits { is_impossible: true, ..Traits::default() };
            return Ok(Wanted { filter: Filter { traits, ..Filter::default() }, cause: None });
        }
    }
    query.account = filter.account.or(query.account);
    query.import = filter.import.or(query.import);
    let zone = preferences::zone(engine).await?;
    let filter = posts::filter(&query, &zone, engine.now());
    Ok(Wanted { filter, cause: query.cause })
}

/// The same, and the images and videos that the file names.
async fn file_with_media(
    engine: &EngineState,
    format: ExportFormat,
    wanted: Wanted,
) -> Result<(Exported, Vec<MediaFile>)> {
    let now = engine.now();
    let Wanted { mut filter, cause } = wanted;
    let read = move |store: &Read<'_>| {
        if !cause_posts::narrow(store, cause.as_deref(), &mut filter)? {
            return Ok(Vec::new());
        }
        rows(store, &filter)
    };
    let rows = engine.read(read).await?;
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
    let wanted = wanted(engine, export.filter, export.query).await?;
    let (exported, files) = file_with_media(engine, export.format, wanted).await?;
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
        rows.extend(posts);
        match next {
            Some(next) => page.after = Some(next),
            None => return Ok(with_follow_ups(rows)),
        }
    }
}

/// Returns the rows of posts, each with the reply that is to follow it. A reply that has no post in the file,
/// or is more than a text, has a row of its own, and comes back as a draft: it never goes out alone.
fn with_follow_ups(posts: Vec<ExportedPost>) -> Vec<ExportRow> {
    let ids: HashSet<PostId> = posts.iter().map(|it| it.post.id).collect();
    let mut replies: HashMap<PostId, (String, u32)> = HashMap::new();
    let mut own_rows = Vec::new();
    for exported in posts {
        let waits = matches!(List::of(exported.post.status), List::Drafts | List::Upcoming);
        let only = exported.content.parts.as_slice();
        match (exported.post.follow_up, only) {
            (Some(tie), [only])
                if waits
                    && only.is_text_alone()
                    && ids.contains(&tie.parent)
                    && !replies.contains_key(&tie.parent) =>
            {
                replies.insert(tie.parent, (only.text.clone(), tie.after_minutes));
            }
            _ => own_rows.push(exported),
        }
    }
    let whole = |exported: ExportedPost| {
        let is_loose = exported.post.follow_up.is_some();
        let row = row(exported);
        ExportRow { follow_up: replies.remove(&row.post_id), is_loose, ..row }
    };
    own_rows.into_iter().map(whole).collect()
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
        follow_up: None,
        is_loose: false,
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
