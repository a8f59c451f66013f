//! What X charged: a ledger that only grows, so that a month's cost does not fall when a post is removed.
//!
//! A row is written in the transaction that learns of what X took, at the prices of that moment. It names
//! a part of a post, so that the same word heard twice is one row. What X charges for reads is not in it:
//! the relay does not tell what it read.

use std::collections::BTreeMap;

use roost_core::clock::UnixMillis;
use roost_core::cost::DELETED_POST;
use roost_core::id::TweetId;
use roost_core::status::Status;

use crate::error::Error;
use crate::post::Post;
use crate::store::{Read, Tx};

/// What X charged in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Charged {
    /// Parts of posts that X took.
    pub parts: u64,
    /// Parts of posts that X deleted.
    pub deletions: u64,
    /// What both cost, in micro-dollars.
    pub cost_micros: i64,
}

impl Read<'_> {
    /// Returns what X charged from `from` on, before `until`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn charged(&self, from: UnixMillis, until: UnixMillis) -> Result<Charged, Error> {
        let sql = "SELECT count(*) FILTER (WHERE kind = 'post') AS parts,
                          count(*) FILTER (WHERE kind = 'delete') AS deletions,
                          coalesce(sum(cost_micros), 0) AS cost_micros
                   FROM charge INDEXED BY charge_by_time
                   WHERE charged_at >= ?1 AND charged_at < ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([from.0, until.0], |row| {
            Ok(Charged {
                parts: row.get("parts")?,
                deletions: row.get("deletions")?,
                cost_micros: row.get("cost_micros")?,
            })
        })?)
    }
}

impl Tx<'_> {
    /// Notes what X charges for the parts of a post that are on X, each once: all parts of one that went
    /// out as a whole, otherwise those whose ids on X are known.
    pub(crate) fn charge_for_parts(&mut self, post: &Post, at: UnixMillis) -> Result<(), Error> {
        let mut live: BTreeMap<u32, Option<TweetId>> = BTreeMap::new();
        if let Some(tweet) = &post.tweet_id {
            live.insert(0, Some(tweet.clone()));
        }
        for (position, tweet) in self.live_parts(post.id)? {
            live.insert(position, Some(tweet));
        }
        if live.is_empty() && post.status != Status::Posted {
            return Ok(());
        }
        let prices = self.prices()?;
        let content = self.content(post)?;
        for (position, part) in (0_u32..).zip(&content.parts) {
            let tweet = live.get(&position);
            if tweet.is_some() || post.status == Status::Posted {
                let cost = part.cost_at(&prices).0;
                self.charge("post", post, (position, tweet.cloned().flatten()), at, cost)?;
            }
        }
        Ok(())
    }

    /// Notes what X charges for deleting a post: each part of it that is known to have been there.
    pub(crate) fn charge_for_deletion(&mut self, post: &Post) -> Result<(), Error> {
        let parts: Vec<(u32, Option<String>)> = {
            let sql = "SELECT position, tweet_id FROM charge WHERE kind = 'post' AND post_id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let found = statement.query_map([post.id.to_string()], |row| {
                Ok((row.get("position")?, row.get("tweet_id")?))
            })?;
            found.collect::<Result<_, _>>()?
        };
        let now = self.now();
        for (position, tweet) in parts {
            let part = (position, tweet.map(TweetId));
            self.charge("delete", post, part, now, DELETED_POST.0)?;
        }
        Ok(())
    }

    fn charge(
        &mut self,
        kind: &str,
        post: &Post,
        (position, tweet): (u32, Option<TweetId>),
        at: UnixMillis,
        cost_micros: i64,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO charge
                     (charged_at, kind, post_id, position, account_id, tweet_id, cost_micros)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (kind, post_id, position) DO NOTHING",
            )?
            .execute((
                at.0,
                kind,
                post.id.to_string(),
                position,
                post.account.as_ref().map(|account| &account.0),
                tweet.map(|tweet| tweet.0),
                cost_micros,
            ))?;
        Ok(())
    }
}
