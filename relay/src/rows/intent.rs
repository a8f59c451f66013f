//! Intents: each call to X, written down before its first byte leaves.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, XUserId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::x_time::XTime;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// X created the part and said its id.
    Created,
    /// Nothing was created.
    Definite,
    /// The part may have been created.
    Unknown,
    /// The timeline showed the part afterwards.
    Found,
    /// A person decided to send again.
    Overruled,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Definite => "definite",
            Self::Unknown => "unknown",
            Self::Found => "found",
            Self::Overruled => "overruled",
        }
    }
}

/// One call to X.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) post: PostId,
    pub(crate) revision: Revision,
    pub(crate) part: u32,
    pub(crate) attempt: u32,
    pub(crate) account: XUserId,
    pub(crate) text_hash: Vec<u8>,
    /// The newest tweet known of the account when the call was made.
    pub(crate) since_id: Option<String>,
    /// The tweet that this part answers, in a thread.
    pub(crate) reply_to: Option<String>,
    pub(crate) started_at: UnixMillis,
    /// What was known of X's time then.
    pub(crate) x_time: XTime,
}

/// Writes an intent down under the next attempt's number.
pub(crate) fn begin(connection: &Connection, intent: &mut Intent) -> rusqlite::Result<()> {
    let post = intent.post.to_string();
    intent.attempt = connection
        .prepare_cached(
            "SELECT ifnull(max(attempt), 0) + 1 FROM intent
              WHERE post_id = ?1 AND revision = ?2 AND part = ?3 AND step = 'create'",
        )?
        .query_row(params![post, intent.revision.0, intent.part], |row| row.get(0))?;
    connection
        .prepare_cached(
            "INSERT INTO intent (post_id, revision, part, step, attempt, account, text_hash,
                since_id, reply_to, started_at, clock_ahead, x_since)
             VALUES (?1, ?2, ?3, 'create', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            post,
            intent.revision.0,
            intent.part,
            intent.attempt,
            intent.account.0,
            intent.text_hash,
            intent.since_id,
            intent.reply_to,
            intent.started_at.0,
            intent.x_time.ahead_ms,
            intent.x_time.since.map(|since| since.0),
        ])?;
    Ok(())
}

