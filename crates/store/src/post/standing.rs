//! How much waits for what: the figures behind "safe to close", each read from an index.

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sql::instant_option;
use crate::store::Read;

/// Some posts, and when the first of them is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// How many.
    pub posts: u64,
    /// When the first is due; none when there is none.
    pub first: Option<UnixMillis>,
}

impl Read<'_> {
    /// Returns the posts due before `until` that have an account and were not handed over whole.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn not_handed_over(&self, until: UnixMillis) -> Result<Backlog, Error> {
        self.backlog(
            "status IN ('pending', 'held') AND scheduled_at < ?1 AND account_id IS NOT NULL
                 AND (status = 'pending' OR offered_revision <= withdrawn_revision)
                 AND deleted_at IS NULL",
            [until.0],
        )
    }

    /// Returns the scheduled posts that name no account.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn waiting_for_account(&self) -> Result<Backlog, Error> {
        self.backlog("status = 'pending' AND account_id IS NULL AND deleted_at IS NULL", [])
    }

    /// Returns the posts whose withdrawal or change the relay has not acknowledged, deleted ones
    /// too.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn withdrawing(&self) -> Result<Backlog, Error> {
        self.backlog("withdraw_to IS NOT NULL", [])
    }

    /// Returns the posts of an account that are scheduled and not decided.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn open_of(&self, account: &XUserId) -> Result<Backlog, Error> {
        self.backlog(
            "account_id = ?1 AND list = 'upcoming' AND deleted_at IS NULL",
            [account.0.as_str()],
        )
    }

    /// Returns when the first post is due that needs this computer: it was not handed over, or the
    /// relay has not acknowledged that it is withdrawn.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn first_here(&self) -> Result<Option<UnixMillis>, Error> {
        let pending = self.not_handed_over(UnixMillis(i64::MAX))?.first;
        let withdrawing = self.withdrawing()?.first;
        Ok(pending.into_iter().chain(withdrawing).min())
    }

    fn backlog(&self, condition: &str, values: impl rusqlite::Params) -> Result<Backlog, Error> {
        let sql = format!(
            "SELECT count(*) AS posts, min(scheduled_at) AS first
             FROM scheduled_post WHERE {condition}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(values, |row| {
            Ok(Backlog { posts: row.get("posts")?, first: instant_option(row, "first")? })
        })?)
    }
}
