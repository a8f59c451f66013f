//! What is deleted on X again: the intent before the call, and X's word after it.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, TweetId, XUserId};
use rusqlite::{Connection, params};

/// Writes down that everything of a post on X is to be deleted. Returns what X has not called gone
/// yet: the last part first, so that no part is left without the one that it answers.
pub(crate) fn begin(
    connection: &Connection,
    post: PostId,
    account: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<Vec<(u32, TweetId)>> {
    let id = post.to_string();
    connection
        .prepare_cached(
            "INSERT INTO removal (post_id, part, tweet_id, account, begun_at)
             SELECT post_id, part, tweet_id, ?2, ?3 FROM live_part WHERE post_id = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![id, account.0, now.0])?;
    connection
        .prepare_cached(
            "SELECT part, tweet_id FROM removal WHERE post_id = ?1 AND gone_at IS NULL
              ORDER BY part DESC",
        )?
        .query_map([id], |row| Ok((row.get(0)?, TweetId(row.get(1)?))))?
        .collect()
}

/// Notes that X has a part no more.
pub(crate) fn gone(
    connection: &Connection,
    post: PostId,
    part: u32,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE removal SET gone_at = ?3
              WHERE post_id = ?1 AND part = ?2 AND gone_at IS NULL",
        )?
        .execute(params![post.to_string(), part, now.0])?;
    Ok(())
}

/// Returns a post's parts that X has no more, in order.
pub(crate) fn gone_parts(
    connection: &Connection,
    post: PostId,
) -> rusqlite::Result<Vec<(u32, TweetId)>> {
    connection
        .prepare_cached(
            "SELECT part, tweet_id FROM removal WHERE post_id = ?1 AND gone_at IS NOT NULL
              ORDER BY part",
        )?
        .query_map([post.to_string()], |row| Ok((row.get(0)?, TweetId(row.get(1)?))))?
        .collect()
}

/// Returns the ids of a post's parts that X has no more, in order.
pub(crate) fn all_gone(connection: &Connection, post: PostId) -> rusqlite::Result<Vec<TweetId>> {
    Ok(gone_parts(connection, post)?.into_iter().map(|(_, tweet)| tweet).collect())
}
