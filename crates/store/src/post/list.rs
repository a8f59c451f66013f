//! Lists: filtered, in pages that neither repeat nor skip a row while rows come and go.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use roost_core::clock::UnixMillis;
use roost_core::id::{ImportId, PostId, XUserId};
use roost_core::status::Status;
use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};
use serde::{Deserialize, Serialize};

use super::row::{COLUMNS, read_post};
use super::standing::WILL_BE_MISSED;
use super::{List, Post, search};
use crate::error::Error;
use crate::sql::parsed;
use crate::store::Read;

/// Rows on a page, at the most.
const PAGE_MAX: u32 = 1_000;

/// Which posts. What is none or empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Any of these statuses.
    pub statuses: Vec<Status>,
    /// This list of the window.
    pub list: Option<List>,
    /// This account's.
    pub account: Option<XUserId>,
    /// With this tag.
    pub tag: Option<String>,
    /// From this import.
    pub import: Option<ImportId>,
    /// Standing at this moment or later.
    pub from: Option<UnixMillis>,
    /// Standing before this moment.
    pub until: Option<UnixMillis>,
    /// Containing all these words, the last of them perhaps only begun.
    pub text: Option<String>,
    /// With a time (true) or without (false).
    pub scheduled: Option<bool>,
    /// In the list of what needs the person, or waiting in vain for a turn that comes too late.
    pub needs_person: bool,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Soonest first.
    #[default]
    Ascending,
    /// Latest first.
    Descending,
}

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The rows after this place; from the beginning when none.
    pub after: Option<Cursor>,
    /// At most so many; 1000 is the most.
    pub limit: u32,
    /// In which order.
    pub order: Order,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: None, limit: 100, order: Order::Ascending }
    }
}

/// A place in a list: a row's moment, and its seq among rows of the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    at: UnixMillis,
    seq: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.at.0, self.seq)
    }
}

/// A word that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is no place in a list")]
pub struct InvalidCursor(String);

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let parse = || {
            let (at, seq) = text.split_once('.')?;
            Some(Self { at: UnixMillis(at.parse().ok()?), seq: seq.parse().ok()? })
        };
        parse().ok_or_else(|| InvalidCursor(text.to_owned()))
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostPage {
    /// The rows.
    pub posts: Vec<Post>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
}

/// How many posts stand where, the trash aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StatusCounts(pub BTreeMap<Status, u64>);

impl StatusCounts {
    /// How many are at `status`.
    #[must_use]
    pub fn of(&self, status: Status) -> u64 {
        self.0.get(&status).copied().unwrap_or_default()
    }

