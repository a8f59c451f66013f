//! What an earlier process wrote and perhaps never told: a kill may fall between a commit and its
//! line in the log. Whatever changed shortly before the end is told once more at the next start.

use std::collections::HashSet;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_relay_api::{DeliveryState, EventKind};
use rusqlite::{Connection, params};

use crate::audit_log::Change;
use crate::rows::part;
use crate::rows::post::{self, Post};

/// Events looked at, at the most; also the most lines.
const EVENTS_MAX: u32 = 5_000;
/// A heartbeat may be on disk before the line of an earlier change is written.
const HEARTBEAT_SLACK: Duration = Duration::from_secs(10);

/// The posts that changed since the last heartbeat, oldest change first.
pub(crate) fn unlogged_changes(
    connection: &Connection,
    heartbeat: UnixMillis,
) -> rusqlite::Result<Vec<Change>> {
    let since = heartbeat.minus(HEARTBEAT_SLACK);
    let mut ids = posts_with_recent_events(connection, since)?;
    ids.extend(recently_staged(connection, since)?);
    let mut posts = Vec::with_capacity(ids.len());
    for id in ids {
        // What the disk has changed is told by others, and keeps nobody from starting.
        posts.extend(post::get(connection, id).unwrap_or_default());
    }
    posts.sort_by_key(|post| (post.updated_at, post.id));
    posts.iter().map(|post| as_unchanged(connection, post)).collect()
}

/// Every change but a staging is an event, too.
fn posts_with_recent_events(
    connection: &Connection,
    since: UnixMillis,
) -> rusqlite::Result<HashSet<PostId>> {
    let mut statement =
        connection.prepare("SELECT at, body FROM event ORDER BY seq DESC LIMIT ?1")?;
    let mut rows = statement.query([EVENTS_MAX])?;
    let mut ids = HashSet::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? < since.0 {
            break;
        }
        let kind = row.get_ref(1)?.as_str().map(serde_json::from_str::<EventKind>);
        if let Ok(Ok(kind)) = kind {
            ids.extend(kind.post_id());
        }
    }
    Ok(ids)
}

fn recently_staged(connection: &Connection, since: UnixMillis) -> rusqlite::Result<Vec<PostId>> {
    let mut statement = connection.prepare(
        "SELECT post_id FROM post
          WHERE state IN ('staged', 'claimed', 'waiting') AND state = 'staged' AND updated_at >= ?1
          LIMIT ?2",
    )?;
    let ids = statement.query_map(params![since.0, EVENTS_MAX], |row| row.get::<_, String>(0))?;
    Ok(ids.filter_map(|id| id.ok()?.parse().ok()).collect())
}

fn as_unchanged(connection: &Connection, post: &Post) -> rusqlite::Result<Change> {
    let number = match post.state {
        DeliveryState::Posted => post.live.saturating_sub(1),
        _ => post.live.min(post.parts.saturating_sub(1)),
    };
    Ok(Change::unchanged(post, number, part::live(connection, post.id, number)?))
}
