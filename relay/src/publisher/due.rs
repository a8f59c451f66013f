//! What is due in the ledger, as one round of the publisher reads it.
//!
//! SQLite takes a partial index only when the condition repeats the index's own, word for word:
//! hence the states that are named and then excluded.

use std::collections::{HashMap, HashSet};

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{StoreId, XUserId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::rate_limit_turns::WaitingPosts;
use crate::rate_limiter::{Concurrency, RateLimiter};
use crate::rows::account::{self, AccountRow};
use crate::rows::app::{self, Hold};
use crate::rows::follow_up::{self, ParentStanding};
use crate::rows::post::{self, Post};
use crate::rows::{manifest_epoch, pause};

/// Posts of one account in one round, when many of them wait.
const LONG_PAGE_POSTS: usize = 200;
/// Posts of one account in one round beyond those that calls could be made for.
const SPARE_POSTS: usize = 8;
/// Lost posts looked for in one round.
const RECONCILED_AT_ONCE: i64 = 16;

/// What is due in the ledger.
pub(super) struct Due {
    pub(super) accounts: Vec<AccountDue>,
    pub(super) waiting: WaitingPosts,
    pub(super) lost: Vec<Post>,
    /// When the next post that waits wants to be looked at.
    pub(super) next: Option<UnixMillis>,
}

/// An account with a due post that nobody has in hand.
pub(super) struct AccountDue {
    pub(super) id: XUserId,
    pub(super) row: Option<AccountRow>,
    pub(super) app_hold: Option<Hold>,
    /// Which pause holds its posts: the whole one, or its own.
    pub(super) paused: Option<Code>,
    /// In the order in which they were due.
    pub(super) posts: Vec<DuePost>,
    /// Whether others may be due behind them.
    pub(super) is_cut: bool,
}

/// A post that is due.
pub(super) struct DuePost {
    pub(super) post: Post,
    /// Whether its store is introduced.
    pub(super) introduced: bool,
    /// How the parent of a follow-up stands.
    pub(super) parent: Option<ParentStanding>,
}

/// How many posts of an account a round reads: as many as calls could be made for and a few more,
/// so that a round costs the same however many are due. A whole page that went nowhere is followed
/// by a long one.
#[derive(Debug, Default, Clone)]
pub(super) struct Pages {
    long: HashSet<XUserId>,
}

impl Pages {
    fn size(&self, account: &XUserId, concurrency: Concurrency) -> usize {
        let short = concurrency.account.saturating_mul(2).saturating_add(SPARE_POSTS);
        if self.long.contains(account) { LONG_PAGE_POSTS.max(short) } else { short }
    }

    /// Learns whether a round came to the end of the account's page, and there is more.
    pub(super) fn turned(&mut self, account: &XUserId, was_read_to_its_end: bool) {
        if !was_read_to_its_end {
            self.long.remove(account);
        } else if !self.long.contains(account) {
            self.long.insert(account.clone());
        }
    }
}

/// Reads what is due: of each account that may call now, in the order in which it was due.
pub(super) fn read(
    connection: &Connection,
    rate_limiter: &RateLimiter,
    concurrency: Concurrency,
    pages: &Pages,
    now: UnixMillis,
) -> rusqlite::Result<Due> {
    let mut stores = Stores::default();
    let mut holds: HashMap<String, Option<Hold>> = HashMap::new();
    let mut accounts = Vec::new();
    let mut before = String::new();
    while let Some(id) = next_in_hand(connection, &before)?.map(XUserId) {
        before.clone_from(&id.0);
        if !rate_limiter.has_capacity(&id, concurrency) {
            continue;
        }
        let page = pages.size(&id, concurrency);
        let found = posts_of(connection, &id, now, page)?;
        if found.iter().all(|post| rate_limiter.is_in_flight(post.id)) {
            continue;
        }
        let row = account::get(connection, &id)?;
        let app_hold = match &row {
            Some(row) => match holds.get(&row.client_id) {
                Some(hold) => hold.clone(),
                None => {
                    let hold = app::get(connection, &row.client_id)?;
                    holds.insert(row.client_id.clone(), hold.clone());
                    hold
                }
            },
            None => None,
        };
        let is_cut = found.len() == page;
        let mut posts = Vec::with_capacity(found.len());
        for post in found {
            let introduced = stores.is_introduced(connection, post.store)?;
            let parent = follow_up::standing(connection, &post)?;
            posts.push(DuePost { post, introduced, parent });
        }
        let paused = pause::of(connection, Some(&id))?;
        accounts.push(AccountDue { id, row, app_hold, paused, posts, is_cut });
    }
    let waiting = if accounts.is_empty() {
        WaitingPosts::default()
    } else {
        WaitingPosts::read(connection, now)?
    };
    let lost = post::select(
        connection,
        "state = 'unknown' AND next_at <= ?1 ORDER BY next_at LIMIT ?2",
        [now.0, RECONCILED_AT_ONCE],
    )?;
    let next: Option<i64> = connection
        .prepare_cached(
            "SELECT min(next_at) FROM post
              WHERE state IN ('claimed', 'waiting', 'unknown') AND next_at > ?1",
        )?
        .query_row([now.0], |row| row.get(0))?;
    Ok(Due { accounts, waiting, lost, next: next.map(UnixMillis) })
}

/// The first account behind `before` with posts in hand. Asked account by account, so that their
/// posts are not all passed.
fn next_in_hand(connection: &Connection, before: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached(
            "SELECT account FROM post
              WHERE state IN ('claimed', 'waiting', 'unknown') AND account > ?1
              ORDER BY account LIMIT 1",
        )?
        .query_row([before], |row| row.get(0))
        .optional()
}

fn posts_of(
    connection: &Connection,
    account: &XUserId,
    now: UnixMillis,
    most: usize,
) -> rusqlite::Result<Vec<Post>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    post::select(
        connection,
        "account = ?1 AND state IN ('claimed', 'waiting', 'unknown') AND state <> 'unknown'
            AND next_at <= ?2
         ORDER BY due_at, post_id LIMIT ?3",
        params![account.0, now.0, most],
    )
}

/// Which stores are introduced; each is asked about once.
#[derive(Default)]
struct Stores(HashMap<StoreId, bool>);

impl Stores {
    fn is_introduced(
        &mut self,
        connection: &Connection,
        store: Option<StoreId>,
    ) -> rusqlite::Result<bool> {
        let Some(store) = store else { return Ok(false) };
        if let Some(known) = self.0.get(&store) {
            return Ok(*known);
        }
        let known = manifest_epoch::is_complete(connection, store)?;
        self.0.insert(store, known);
        Ok(known)
    }
}
