//! Deliveries that the scheduler gave up, until their posts are settled.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use rusqlite::{Connection, params};

/// Notes a failure callback.
pub(crate) fn note(connection: &Connection, post: PostId, now: UnixMillis) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO given_up (post_id, at) VALUES (?1, ?2)
         ON CONFLICT (post_id) DO UPDATE SET at = ?2",
        params![post.to_string(), now.0],
    )?;
    Ok(())
}

/// How many posts are not settled whose delivery was given up.
pub(crate) fn unsettled(connection: &Connection) -> rusqlite::Result<u64> {
    let count = "SELECT count(*) FROM given_up JOIN post USING (post_id)
                  WHERE post.state IN ('staged', 'claimed', 'waiting', 'sending', 'unknown')";
    connection.prepare_cached(count)?.query_row([], |row| row.get::<_, u32>(0)).map(u64::from)
}

/// Forgets those whose posts are settled, or were never staged here.
pub(crate) fn prune(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM given_up WHERE NOT EXISTS
            (SELECT 1 FROM post WHERE post.post_id = given_up.post_id
              AND post.state IN ('staged', 'claimed', 'waiting', 'sending', 'unknown'))",
        [],
    )?;
    Ok(())
}
