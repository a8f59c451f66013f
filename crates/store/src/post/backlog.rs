//! How much waits for what: the figures behind "safe to close", each read from an index.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use roost_core::status::Status;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use super::List;
use super::filter::{Filter, Order};
use crate::error::Error;
use crate::sql::instant_option;
use crate::store::{Read, Tx};

/// Some posts, and when the first of them is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// How many.
    pub posts: u64,
    /// When the first is due; none when there is none.
    pub first: Option<UnixMillis>,
}

/// What waits on the relay and will be missed: its turn comes after its deadline, or never by
/// itself, since its account can't post. A post that was offered by an earlier release has the six
/// hours that it was given then.
pub(super) const WILL_BE_MISSED: &str = "(post.status = 'held' AND (
    post.held_until > coalesce(post.not_after, post.scheduled_at + 21600000)
    OR (post.held_until IS NULL AND post.account_id IN (
        SELECT x_user_id FROM account WHERE health <> 'connected'))))";

/// Why a post that waits will be missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WillBeMissed {
    /// Its last moment.
    pub not_after: UnixMillis,
    /// When its turn would come; none while nothing but the person ends the wait.
    pub turn: Option<UnixMillis>,
}

/// Posts that wait on the relay for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The cause: a word of the closed set of codes.
    pub code: Option<String>,
    /// How many.
    pub posts: u64,
    /// When the first of them is tried next; none where only the person ends the wait.
    pub next: Option<UnixMillis>,
    /// What was said of it, by X or the relay.
    pub said: Option<String>,
}

