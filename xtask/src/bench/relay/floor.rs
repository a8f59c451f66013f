//! The limit: SQLite alone, making the same commits with the same durability and the same
//! grouping. No HTTP, no signature, no program in between.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use roost_core::clock::{Clock as _, SystemClock};
use roost_core::id::PostId;
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::{ACCOUNTS, delivery};
use crate::project;

/// As long as what the relay tells its feed of a delivery.
const EVENT: &str = r#"{"type":"delivery","delivery":{"post_id":"0198a7c0-0000-7000-8000-000000000000","revision":1,"account":"1000","state":"claimed","due_at":1800000000000,"until":null,"tweet_id":null,"code":null,"message":null,"attempts":0,"posted_at":null,"updated_at":1800000000000}}"#;

/// Deliveries per second when `connections` of them are under way at any time: each transaction
/// holds the claims of one group, the intents of the group before, the results of the one before.
pub(super) fn per_second(folder: &Path, count: usize, connections: usize) -> Result<f64> {
    let path = folder.join("floor.sqlite");
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("floor.sqlite{suffix}")));
    }
    let mut ledger = Connection::open(path)?;
    ledger.pragma_update(None, "journal_mode", "WAL")?;
    ledger.pragma_update(None, "synchronous", "FULL")?;
    ledger.pragma_update(None, "foreign_keys", "ON")?;
    let schema = project::root().join("relay/migrations/V1__ledger.sql");
    ledger.execute_batch(&std::fs::read_to_string(schema)?)?;
    let posts = stage(&mut ledger, count)?;

    let groups: Vec<&[String]> = posts.chunks(connections).collect();
    let begun = Instant::now();
    for turn in 0..groups.len() + 2 {
        let group = |before: usize| {
            turn.checked_sub(before).and_then(|place| groups.get(place)).copied().unwrap_or(&[])
        };
        let transaction = ledger.transaction()?;
        group(0).iter().try_for_each(|post| claim(&transaction, post))?;
        group(1).iter().try_for_each(|post| intend(&transaction, post))?;
        group(2).iter().try_for_each(|post| settle(&transaction, post))?;
        transaction.commit()?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

fn stage(ledger: &mut Connection, count: usize) -> Result<Vec<String>> {
    let now = SystemClock.now();
    let posts: Vec<String> = (0..count).map(|_| PostId::new(now).to_string()).collect();
    let staged = ledger.transaction()?;
    {
        let mut post = staged.prepare(
            "INSERT INTO post (post_id, revision, account, state, body_hash, parts, due_at,
                not_after, updated_at)
             VALUES (?1, 1, ?2, 'staged', ?3, 1, ?4, ?4 + 21600000, ?4)",
        )?;
        let mut part = staged.prepare("INSERT INTO part VALUES (?1, 0, ?2)")?;
        for (number, id) in posts.iter().enumerate() {
            let text = delivery::text(number);
            let hash = Sha256::digest(text.as_bytes());
            let account = (1_000 + number % ACCOUNTS).to_string();
            post.execute(params![id, account, hash.as_slice(), now.0])?;
            part.execute(params![id, text])?;
        }
    }
    staged.commit()?;
    Ok(posts)
}

fn tell(ledger: &Connection) -> rusqlite::Result<()> {
    ledger
        .prepare_cached("INSERT INTO event (at, body) VALUES (1800000000000, ?1)")?
        .execute([EVENT])
        .map(drop)
}

fn claim(ledger: &Connection, post: &String) -> rusqlite::Result<()> {
    ledger
        .prepare_cached(
            "UPDATE post SET state = 'claimed', claimed_by = 'delivery', next_at = due_at,
                claimed_at = due_at, updated_at = due_at WHERE post_id = ?1",
        )?
        .execute([post])?;
    tell(ledger)
}

fn intend(ledger: &Connection, post: &String) -> rusqlite::Result<()> {
    ledger
        .prepare_cached(
            "UPDATE post SET state = 'sending', next_at = NULL, attempts = 1 WHERE post_id = ?1",
        )?
        .execute([post])?;
    ledger
        .prepare_cached(
            "INSERT INTO intent (post_id, revision, part, step, attempt, account, text_hash,
                started_at)
             SELECT post_id, 1, 0, 'create', 1, account, body_hash, due_at FROM post
              WHERE post_id = ?1",
        )?
        .execute([post])?;
    tell(ledger)
}

fn settle(ledger: &Connection, post: &String) -> rusqlite::Result<()> {
    ledger
        .prepare_cached(
            "UPDATE intent SET outcome = 'definite', detail = 'dry_run', ended_at = started_at
              WHERE post_id = ?1 AND part = 0 AND (outcome IS NULL OR outcome = 'unknown')",
        )?
        .execute([post])?;
    ledger
        .prepare_cached(
            "UPDATE post SET state = 'refused', code = 'dry_run', decided_at = due_at
              WHERE post_id = ?1",
        )?
        .execute([post])?;
    tell(ledger)
}
