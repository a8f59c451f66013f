//! Parts: what is to be sent, and what of it is on X.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, TweetId, XUserId};
use roost_core::post::{Content, Part};
use rusqlite::{Connection, OptionalExtension, params};

/// Replaces what a post says.
pub(crate) fn replace(
    connection: &Connection,
    post: PostId,
    content: &Content,
) -> rusqlite::Result<()> {
    let id = post.to_string();
    connection.prepare_cached("DELETE FROM part WHERE post_id = ?1")?.execute([&id])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO part (post_id, part, text, beyond_text, has_media)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (number, part) in (0_i64..).zip(&content.parts) {
        let has_media = !part.media.is_empty();
        insert.execute(params![id, number, part.text, part.stored_beyond(), has_media])?;
    }
    Ok(())
}

/// Returns one part, with all that it has beside its text.
pub(crate) fn get(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<Part>> {
    connection
        .prepare_cached("SELECT text, beyond_text FROM part WHERE post_id = ?1 AND part = ?2")?
        .query_row(params![post.to_string(), part], |row| {
            let beyond: Option<String> = row.get(1)?;
            Part::from_stored(row.get(0)?, beyond.as_deref())
                .map_err(|error| super::foreign(1, error.to_string()))
        })
        .optional()
}

/// Whether a part of a post has media.
pub(crate) fn has_media(connection: &Connection, post: PostId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM part WHERE has_media = 1 AND post_id = ?1")?
        .exists([post.to_string()])
}

/// Whether any part has media.
pub(crate) fn any_has_media(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM part WHERE has_media = 1")?.exists([])
}

/// The text of one part.
pub(crate) fn text(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT text FROM part WHERE post_id = ?1 AND part = ?2")?
        .query_row(params![post.to_string(), part], |row| row.get(0))
        .optional()
}

/// Returns what a post says, when its parts are all there; `None` when one is missing or is no part any
/// more. Without parts it is empty: they are forgotten some time after the decision.
pub(crate) fn content(connection: &Connection, post: PostId) -> rusqlite::Result<Option<Content>> {
    let mut statement = connection.prepare_cached(
        "SELECT part, text, beyond_text FROM part WHERE post_id = ?1 ORDER BY part",
    )?;
    let mut rows = statement.query([post.to_string()])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        let (number, beyond): (i64, Option<String>) = (row.get(0)?, row.get(2)?);
        let part = Part::from_stored(row.get(1)?, beyond.as_deref());
        match part {
            Ok(part) if usize::try_from(number) == Ok(parts.len()) => parts.push(part),
            _ => return Ok(None),
        }
    }
    Ok(Some(Content { parts }))
}

/// The id on X of one part.
pub(crate) fn live(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<TweetId>> {
    connection
        .prepare_cached("SELECT tweet_id FROM live_part WHERE post_id = ?1 AND part = ?2")?
        .query_row(params![post.to_string(), part], |row| row.get(0).map(TweetId))
        .optional()
}

/// Returns since when the ledger knows one part to be on X.
pub(crate) fn live_since(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<UnixMillis>> {
    connection
        .prepare_cached("SELECT at FROM live_part WHERE post_id = ?1 AND part = ?2")?
        .query_row(params![post.to_string(), part], |row| row.get(0).map(UnixMillis))
        .optional()
}

/// Returns the ids on X of the parts that are there, from the first on.
pub(crate) fn all_live(connection: &Connection, post: PostId) -> rusqlite::Result<Vec<TweetId>> {
    connection
        .prepare_cached("SELECT tweet_id FROM live_part WHERE post_id = ?1 ORDER BY part")?
        .query_map([post.to_string()], |row| row.get(0).map(TweetId))?
        .collect()
}

/// The id on X of what a part answers: the part before it.
pub(crate) fn before(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<TweetId>> {
    part.checked_sub(1).map_or(Ok(None), |before| live(connection, post, before))
}

/// Writes down that a part is on X. False when the tweet belongs to another part already.
pub(crate) fn add_live(
    connection: &Connection,
    post: PostId,
    part: u32,
    tweet: &TweetId,
    account: Option<&XUserId>,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let added = connection
        .prepare_cached(
            "INSERT INTO live_part (post_id, part, tweet_id, account, at)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![post.to_string(), part, tweet.0, account.map(|a| &a.0), now.0])?;
    Ok(added == 1)
}

/// Whether a tweet is known to belong to some post.
pub(crate) fn is_known(connection: &Connection, tweet: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM live_part WHERE tweet_id = ?1")?.exists([tweet])
}

/// The newest tweet known of an account that X made before an instant: what comes after it may be
/// ours. X's ids rise with time only roughly, and a person may have typed one: hence the bound.
pub(crate) fn newest_before(
    connection: &Connection,
    account: &XUserId,
    before: UnixMillis,
) -> rusqlite::Result<Option<String>> {
    let bound = (before.0 - SNOWFLAKE_EPOCH_MS).max(0) << 22;
    connection
        .prepare_cached(
            "SELECT tweet_id FROM live_part
              WHERE account = ?1 AND CAST(tweet_id AS INTEGER) <= ?2
              ORDER BY CAST(tweet_id AS INTEGER) DESC LIMIT 1",
        )?
        .query_row(params![account.0, bound], |row| row.get(0))
        .optional()
}

/// X's ids count milliseconds from here, above 22 bits of their own.
const SNOWFLAKE_EPOCH_MS: i64 = 1_288_834_974_657;
