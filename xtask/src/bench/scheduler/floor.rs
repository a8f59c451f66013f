//! The limits: rows committed durably without a scheduler, bodies posted without a schedule.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::{Connection, params};

use super::message::Load;
use super::receiver::Receiver;
use crate::bench::load;

/// As long as a message's row.
const ROW: [u8; 600] = [b'x'; 600];
/// Connections of the bare posts: as many as our scheduler has deliveries under way.
const CONNECTIONS: usize = 100;

/// Rows per second that SQLite alone commits with the durability and the grouping of ours.
pub(super) fn commits(folder: &Path, group: usize, time: Duration) -> Result<f64> {
    let path = folder.join(format!("floor-{group}.sqlite"));
    let _ = std::fs::remove_file(&path);
    let database = Connection::open(&path)?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute("CREATE TABLE row (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)", [])?;
    let mut insert = database.prepare("INSERT INTO row (body) VALUES (?1)")?;
    let (begun, mut rows) = (Instant::now(), 0.0);
    while begun.elapsed() < time {
        database.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..group {
            insert.execute(params![ROW])?;
            rows += 1.0;
        }
        database.execute_batch("COMMIT")?;
    }
    Ok(rows / begun.elapsed().as_secs_f64())
}

/// Bodies per second that the load generator alone posts to the receiver.
pub(super) fn posts(receiver: &Receiver, count: usize) -> Result<f64> {
    receiver.clear();
    let load = Load { url: receiver.url(), count, at: 1, spread: false };
    let requests = load.posts(&receiver.address.to_string());
    load::fire(receiver.address, requests, CONNECTIONS)?;
    Ok(receiver.take(count)?.per_second())
}