    /// How many are in `list`.
    #[must_use]
    pub fn in_list(&self, list: List) -> u64 {
        self.0.iter().filter(|(status, _)| List::of(**status) == list).map(|(_, n)| n).sum()
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// A WHERE clause with its values.
#[derive(Default)]
pub(super) struct Conditions {
    clauses: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a clause; its one `?` stands for `value`.
    pub(super) fn with(&mut self, clause: &str, value: impl Into<Value>) {
        self.clauses.push(clause.to_owned());
        self.values.push(value.into());
    }

    fn all(&self) -> String {
        self.clauses.join(" AND ")
    }
}

impl Filter {
    fn conditions(&self) -> Conditions {
        let mut found = Conditions::default();
        found.clauses.push("post.deleted_at IS NULL".into());
        if !self.statuses.is_empty() {
            // Words of a closed set, quoted here so that one statement serves each set.
            let words: Vec<_> =
                self.statuses.iter().map(|status| format!("'{}'", status.as_str())).collect();
            found.clauses.push(format!("post.status IN ({})", words.join(", ")));
        }
        // The statuses of one list are all in it: saying so opens the list's index.
        if let Some(list) = self.list.or_else(|| self.common_list()) {
            found.with("post.list = ?", list.as_str().to_owned());
        }
        if self.needs_person {
            found.clauses.push(format!("(post.list = 'needs_you' OR {WILL_BE_MISSED})"));
        }
        if let Some(account) = &self.account {
            found.with("post.account_id = ?", account.0.clone());
        }
        if let Some(import) = self.import {
            found.with("post.import_id = ?", import.to_string());
        }
        if let Some(tag) = &self.tag {
            found.with(
                "post.id IN (SELECT post_id FROM post_tag
                     WHERE tag_id = (SELECT id FROM tag WHERE name = ?))",
                tag.trim().to_owned(),
            );
        }
        if let Some(from) = self.from {
            found.with("post.list_at >= ?", from.0);
        }
        if let Some(until) = self.until {
            found.with("post.list_at < ?", until.0);
        }
        match self.scheduled {
            Some(true) => found.clauses.push("post.scheduled_at IS NOT NULL".into()),
            Some(false) => found.clauses.push("post.scheduled_at IS NULL".into()),
            None => {}
        }
        if let Some(text) = &self.text {
            search::conditions(text, &mut found);
        }
        found
    }

    /// Whether every count is kept that this filter asks for; answers which statuses it asks for.
    fn is_kept_count(&self) -> Option<impl Fn(&Status) -> bool> {
        let Self {
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
        } = self;
        let asks_no_more = !needs_person
            && tag.is_none()
            && import.is_none()
            && from.is_none()
            && until.is_none()
            && text.is_none()
            && scheduled.is_none();
        asks_no_more.then_some(move |status: &Status| {
            (statuses.is_empty() || statuses.contains(status))
                && list.is_none_or(|list| list == List::of(*status))
        })
    }

    fn common_list(&self) -> Option<List> {
        let first = List::of(*self.statuses.first()?);
        self.statuses.iter().all(|status| List::of(*status) == first).then_some(first)
    }
}

impl Read<'_> {
    /// One page of the posts that `filter` lets through.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn posts(&self, filter: &Filter, page: &Page) -> Result<PostPage, Error> {
        let limit = page.limit.clamp(1, PAGE_MAX);
        let mut posts = self.select(filter, page, COLUMNS, limit + 1, read_post)?;
        let more = posts.len() > limit as usize;
        posts.truncate(limit as usize);
        let next =
            posts.last().filter(|_| more).map(|post| Cursor { at: post.list_at(), seq: post.seq });
        Ok(PostPage { posts, next })
    }

    /// The ids of all posts that `filter` lets through, at most `limit`: what «select all» means.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn post_ids(
        &self,
        filter: &Filter,
        order: Order,
        limit: u32,
    ) -> Result<Vec<PostId>, Error> {
        let page = Page { order, ..Page::default() };
        self.select(filter, &page, "post.id", limit, |row| parsed(row, "id"))
    }

    /// How many posts `filter` lets through.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn count_posts(&self, filter: &Filter) -> Result<u64, Error> {
        if let Some(counted) = filter.is_kept_count() {
            let counts = self.status_counts(filter.account.as_ref())?;
            return Ok(counts.0.iter().filter(|(status, _)| counted(status)).map(|(_, n)| n).sum());
        }
        let found = filter.conditions();
        let sql = format!("SELECT count(*) FROM scheduled_post AS post WHERE {}", found.all());
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(params_from_iter(&found.values), |row| row.get(0))?)
    }

    /// How many scheduled posts name no account: nobody can post them until they do.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn count_without_account(&self) -> Result<u64, Error> {
        let sql = "SELECT coalesce(sum(posts), 0) FROM post_count
                   WHERE account_id = '' AND status = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([Status::Pending.as_str()], |row| row.get(0))?)
    }

    /// How many posts of an account can be withdrawn: still to go out, and not on their way back.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn count_cancellable(&self, account: &XUserId) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM scheduled_post
                   WHERE account_id = ?1 AND status IN ('pending', 'queued', 'held')
                     AND (withdraw_to IS NULL OR withdraw_to NOT IN ('cancelled', 'deleted'))
                     AND deleted_at IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([&account.0], |row| row.get(0))?)
    }

    /// What all posts that `filter` lets through cost, in micro-dollars.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn cost_of_posts(&self, filter: &Filter) -> Result<i64, Error> {
        let found = filter.conditions();
        let sql = format!(
            "SELECT coalesce(sum(post.cost_micros), 0) FROM scheduled_post AS post WHERE {}",
            found.all()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(params_from_iter(&found.values), |row| row.get(0))?)
    }

    /// How many posts stand at which status, of one account or of all.
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

    fn select<T>(
        &self,
        filter: &Filter,
        page: &Page,
        columns: &str,
        limit: u32,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let (sql, values) = page_query(filter, page, columns, limit);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(&values), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// The query of one page. Moment and seq together are unique, so that a page begins exactly after
/// the one before, however many rows share a moment.
fn page_query(filter: &Filter, page: &Page, columns: &str, limit: u32) -> (String, Vec<Value>) {
    let mut found = filter.conditions();
    let (beyond, direction) = match page.order {
        Order::Ascending => (">", "ASC"),
        Order::Descending => ("<", "DESC"),
    };
    if let Some(cursor) = page.after {
        found.clauses.push(format!("(post.list_at, post.seq) {beyond} (?, ?)"));
        found.values.extend([Value::from(cursor.at.0), Value::from(cursor.seq)]);
    }
    found.values.push(Value::from(i64::from(limit)));
    let sql = format!(
        "SELECT {columns} FROM scheduled_post AS post WHERE {} \
         ORDER BY post.list_at {direction}, post.seq {direction} LIMIT ?",
        found.all()
    );
    (sql, found.values)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use roost_core::clock::ManualClock;

    use super::*;
    use crate::Store;

    fn plan(filter: &Filter, page: &Page) -> String {
        let store = Store::open_in_memory(Arc::new(ManualClock::default())).expect("a store");
        let writer = store.writer();
        let (sql, values) = page_query(filter, page, "post.id", 100);
        let mut statement = writer.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        let steps = statement
            .query_map(params_from_iter(&values), |row| row.get::<_, String>(3))
            .expect("steps");
        steps.collect::<Result<Vec<_>, _>>().expect("words").join("\n")
    }

    #[test]
    fn every_list_is_read_from_an_index_in_its_order() {
        let account = Some(XUserId("1".into()));
        let import = Some(ImportId::new(UnixMillis(1)));
        let next = Page { after: "5.7".parse().ok(), order: Order::Descending, ..Page::default() };
        let upcoming = Filter { list: Some(List::Upcoming), ..Filter::default() };
        let lists = [
            ("post_by_time", Filter::default()),
            ("post_by_time", Filter { from: Some(UnixMillis(1)), ..Filter::default() }),
            ("post_by_list", upcoming.clone()),
            ("post_by_list", Filter { statuses: vec![Status::Failed], ..Filter::default() }),
            ("post_by_account", Filter { account: account.clone(), ..Filter::default() }),
            ("post_by_account_list", Filter { account, ..upcoming }),
            ("post_by_import", Filter { import, ..Filter::default() }),
        ];
        for (index, filter) in lists {
            for page in [Page::default(), next] {
                let plan = format!("{} ", plan(&filter, &page));
                assert!(plan.contains(&format!("USING INDEX {index} ")), "{filter:?}\n{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{filter:?}\n{plan}");
            }
        }
    }
}
