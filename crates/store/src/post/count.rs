//! How many posts stand where. Counts by status, list and account are kept by the database; others
//! are read from an index.

use std::collections::BTreeMap;

use roost_core::id::XUserId;
use roost_core::status::Status;
use rusqlite::params_from_iter;
use serde::Serialize;

use super::List;
use super::candidates::Candidates;
use super::filter::{Filter, Order, Traits};
use super::index_choice;
use crate::error::Error;
use crate::sql::parsed;
use crate::store::Read;

/// Hits of a tag or of words are counted up to here.
const COUNTED_MAX: usize = 1_000;

/// How many posts stand where, the trash aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StatusCounts(pub BTreeMap<Status, u64>);

impl StatusCounts {
    /// Returns how many are at `status`.
    #[must_use]
    pub fn of(&self, status: Status) -> u64 {
        self.0.get(&status).copied().unwrap_or_default()
    }

    /// Returns how many are in `list`.
    #[must_use]
    pub fn in_list(&self, list: List) -> u64 {
        self.0.iter().filter(|(status, _)| List::of(**status) == list).map(|(_, n)| n).sum()
    }

    /// Returns how many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// How many posts a list has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// So many, or more when that is not exact.
    pub posts: u64,
    /// Whether there are no more.
    pub is_exact: bool,
}

impl Total {
    pub(super) const fn exactly(posts: u64) -> Self {
        Self { posts, is_exact: true }
    }
}

/// Whether every count is kept that a filter asks for; answers which statuses it asks for.
fn is_kept(filter: &Filter) -> Option<impl Fn(&Status) -> bool> {
    let Filter {
        ids,
        statuses,
        list,
        account: _,
        tag,
        import,
        from,
        until,
        text,
        scheduled,
        needs_person,
        traits,
    } = filter;
    let asks_no_more = ids.is_empty()
        && !needs_person
        && tag.is_none()
        && import.is_none()
        && from.is_none()
        && until.is_none()
        && text.is_none()
        && scheduled.is_none()
        && *traits == Traits::default();
    asks_no_more.then_some(move |status: &Status| {
        (statuses.is_empty() || statuses.contains(status))
            && list.is_none_or(|list| list == List::of(*status))
    })
}

impl Read<'_> {
    /// Returns how many posts `filter` lets through.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn count_posts(&self, filter: &Filter) -> Result<u64, Error> {
        if let Some(counted) = is_kept(filter) {
            let counts = self.status_counts(filter.account.as_ref())?;
            return Ok(counts.0.iter().filter(|(status, _)| counted(status)).map(|(_, n)| n).sum());
        }
        let found = self.figure(filter, self.candidates(filter)?.as_ref(), "count(*)")?;
        Ok(u64::try_from(found).unwrap_or_default())
    }

    /// The same, where hits of a tag or of words beyond 1,000 need not be counted.
    pub(super) fn total(
        &self,
        filter: &Filter,
        candidates: Option<&Candidates>,
    ) -> Result<Total, Error> {
        if candidates.is_none() && filter.text.is_none() {
            return Ok(Total::exactly(self.count_posts(filter)?));
        }
        let place = (None, Order::Ascending);
        let found = self.keys(filter, place, candidates, COUNTED_MAX + 1)?.len();
        Ok(Total {
            posts: u64::try_from(found.min(COUNTED_MAX)).unwrap_or_default(),
            is_exact: found <= COUNTED_MAX,
        })
    }

    /// Returns what all posts that `filter` lets through cost, in micro-dollars.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn cost_of_posts(&self, filter: &Filter) -> Result<i64, Error> {
        self.figure(filter, self.candidates(filter)?.as_ref(), "sum(post.cost_micros)")
    }

    fn figure(
        &self,
        filter: &Filter,
        candidates: Option<&Candidates>,
        figure: &str,
    ) -> Result<i64, Error> {
        let among = candidates.map(Candidates::json);
        let Some(sql) = index_choice::figure(filter, among.as_deref(), figure) else {
            return Ok(0);
        };
        let mut statement = self.connection.prepare_cached(&sql.text)?;
        Ok(statement.query_row(params_from_iter(&sql.values), |row| row.get(0))?)
    }

    /// Returns how many scheduled posts name no account: they can't be posted until they do.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn count_without_account(&self) -> Result<u64, Error> {
        let sql = "SELECT coalesce(sum(posts), 0) FROM post_count
                   WHERE account_id = '' AND status = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([Status::Pending.as_str()], |row| row.get(0))?)
    }

    /// Returns how many posts of an account can be withdrawn: still to go out, and not on their way
    /// back. Counted as all of them without those few.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn count_cancellable(&self, account: &XUserId) -> Result<u64, Error> {
        let counts = self.status_counts(Some(account))?;
        let open: u64 = [Status::Pending, Status::Queued, Status::Held]
            .into_iter()
            .map(|status| counts.of(status))
            .sum();
        let sql = "SELECT count(*) FROM scheduled_post INDEXED BY post_withdrawing
                   WHERE withdraw_to IN ('cancelled', 'deleted') AND account_id = ?1
                     AND status IN ('pending', 'queued', 'held') AND deleted_at IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let leaving: u64 = statement.query_row([&account.0], |row| row.get(0))?;
        Ok(open.saturating_sub(leaving))
    }

    /// Returns how many posts stand at which status, of one account or of all.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn status_counts(&self, account: Option<&XUserId>) -> Result<StatusCounts, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT status, sum(posts) AS posts FROM post_count
             WHERE posts > 0 AND (?1 IS NULL OR account_id = ?1) GROUP BY status",
        )?;
        let counts = statement.query_map([account.map(|account| &account.0)], |row| {
            Ok((parsed(row, "status")?, row.get("posts")?))
        })?;
        Ok(StatusCounts(counts.collect::<Result<_, _>>()?))
    }
}
