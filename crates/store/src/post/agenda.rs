//! What a calendar shows: how many posts stand on each of several days, and the first of them.

use std::fmt::Write as _;

use roost_core::clock::UnixMillis;
use roost_core::id::XUserId;
use roost_core::status::Status;

use super::count::StatusCounts;
use super::filter::{Filter, Order};
use super::{Extras, Post};
use crate::error::Error;
use crate::store::Read;

/// A span of time, its end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: UnixMillis,
    /// The first moment after it.
    pub until: UnixMillis,
}

impl Read<'_> {
    /// Returns how many posts with a time stand at which status in each of `spans`, of one account
    /// or of all. One statement; each figure is counted along an index.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn counts_of_spans(
        &self,
        spans: &[Span],
        account: Option<&XUserId>,
    ) -> Result<Vec<StatusCounts>, Error> {
        let bounds: Vec<[i64; 2]> = spans.iter().map(|it| [it.from.0, it.until.0]).collect();
        let mut statement = self.connection.prepare_cached(&counts_query(account.is_some()))?;
        let bounds = serde_json::to_string(&bounds)?;
        let account = account.map(|account| account.0.as_str());
        let counts = statement.query_map((bounds, account), |row| {
            let mut counts = StatusCounts::default();
            for (column, status) in Status::ALL.into_iter().enumerate() {
                let posts: u64 = row.get(column)?;
                if posts > 0 {
                    counts.0.insert(status, posts);
                }
            }
            Ok(counts)
        })?;
        Ok(counts.collect::<Result<_, _>>()?)
    }

    /// Returns the first `limit` posts with a time in each of `spans`, with what stands beside them,
    /// of those that `filter` lets through.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn first_of_spans(
        &self,
        spans: &[Span],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Vec<(Post, Extras)>>, Error> {
        let candidates = self.candidates(filter)?;
        let (mut seqs, mut lengths) = (Vec::new(), Vec::new());
        for Span { from, until } in spans.iter().copied() {
            let filter = Filter {
                from: Some(from),
                until: Some(until),
                scheduled: Some(true),
                ..filter.clone()
            };
            let place = (None, Order::Ascending);
            let keys = self.keys(&filter, place, candidates.as_ref(), limit)?;
            lengths.push(keys.len());
            seqs.extend(keys.into_iter().map(|key| key.seq));
        }
        let mut rows = self.rows_by_seq(&seqs)?.into_iter();
        Ok(lengths.into_iter().map(|length| rows.by_ref().take(length).collect()).collect())
    }
}

fn counts_query(of_account: bool) -> String {
    let (index, condition) = match of_account {
        true => ("post_by_account_status", "post.account_id = ?2 AND"),
        false => ("post_by_status_time", "?2 IS NULL AND"),
    };
    let mut sql = String::from("SELECT ");
    for (column, status) in Status::ALL.into_iter().enumerate() {
        let comma = if column == 0 { "" } else { ", " };
        // A rule of the table: all others have a time.
        let has_time = match status {
            Status::Draft | Status::Cancelled => "AND post.scheduled_at IS NOT NULL",
            _ => "",
        };
        // Writing to a String can't fail.
        let _ = write!(
            sql,
            "{comma}(SELECT count(*) FROM scheduled_post AS post INDEXED BY {index}
              WHERE {condition} post.deleted_at IS NULL AND post.status = '{}' {has_time}
                  AND post.list_at >= span.value ->> 0 AND post.list_at < span.value ->> 1)",
            status.as_str()
        );
    }
    sql + " FROM json_each(?1) AS span"
}
