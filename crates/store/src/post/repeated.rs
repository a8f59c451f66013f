//! Planned posts of one account that say the same, found by their duplicate key.

use roost_core::duplicate::DuplicateKey;
use roost_core::id::XUserId;
use roost_core::post::Content;

use super::{Extras, Post};
use crate::error::Error;
use crate::store::Read;

/// What several planned posts of an account have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// What they say.
    pub key: DuplicateKey,
    /// Whose they are.
    pub account: Option<XUserId>,
    /// How many posts say it.
    pub posts: u64,
}

/// One page of what is planned more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepeatedPage {
    /// What it is, the most often planned first.
    pub repeated: Vec<Repeated>,
    /// How much there is in all, on whatever page.
    pub total: u64,
    /// How many posts in all could go so that each is planned once.
    pub repeats: u64,
}

/// Planned posts, grouped by what they say and whose they are; `?2` is the key of what says nothing.
const SAME: &str = "SELECT content_hash, coalesce(account_id, '') AS account, count(*) AS posts
    FROM scheduled_post INDEXED BY post_by_status
    WHERE status IN ('draft', 'pending', 'queued', 'held') AND deleted_at IS NULL
        AND withdraw_to IS NULL AND content_hash <> ?2 AND (?1 IS NULL OR account_id = ?1)
    GROUP BY content_hash, account HAVING count(*) > 1";

impl Read<'_> {
    /// Returns what more than one planned post of an account says, of one account or of all, from `after`
    /// on and at most `limit`. What is being withdrawn is not planned.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn repeated(
        &self,
        account: Option<&XUserId>,
        after: Option<&Repeated>,
        limit: u32,
    ) -> Result<RepeatedPage, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "WITH same AS ({SAME}), sums AS (SELECT count(*) AS total, sum(posts - 1) AS repeats FROM same)
             SELECT content_hash, account, posts, total, repeats FROM same, sums
             WHERE ?3 IS NULL OR posts < ?3 OR (posts = ?3 AND (content_hash, account) > (?4, ?5))
             ORDER BY posts DESC, content_hash, account LIMIT ?6"
        ))?;
        let nothing = Content::of_texts([""]).duplicate_key();
        let mut rows = statement.query((
            account.map(|account| &account.0),
            nothing.0.as_slice(),
            after.map(|after| after.posts),
            after.map(|after| after.key.0.as_slice()),
            after.map(|after| after.account.as_ref().map_or("", |account| account.0.as_str())),
            limit,
        ))?;
        let mut page = RepeatedPage::default();
        while let Some(row) = rows.next()? {
            let account: String = row.get("account")?;
            (page.total, page.repeats) = (row.get("total")?, row.get("repeats")?);
            page.repeated.push(Repeated {
                key: DuplicateKey(row.get("content_hash")?),
                account: (!account.is_empty()).then_some(XUserId(account)),
                posts: row.get("posts")?,
            });
        }
        Ok(page)
    }

    /// Returns the planned posts that say one of `repeated`, in its order; those of one text with the
    /// earliest first, and those without a time last.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn repeated_posts(&self, repeated: &[Repeated]) -> Result<Vec<(Post, Extras)>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT post.seq FROM json_each(?1) AS wanted
             CROSS JOIN scheduled_post AS post INDEXED BY post_by_hash
                 ON post.content_hash = unhex(wanted.value ->> 0)
             WHERE coalesce(post.account_id, '') = wanted.value ->> 1
                 AND post.status IN ('draft', 'pending', 'queued', 'held')
                 AND post.deleted_at IS NULL AND post.withdraw_to IS NULL
             ORDER BY wanted.key, post.scheduled_at IS NULL, post.scheduled_at, post.seq",
        )?;
        let wanted: Vec<(String, &str)> = repeated
            .iter()
            .map(|it| {
                (it.key.to_string(), it.account.as_ref().map_or("", |account| account.0.as_str()))
            })
            .collect();
        let seqs = statement
            .query_map([serde_json::to_string(&wanted)?], |row| row.get(0))?
            .collect::<Result<Vec<i64>, _>>()?;
        self.rows_by_seq(&seqs)
    }
}
