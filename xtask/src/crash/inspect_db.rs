//! What the databases of a run say, read beside the programs that work on them.
#![expect(
    clippy::disallowed_methods,
    reason = "it looks at files from outside, or measures bare SQLite"
)]

use std::path::Path;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

/// A post as the desktop's store has it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) revision: i64,
    pub(crate) due_at: Option<i64>,
    pub(crate) error: String,
    /// What a check found is still to be told to the relay: the desktop of a sandbox sends again by
    /// itself what a kill interrupted.
    pub(crate) is_being_resolved: bool,
}

/// Statuses in which a person has been told what became of a post.
const DECIDED: [&str; 6] = ["posted", "cancelled", "unknown", "partial", "failed", "missed"];

impl Row {
    pub(crate) fn is_decided(&self) -> bool {
        DECIDED.contains(&self.status.as_str()) && !self.is_being_resolved
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Returns the rows of the posts whose text begins with a key, without the drafts in which the engine kept the
/// words of an edit that came too late: on a slow machine there may be one.
pub(crate) fn rows(folder: &Path, key: &str) -> Result<Vec<Row>> {
    let store = open(&folder.join("roost/roost.db")).context("the store")?;
    let mut statement = store.prepare(
        "SELECT id, status, revision, scheduled_at, coalesce(error_message, ''),
                EXISTS (SELECT 1 FROM outbox
                         WHERE post_id = scheduled_post.id AND kind = 'resolve' AND done_at IS NULL)
           FROM scheduled_post
          WHERE content LIKE ?1 || '/%'
            AND NOT (status = 'draft'
                     AND EXISTS (SELECT 1 FROM post_event
                                  WHERE post_id = scheduled_post.id AND kind = 'created' AND actor = 'engine'))",
    )?;
    let rows = statement.query_map([key], |row| {
        Ok(Row {
            id: row.get(0)?,
            status: row.get(1)?,
            revision: row.get(2)?,
            due_at: row.get(3)?,
            error: row.get(4)?,
            is_being_resolved: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The texts of a post's parts, first to last.
pub(crate) fn texts(folder: &Path, id: &str) -> Result<Vec<String>> {
    let store = open(&folder.join("roost/roost.db")).context("the store")?;
    let mut statement = store.prepare(
        "SELECT coalesce(p.text, s.content) FROM post_part p JOIN scheduled_post s ON s.id = p.post_id
          WHERE p.post_id = ?1 ORDER BY p.position",
    )?;
    let texts: Vec<String> =
        statement.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if texts.is_empty() {
        let sql = "SELECT content FROM scheduled_post WHERE id = ?1";
        return Ok(vec![store.query_row(sql, [id], |row| row.get(0))?]);
    }
    Ok(texts)
}

/// Whether anything tells the person of a post: a notification, or its receipt.
pub(crate) fn is_told(folder: &Path, id: &str, status: &str) -> Result<bool> {
    let store = open(&folder.join("roost/roost.db")).context("the store")?;
    let told = store.query_row(
        "SELECT EXISTS (SELECT 1 FROM notification WHERE post_id = ?1)
             OR EXISTS (SELECT 1 FROM post_event WHERE post_id = ?1 AND after LIKE '%' || ?2 || '%')",
        [id, status],
        |row| row.get(0),
    )?;
    Ok(told)
}

/// Whether the person was told that a post may be on X or not.
pub(crate) fn is_doubt_told(folder: &Path, id: &str) -> Result<bool> {
    let store = open(&folder.join("roost/roost.db")).context("the store")?;
    let told = store.query_row(
        "SELECT EXISTS (SELECT 1 FROM post_event
                         WHERE post_id = ?1 AND kind = 'outcome' AND after LIKE '%\"status\":\"unknown\"%')",
        [id],
        |row| row.get(0),
    )?;
    Ok(told)
}

/// Where the relay has a post; nothing while it does not know it or is being restored.
pub(crate) fn on_relay(folder: &Path, id: &str) -> Option<String> {
    let relay = open(&folder.join("relay/relay.sqlite")).ok()?;
    let sql = "SELECT state FROM post WHERE post_id = ?1";
    relay.query_row(sql, [id], |row| row.get(0)).optional().ok()?
}

/// Until when the relay's access token holds, Unix milliseconds.
pub(crate) fn token_lives_until(folder: &Path) -> i64 {
    let Ok(relay) = open(&folder.join("relay/relay.sqlite")) else { return 0 };
    relay.query_row("SELECT max(expires_at) FROM account", [], |row| row.get(0)).unwrap_or(0)
}

/// What is wrong with a database: pages, references.
pub(crate) fn damage(path: &Path) -> Result<Option<String>> {
    let connection = Connection::open(path)?;
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let orphans: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| r.get(0))?;
    let name = path.display();
    if verdict != "ok" {
        return Ok(Some(format!("{name}: {verdict}")));
    }
    Ok((orphans > 0).then(|| format!("{name}: {orphans} rows refer to nothing")))
}