/// Writes down how the open calls of a part ended.
pub(crate) fn end(
    connection: &Connection,
    post: PostId,
    part: u32,
    outcome: Outcome,
    detail: Option<&str>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    // Row by row: an UPDATE that leaves the index it searches by goes through a temporary table.
    let open: Vec<i64> = connection
        .prepare_cached(
            "SELECT rowid FROM intent
              WHERE post_id = ?1 AND part = ?2 AND (outcome IS NULL OR outcome = 'unknown')",
        )?
        .query_map(params![post.to_string(), part], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut end = connection.prepare_cached(
        "UPDATE intent SET outcome = ?2, detail = ifnull(?3, detail), ended_at = ?4
          WHERE rowid = ?1",
    )?;
    for row in open {
        end.execute(params![row, outcome.as_str(), detail, now.0])?;
    }
    Ok(())
}

/// The earliest call of a part that X may have carried out: its outcome is not known, or was not
/// when a person overruled it.
pub(crate) fn earliest_lost(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<Intent>> {
    connection
        .prepare_cached(
            "SELECT * FROM intent WHERE post_id = ?1 AND part = ?2
                AND (outcome IS NULL OR outcome IN ('unknown', 'overruled'))
              ORDER BY started_at LIMIT 1",
        )?
        .query_row(params![post.to_string(), part], read)
        .optional()
}

/// Returns when the first call of a post began, of whatever part; `None` when there was none.
pub(crate) fn first_call(
    connection: &Connection,
    post: PostId,
) -> rusqlite::Result<Option<UnixMillis>> {
    connection
        .prepare_cached("SELECT min(started_at) FROM intent WHERE post_id = ?1")?
        .query_row([post.to_string()], |row| Ok(row.get::<_, Option<i64>>(0)?.map(UnixMillis)))
}

/// What is kept with the last call of a part whose outcome is not known.
pub(crate) fn lost_detail(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<String>> {
    let detail = connection
        .prepare_cached(
            "SELECT detail FROM intent WHERE post_id = ?1 AND part = ?2 AND outcome = 'unknown'
              ORDER BY rowid DESC LIMIT 1",
        )?
        .query_row(params![post.to_string(), part], |row| row.get(0))
        .optional()?;
    Ok(detail.flatten())
}

/// What an overruled call says when the relay's own setting overruled it.
pub(crate) const RESENT: &str = "sent once more by itself";

/// Whether the setting had the post sent once more before.
pub(crate) fn was_resent(connection: &Connection, post: PostId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM intent WHERE post_id = ?1 AND detail = ?2")?
        .exists(params![post.to_string(), RESENT])
}

fn read(row: &Row<'_>) -> rusqlite::Result<Intent> {
    let post: String = row.get("post_id")?;
    Ok(Intent {
        post: post.parse().map_err(|_| super::foreign(0, "a post id is no UUID"))?,
        revision: Revision(row.get("revision")?),
        part: row.get("part")?,
        attempt: row.get("attempt")?,
        account: XUserId(row.get("account")?),
        text_hash: row.get("text_hash")?,
        since_id: row.get("since_id")?,
        reply_to: row.get("reply_to")?,
        started_at: UnixMillis(row.get("started_at")?),
        x_time: XTime {
            ahead_ms: row.get("clock_ahead")?,
            since: row.get::<_, Option<i64>>("x_since")?.map(UnixMillis),
        },
    })
}

/// The hash of the text with which a part was called for first, if it is known.
pub(crate) fn first_text_hash(
    connection: &Connection,
    post: PostId,
    part: u32,
) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached(
            "SELECT text_hash FROM intent WHERE post_id = ?1 AND part = ?2 AND text_hash <> x''
              ORDER BY started_at LIMIT 1",
        )?
        .query_row(params![post.to_string(), part], |row| row.get(0))
        .optional()
}

/// When calls were made since an instant, by account: what X's limits count. Those that never
/// left do not.
pub(crate) fn recent(
    connection: &Connection,
    since: UnixMillis,
) -> rusqlite::Result<Vec<(XUserId, UnixMillis)>> {
    connection
        .prepare_cached(
            "SELECT account, started_at FROM intent
              WHERE started_at > ?1
                AND NOT (ifnull(outcome, '') = 'definite'
                         AND ifnull(detail, '') IN ('not_connected', 'dry_run'))
              ORDER BY started_at",
        )?
        .query_map([since.0], |row| Ok((XUserId(row.get(0)?), UnixMillis(row.get(1)?))))?
        .collect()
}

/// Whether another call of the same part ended in a certain way. `how` is always ours.
pub(crate) fn ended_as(
    connection: &Connection,
    intent: &Intent,
    how: &'static str,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(&format!(
            "SELECT 1 FROM intent WHERE post_id = ?1 AND part = ?2
                AND NOT (revision = ?3 AND attempt = ?4) AND {how}"
        ))?
        .exists(params![intent.post.to_string(), intent.part, intent.revision.0, intent.attempt])
}

/// Returns how many other calls of the same part, under the same revision, X refused in this way.
pub(crate) fn count_refusals(
    connection: &Connection,
    intent: &Intent,
    kind: &str,
) -> rusqlite::Result<u32> {
    connection
        .prepare_cached(
            "SELECT count(*) FROM intent WHERE post_id = ?1 AND part = ?2 AND revision = ?3
                AND attempt <> ?4 AND outcome = 'definite' AND detail = ?5",
        )?
        .query_row(
            params![intent.post.to_string(), intent.part, intent.revision.0, intent.attempt, kind],
            |row| row.get(0),
        )
}