impl Read<'_> {
    /// Returns what the posts that wait on the relay wait for, the most frequent cause first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn held(&self) -> Result<Vec<Held>, Error> {
        let sql = "SELECT error_code, count(*) AS posts, min(held_until) AS next,
                       max(error_message) AS said
                   FROM scheduled_post WHERE status = 'held' AND deleted_at IS NULL
                   GROUP BY error_code ORDER BY posts DESC, error_code";
        let mut statement = self.connection.prepare_cached(sql)?;
        let held = statement.query_map([], |row| {
            Ok(Held {
                code: row.get("error_code")?,
                posts: row.get("posts")?,
                next: instant_option(row, "next")?,
                said: row.get("said")?,
            })
        })?;
        Ok(held.collect::<Result<_, _>>()?)
    }

    /// Returns until when the relay may send a post; none for one that was offered by an earlier release,
    /// or never.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn deadline(&self, post: PostId) -> Result<Option<UnixMillis>, Error> {
        let sql = "SELECT not_after FROM scheduled_post WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_row([post.to_string()], |row| instant_option(row, "not_after"));
        Ok(found.optional()?.flatten())
    }

    /// Returns the posts that wait on the relay and will be missed unless somebody does something.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn will_be_missed(&self) -> Result<Backlog, Error> {
        let sql = format!(
            "SELECT count(*) AS posts, min(scheduled_at) AS first FROM scheduled_post AS post
             WHERE post.status = 'held' AND post.deleted_at IS NULL AND {WILL_BE_MISSED}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([], |row| {
            Ok(Backlog { posts: row.get("posts")?, first: instant_option(row, "first")? })
        })?)
    }

    /// Returns those of them whose turn comes by itself, and too late.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn turns_too_late(&self) -> Result<Backlog, Error> {
        self.backlog(
            "status = 'held' AND deleted_at IS NULL
                 AND held_until > coalesce(not_after, scheduled_at + 21600000)",
            [],
        )
    }

    /// Returns the posts due before `until` that have an account and were not handed over whole. One
    /// whose older revision is on a relay counts from that one's time on, when it is the earlier.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn not_handed_over(&self, until: UnixMillis) -> Result<Backlog, Error> {
        let mut backlog = self.backlog(
            "status IN ('pending', 'held') AND scheduled_at < ?1 AND account_id IS NOT NULL
                 AND (status = 'pending' OR offered_revision <= withdrawn_revision)
                 AND deleted_at IS NULL",
            [until.0],
        )?;
        for (post, due) in self.superseded_on_relay()? {
            let is_here = post.status == Status::Pending && post.deleted_at.is_none();
            if !is_here || post.account.is_none() || due >= until {
                continue;
            }
            let is_counted = post.schedule.is_some_and(|schedule| schedule.at < until);
            backlog.posts += u64::from(!is_counted);
            backlog.first = backlog.first.into_iter().chain([due]).min();
        }
        Ok(backlog)
    }

    /// Returns the scheduled posts that name no account.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn waiting_for_account(&self) -> Result<Backlog, Error> {
        self.backlog("status = 'pending' AND account_id IS NULL AND deleted_at IS NULL", [])
    }

    /// Returns the posts whose withdrawal or change the relay has not acknowledged, deleted ones
    /// too. The first counts at the time that the relay knows, when that is the earlier.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn withdrawing(&self) -> Result<Backlog, Error> {
        let mut backlog = self.backlog("withdraw_to IS NOT NULL", [])?;
        for (_, due) in
            self.superseded_on_relay()?.into_iter().filter(|(it, _)| it.withdraw_to.is_some())
        {
            backlog.first = backlog.first.into_iter().chain([due]).min();
        }
        Ok(backlog)
    }

    /// Returns the posts of an account that are scheduled and not decided. How many is kept; the first
    /// is read from an index.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn open_of(&self, account: &XUserId) -> Result<Backlog, Error> {
        let filter = Filter {
            list: Some(List::Upcoming),
            account: Some(account.clone()),
            ..Filter::default()
        };
        let first = self.keys(&filter, (None, Order::Ascending), None, 1)?;
        Ok(Backlog {
            posts: self.count_posts(&filter)?,
            first: first.first().map(|place| place.at),
        })
    }

    /// Returns when posts of an account went out or are planned to, within a span; drafts, cancelled
    /// and failed ones are none of them.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn times_of(
        &self,
        account: &XUserId,
        from: UnixMillis,
        until: UnixMillis,
    ) -> Result<Vec<UnixMillis>, Error> {
        let sql = "SELECT list_at FROM scheduled_post
                   WHERE account_id = ?1 AND list_at BETWEEN ?2 AND ?3 AND deleted_at IS NULL
                     AND status IN ('pending', 'queued', 'held', 'sending', 'posted', 'partial')";
        let mut statement = self.connection.prepare_cached(sql)?;
        let times = statement.query_map((&account.0, from.0, until.0), |row| row.get(0))?;
        Ok(times.map(|at| at.map(UnixMillis)).collect::<Result<_, _>>()?)
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

    /// Returns the posts that X is being called for.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn sending(&self) -> Result<Backlog, Error> {
        self.backlog("status = 'sending' AND deleted_at IS NULL", [])
    }

    /// Returns when posts with an account are due within a span and wait for nothing but their time, at
    /// most `limit` of them, the earliest first.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn due_between(
        &self,
        from: UnixMillis,
        until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<(UnixMillis, XUserId)>, Error> {
        let sql = "SELECT scheduled_at, account_id FROM scheduled_post
                   WHERE status IN ('pending', 'queued') AND scheduled_at BETWEEN ?1 AND ?2
                     AND account_id IS NOT NULL AND deleted_at IS NULL
                   ORDER BY scheduled_at LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let due = statement.query_map((from.0, until.0, limit), |row| {
            Ok((UnixMillis(row.get(0)?), XUserId(row.get(1)?)))
        })?;
        Ok(due.collect::<Result<_, _>>()?)
    }

    /// Returns when the next of all planned posts is due; one whose time has passed counts.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn next_planned(&self) -> Result<Option<UnixMillis>, Error> {
        // The first of each status is read from an index; a scan would be one of all posts.
        let mut statement = self.connection.prepare_cached(
            "SELECT min(scheduled_at) AS next FROM scheduled_post
             WHERE status = ?1 AND deleted_at IS NULL",
        )?;
        let mut next: Option<UnixMillis> = None;
        for status in [Status::Pending, Status::Queued, Status::Held, Status::Sending] {
            let of_status =
                statement.query_row([status.as_str()], |row| instant_option(row, "next"))?;
            next = next.into_iter().chain(of_status).min();
        }
        Ok(next)
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

impl Tx<'_> {
    /// Notes until when the relay is told that posts may go out.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn set_deadlines(&mut self, deadlines: &[(PostId, UnixMillis)]) -> Result<(), Error> {
        for (post, not_after) in deadlines {
            self.connection
                .prepare_cached("UPDATE scheduled_post SET not_after = ?2 WHERE id = ?1")?
                .execute((post.to_string(), not_after.0))?;
        }
        Ok(())
    }
}
