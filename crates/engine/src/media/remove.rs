//! Files that no post uses are let go: when the person asks, and by themselves after a month.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use roost_core::clock::UnixMillis;
use roost_core::post::MediaDigest;
use roost_media::Library;
use roost_store::{Media, Tx};

use super::library_digest;
use crate::Result;
use crate::api::MediaRemoved;
use crate::state::EngineState;

/// What was taken in just now may be on its way into a post.
const FRESH: Duration = Duration::from_hours(1);
/// As long as the trash and the changes that can be undone: what they name comes back whole.
const KEEP_UNUSED: Duration = Duration::from_hours(30 * 24);
/// A file that nothing notes was left behind by an end in the middle, once it is that old.
const LEFT_BEHIND_AFTER: Duration = Duration::from_hours(24);

/// Removes the files that no post uses, those in the trash included.
///
/// # Errors
/// When the store or the library can't be written.
pub(crate) async fn remove_unused(engine: &EngineState) -> Result<MediaRemoved> {
    remove(engine, engine.now().minus(FRESH), None).await
}

/// Removes what no post has used for a month, and what an end in the middle left behind.
///
/// # Errors
/// When the store or the library can't be written.
pub(crate) async fn remove_old(engine: &EngineState) -> Result<()> {
    if engine.read(|store| store.media_total()).await?.files == 0 {
        return Ok(());
    }
    let before = engine.now().minus(KEEP_UNUSED);
    let removed = remove(engine, before, Some(before)).await?;
    let library = engine.media_library().await?;
    let left = engine.write("media.orphans", move |store| left_behind(store, &library)).await?;
    if removed.files + left > 0 {
        tracing::info!(removed.files, removed.bytes, left, "unused images and videos were removed");
    }
    Ok(())
}

/// Removes what no post uses and was taken in before `before`; but for what changes since `named_since`
/// name, where that is given.
async fn remove(
    engine: &EngineState,
    before: UnixMillis,
    named_since: Option<UnixMillis>,
) -> Result<MediaRemoved> {
    let library = engine.media_library().await?;
    engine
        .write("media.remove", move |store| {
            let named = match named_since {
                Some(since) => store.files_in_events(since)?,
                None => HashSet::new(),
            };
            let mut unused = store.unused_media(before)?;
            unused.retain(|media| !named.contains(&MediaDigest(media.sha256)));
            remove_all(store, &library, &unused)
        })
        .await
}

/// Within the transaction, in which nobody takes a file in: what is noted is there.
fn remove_all(
    store: &mut Tx<'_>,
    library: &Arc<Library>,
    unused: &[Media],
) -> Result<MediaRemoved> {
    let mut removed = MediaRemoved::default();
    for media in unused {
        store.delete_media(media.id)?;
        if let Err(error) = library.remove(library_digest(MediaDigest(media.sha256))) {
            // Without its row it is found as left behind later.
            tracing::warn!(%error, "an unused file could not be removed yet");
        }
        removed.files += 1;
        removed.bytes += media.bytes;
    }
    Ok(removed)
}

/// Removes files that no row notes and that are older than a day. Returns how many.
fn left_behind(store: &mut Tx<'_>, library: &Arc<Library>) -> Result<u64> {
    let mut left = 0;
    for (digest, _) in library.files().unwrap_or_default() {
        let modified = std::fs::metadata(library.path(digest)).and_then(|it| it.modified());
        let since_epoch = modified.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let millis = since_epoch.and_then(|it| i64::try_from(it.as_millis()).ok());
        let is_old = millis.is_some_and(|at| store.now().since(UnixMillis(at)) > LEFT_BEHIND_AFTER);
        if is_old && store.media_of_digest(MediaDigest(digest.0))?.is_none() {
            left += u64::from(library.remove(digest).is_ok());
        }
    }
    Ok(left)
}
