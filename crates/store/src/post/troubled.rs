//! Posts that failed, wait or were missed, by what they have in common.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use roost_core::status::Status;

use crate::error::Error;
use crate::sql::{instant_option, parsed};
use crate::store::Read;

/// What does not go out as planned: it failed, was missed, needs a check, waits on the relay, or was put
/// aside on this computer for a reason.
const TROUBLED: &str = "deleted_at IS NULL AND withdraw_to IS NULL
    AND (status IN ('failed', 'missed', 'unknown', 'partial', 'held')
         OR (status = 'pending' AND error_code IS NOT NULL))";

/// Posts of one account that stand at one status for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Troubled {
    /// Where they stand.
    pub status: Status,
    /// The reason: a word of the closed set of codes.
    pub code: Option<String>,
    /// Whose they are.
    pub account: Option<XUserId>,
    /// How many.
    pub posts: u64,
    /// When the first is, or was, due.
    pub first: Option<UnixMillis>,
    /// What was said of it, by X or the relay.
    pub said: Option<String>,
}

impl Read<'_> {
    /// Returns how many posts fail, wait or were missed, by status, reason and account.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn troubled(&self) -> Result<Vec<Troubled>, Error> {
        let sql = format!(
            "SELECT status, error_code, account_id, count(*) AS posts, min(scheduled_at) AS first,
                 max(error_message) AS said
             FROM scheduled_post WHERE {TROUBLED}
             GROUP BY status, error_code, account_id ORDER BY posts DESC, error_code, account_id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_map([], |row| {
            Ok(Troubled {
                status: parsed(row, "status")?,
                code: row.get("error_code")?,
                account: row.get::<_, Option<String>>("account_id")?.map(XUserId),
                posts: row.get("posts")?,
                first: instant_option(row, "first")?,
                said: row.get("said")?,
            })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Returns the posts of one row of [`Read::troubled`], in the order in which they were planned.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn troubled_posts(
        &self,
        status: Status,
        code: Option<&str>,
        account: Option<&XUserId>,
    ) -> Result<Vec<PostId>, Error> {
        let sql = format!(
            "SELECT id FROM scheduled_post
             WHERE {TROUBLED} AND status = ?1 AND error_code IS ?2 AND account_id IS ?3
             ORDER BY scheduled_at, seq"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement
            .query_map((status.as_str(), code, account.map(|it| &it.0)), |row| parsed(row, "id"))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}
