//! Housekeeping beside the publisher: proving grants, removing what is old.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use rusqlite::Connection;

use crate::media_store::MediaStore;
use crate::rows::{alarm, event, given_up, media_file, media_upload};
use crate::shared::Shared;
use crate::tokens;

/// How often wall clocks are compared.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
const PRUNE_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How long a file of media stays that no post needs: its post may be staged again in a moment.
const MEDIA_KEPT_UNUSED: Duration = Duration::from_secs(24 * 60 * 60);
/// Rows removed in one transaction.
const PRUNE_BATCH_ROWS: i64 = 1000;

/// Runs until the relay stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut pruned = shared.now();
    let step = CHECK_INTERVAL.min(shared.config.pace.tick);
    while !shared.stopping.is_cancelled() {
        let now = shared.now();
        tokens::prove_due(&shared).await;
        if !shared.config.dry_run {
            tokens::retry_doubted(&shared).await;
        }
        if now < pruned || now.since(pruned) >= PRUNE_INTERVAL {
            prune(&shared, now).await;
            prune_media(&shared, now).await;
            pruned = now;
        }
        tokio::select! {
            biased;
            () = tokio::time::sleep(step) => {}
            () = shared.stopping.cancelled() => {}
        }
    }
}

async fn prune(shared: &Shared, now: UnixMillis) {
    let content = now.minus(shared.config.pace.keep_content);
    let events = now.minus(shared.config.pace.keep_events);
    // What is left over goes next time.
    let _ = shared
        .write("prune", move |c| {
            forget_texts(c, content)?;
            alarm::prune(c, now)?;
            given_up::prune(c)?;
            event::prune(c, events)
        })
        .await;
}

/// Removes files of media that no post needs, and what nobody went on with.
async fn prune_media(shared: &Shared, now: UnixMillis) {
    if shared.media.space().files == 0 {
        return;
    }
    let media = shared.media.clone();
    let before = now.minus(MEDIA_KEPT_UNUSED);
    let pruned = shared.write("prune-media", move |c| remove_orphans(c, &media, before, now)).await;
    if let Ok(removed) = pruned
        && removed > 0
    {
        tracing::info!(files = removed, "images and videos that no post needs are removed");
    }
    // What is left over goes next time.
    let _ = shared.media.tidy().await;
}

/// Removes within the ledger's transaction, so that no stage finds a file that goes.
fn remove_orphans(
    connection: &Connection,
    media: &MediaStore,
    before: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    // A disk that can't be read now is read next time.
    let Ok(files) = media.files() else { return Ok(0) };
    let files: HashSet<String> = files.iter().map(ToString::to_string).collect();
    media_file::reconcile(connection, &files, now)?;
    media_upload::prune(connection, now, before)?;
    let mut removed = 0;
    for sha256 in media_file::orphans(connection, before)? {
        if sha256.parse().is_ok_and(|digest| media.remove(digest).is_ok()) {
            media_file::forget(connection, &sha256)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Removes the texts of posts decided long ago. Revision and outcome stay for good: a delivery
/// may come back years later.
fn forget_texts(connection: &Connection, before: UnixMillis) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM part WHERE post_id IN (SELECT post_id FROM post
            WHERE decided_at < ?1 AND body_hash IS NOT NULL AND state <> 'parked' LIMIT ?2)",
        [before.0, PRUNE_BATCH_ROWS],
    )?;
    connection.execute(
        "UPDATE post SET body_hash = NULL, message = NULL
          WHERE decided_at < ?1 AND body_hash IS NOT NULL AND state <> 'parked'
            AND NOT EXISTS (SELECT 1 FROM part WHERE part.post_id = post.post_id)",
        [before.0],
    )?;
    Ok(())
}
