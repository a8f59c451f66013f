//! The ledger: every request to create a post, and what became of it.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use crate::database::{Error, Scope};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It arrived and was not decided: the sandbox may have died over it.
    Arrived,
    /// A post was created.
    Accepted,
    /// It was refused for a reason: nothing was created, and the caller can know.
    Refused,
    /// The sandbox failed on purpose: nothing was created, and the caller cannot know.
    Failed,
    /// The connection was cut on purpose before anything was done: the caller cannot know.
    Lost,
}

impl Outcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }

    fn read(word: &str) -> Self {
        match word {
            "accepted" => Self::Accepted,
            "refused" => Self::Refused,
            "failed" => Self::Failed,
            "lost" => Self::Lost,
            _ => Self::Arrived,
        }
    }
}

/// One request to create a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number: they rise.
    pub id: i64,
    /// When it arrived, before it was looked at: Unix milliseconds.
    pub arrived_at: i64,
    /// The account's X user id; none when the token was no good.
    pub account_id: Option<String>,
    /// The text; none when the body could not be read.
    pub text: Option<String>,
    /// The whole body.
    pub body: String,
    /// The body's SHA-256, in hexadecimal.
    pub body_hash: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether a post was created.
    pub accepted: bool,
    /// The HTTP status that was decided, when one was.
    pub status: Option<u16>,
    /// The refusal's name in the catalogue, or a short reason.
    pub reason: Option<String>,
    /// The post's id, when one was created.
    pub tweet_id: Option<String>,
    /// Whether the true answer was let out.
    pub answered: bool,
    /// The fault that struck.
    pub fault: Option<String>,
    /// When it was decided: Unix milliseconds.
    pub decided_at: Option<i64>,
}

const COLUMNS: &str = "id, arrived_at, account_id, text, body, body_hash, outcome, status, reason,
     tweet_id, answered, fault, decided_at";

impl Entry {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        let outcome = Outcome::read(&row.get::<_, String>(6)?);
        let tweet_id: Option<i64> = row.get(9)?;
        Ok(Self {
            id: row.get(0)?,
            arrived_at: row.get(1)?,
            account_id: row.get::<_, Option<i64>>(2)?.map(|id| id.to_string()),
            text: row.get(3)?,
            body: row.get(4)?,
            body_hash: row.get(5)?,
            outcome,
            accepted: tweet_id.is_some(),
            status: row.get(7)?,
            reason: row.get(8)?,
            tweet_id: tweet_id.map(|id| id.to_string()),
            answered: row.get(10)?,
            fault: row.get(11)?,
            decided_at: row.get(12)?,
        })
    }
}

/// Writes a request down as it arrives.
pub(crate) fn arrive(
    scope: &Scope<'_>,
    arrived_at: i64,
    account_id: Option<i64>,
    text: Option<&str>,
    body: &[u8],
) -> Result<i64, Error> {
    let body_hash = crate::token::hex(&<sha2::Sha256 as sha2::Digest>::digest(body));
    scope
        .db
        .prepare_cached(
            "INSERT INTO create_request (arrived_at, account_id, text, body, body_hash, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, 'arrived')",
        )?
        .execute(params![arrived_at, account_id, text, String::from_utf8_lossy(body), body_hash])?;
    Ok(scope.db.last_insert_rowid())
}

/// What was decided about a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decision {
    pub(crate) status: Option<u16>,
    pub(crate) reason: Option<String>,
    pub(crate) tweet_id: Option<i64>,
    pub(crate) counted: bool,
}

pub(crate) fn decide(
    scope: &Scope<'_>,
    id: i64,
    outcome: Outcome,
    decision: &Decision,
    now: i64,
) -> Result<(), Error> {
    scope
        .db
        .prepare_cached(
            "UPDATE create_request SET outcome = ?2, status = ?3, reason = ?4, tweet_id = ?5,
                 counted = ?6, decided_at = ?7, answered = 1
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            outcome.as_str(),
            decision.status,
            decision.reason,
            decision.tweet_id,
            decision.counted,
            now
        ])?;
    Ok(())
}

/// Notes the fault that struck a request, and whether the true answer got out all the same.
pub(crate) fn strike(scope: &Scope<'_>, id: i64, fault: &str, answered: bool) -> Result<(), Error> {
    scope.db.execute(
        "UPDATE create_request SET fault = ?2, answered = ?3 WHERE id = ?1",
        params![id, fault, answered],
    )?;
    Ok(())
}

/// The entries after number `after`, oldest first.
pub(crate) fn entries(scope: &Scope<'_>, after: i64, limit: u32) -> Result<Vec<Entry>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM create_request WHERE id > ?1 ORDER BY id LIMIT ?2");
    let mut statement = scope.db.prepare_cached(&sql)?;
    Ok(statement.query_map(params![after, limit], Entry::read)?.collect::<Result<_, _>>()?)
}

/// When one request arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// When: Unix milliseconds.
    pub at: i64,
    /// The account's X user id.
    pub account_id: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// The post's id, when one was created.
    pub tweet_id: Option<String>,
}

/// The ledger in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Requests to create a post.
    pub requests: i64,
    /// Different posts (account and text) that were created at least once.
    pub posts: i64,
    /// Requests that created a post.
    pub accepted: i64,
    /// Requests refused for a reason the caller was told.
    pub refused: i64,
    /// Requests beyond one per account and text, whether a post was created or not; those that
    /// were refused for a reason the caller was told do not count.
    pub duplicates: i64,
    /// Every request's arrival, oldest first.
    pub arrivals: Vec<Arrival>,
}

/// Counts the ledger.
pub(crate) fn summary(scope: &Scope<'_>) -> Result<Summary, Error> {
    // Posts without words are told apart by their bodies.
    let counted = scope.db.query_row(
        "WITH request AS (
             SELECT account_id, coalesce(nullif(text, ''), body_hash) AS content, tweet_id,
                    outcome = 'refused' AND answered AS definite
             FROM create_request
         ), post AS (
             SELECT count(tweet_id) AS accepted, sum(NOT definite) AS uncertain
             FROM request GROUP BY account_id, content
         )
         SELECT (SELECT count(*) FROM request), (SELECT count(tweet_id) FROM request),
                (SELECT coalesce(sum(definite), 0) FROM request),
                (SELECT count(*) FROM post WHERE accepted > 0),
                (SELECT coalesce(sum(max(uncertain - 1, 0)), 0) FROM post)",
        [],
        |row| {
            Ok(Summary {
                requests: row.get(0)?,
                accepted: row.get(1)?,
                refused: row.get(2)?,
                posts: row.get(3)?,
                duplicates: row.get(4)?,
                arrivals: Vec::new(),
            })
        },
    )?;
    let mut statement = scope.db.prepare_cached(
        "SELECT arrived_at, account_id, text, tweet_id FROM create_request ORDER BY id",
    )?;
    let arrivals = statement.query_map([], |row| {
        Ok(Arrival {
            at: row.get(0)?,
            account_id: row.get::<_, Option<i64>>(1)?.map(|id| id.to_string()),
            text: row.get(2)?,
            tweet_id: row.get::<_, Option<i64>>(3)?.map(|id| id.to_string()),
        })
    })?;
    Ok(Summary { arrivals: arrivals.collect::<Result<_, _>>()?, ..counted })
}
