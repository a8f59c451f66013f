//! Housekeeping beside the publisher: proving grants, removing what is old.

use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use rusqlite::Connection;

use crate::rows::{alarm, event, given_up};
use crate::shared::Shared;
use crate::tokens;

/// How often wall clocks are compared.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
const PRUNE_INTERVAL: Duration = Duration::from_secs(60 * 60);
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
