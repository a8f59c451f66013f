//! Who waits for X's limits, and when each one's turn comes. A turn that was told stands; whoever
//! comes after takes the next one, those that come at once in the order in which they were due.

use std::collections::HashMap;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision, XUserId};
use roost_core::limits::NEVER;
use roost_core::post::late_post::{self, is_past};
use roost_relay_api::DeliveryState;
use rusqlite::Connection;

use super::deferral::{Deferral, Why};
use crate::rate_limiter::{RateKey, RateLimiter, Reserved};
use crate::rows::foreign;
use crate::rows::post::Post;

/// Waiting posts of the whole ledger that one round looks at.
const WAITING_POSTS_MAX: u32 = 5_000;
/// A turn that would come earlier by less is left where it was told to be.
const KEEP_SLOT_WITHIN: Duration = Duration::from_secs(60);

/// A post that waits for its turn, or that is being sent and has parts to follow.
struct Waiter {
    post: PostId,
    revision: Revision,
    account: XUserId,
    client_id: String,
    due_at: Option<UnixMillis>,
    not_after: Option<UnixMillis>,
    /// The turn it was told; none for one in hand.
    next_at: Option<UnixMillis>,
    /// Its code: it waits for the limits, or only for the post before it.
    is_limited: bool,
    /// Calls that it still needs.
    calls: u32,
}

/// A turn that was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assignment {
    rank: Rank,
    at: UnixMillis,
    /// In this round.
    is_new: bool,
}

/// A post's own place among those that are due.
type Rank = (Option<UnixMillis>, PostId);

/// Everybody who waits for a turn, as one round found them.
#[derive(Default)]
pub(super) struct WaitingPosts {
    waiters: Vec<Waiter>,
    /// Turns given in this round, by app: another account's posts see them.
    given: HashMap<String, Vec<Assignment>>,
}

/// One account's line.
pub(super) struct SlotAllocator<'a> {
    rate_limiter: &'a RateLimiter,
    key: RateKey<'a>,
    now: UnixMillis,
    /// Nothing goes before: X said so.
    floor: UnixMillis,
    spacing: Duration,
    /// Those that wait, in the order of their turns; last those that have none in time.
    waiters: Vec<&'a Waiter>,
    /// Parts that follow in posts that somebody has in hand: before everybody.
    following_parts: Vec<UnixMillis>,
    /// Turns of the account's posts.
    own: Vec<Assignment>,
    /// Turns of posts of the app's other accounts.
    app_others: Vec<Assignment>,
    /// Turns of those that go out one by one.
    spaced: Vec<Assignment>,
    /// What newcomers got.
    given: Vec<Assignment>,
}

impl WaitingPosts {
    /// Reads who waits for a turn that is still to come.
    pub(super) fn read(connection: &Connection, now: UnixMillis) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare_cached(
            "SELECT p.post_id, p.revision, p.account, a.client_id, p.due_at, p.not_after,
                    p.next_at, p.code, p.parts - p.live AS calls
               FROM post p CROSS JOIN account a ON a.x_user_id = p.account
              WHERE p.state IN ('claimed', 'waiting', 'unknown') AND p.state = 'waiting'
                AND p.next_at > ?1 AND p.code IN ('rate_limited', 'spaced')
             UNION ALL
             SELECT p.post_id, p.revision, p.account, a.client_id, p.due_at, p.not_after,
                    NULL, NULL, p.parts - p.live - 1
               FROM post p CROSS JOIN account a ON a.x_user_id = p.account
              WHERE p.state = 'sending' AND p.parts > p.live + 1
             ORDER BY 5, 1 LIMIT ?2",
        )?;
        let instant = |at: Option<i64>| at.map(UnixMillis);
        let waiters = statement.query_map(rusqlite::params![now.0, WAITING_POSTS_MAX], |row| {
            let id: String = row.get(0)?;
            let code: Option<String> = row.get(7)?;
            Ok(Waiter {
                post: id.parse().map_err(|_| foreign(0, "a post id is no UUID"))?,
                revision: Revision(row.get(1)?),
                account: XUserId(row.get(2)?),
                client_id: row.get(3)?,
                due_at: instant(row.get(4)?),
                not_after: instant(row.get(5)?),
                next_at: instant(row.get(6)?),
                is_limited: code.as_deref() == Some(Code::RateLimited.as_str()),
                calls: row.get(8)?,
            })
        })?;
        Ok(Self { waiters: waiters.collect::<rusqlite::Result<_>>()?, given: HashMap::new() })
    }

    /// The line of one account.
    pub(super) fn allocator<'a>(
        &'a self,
        rate_limiter: &'a RateLimiter,
        key: RateKey<'a>,
        now: UnixMillis,
        floor: UnixMillis,
        spacing: Duration,
    ) -> SlotAllocator<'a> {
        let (own, app_others): (Vec<&Waiter>, Vec<&Waiter>) =
            self.waiters.iter().partition(|waiter| waiter.account == *key.account);
        let app_others = app_others.into_iter().filter(|waiter| waiter.client_id == key.client_id);
        let told = |waiter: &Waiter| Some(given(waiter.rank(), waiter.told_slot()?, false));
        let new = self.given.get(key.client_id).into_iter().flatten().copied();
        let mut allocator = SlotAllocator {
            rate_limiter,
            key,
            now,
            floor,
            spacing,
            waiters: Vec::new(),
            following_parts: Vec::new(),
            own: Vec::new(),
            app_others: app_others.filter_map(told).chain(new).collect(),
            spaced: Vec::new(),
            given: Vec::new(),
        };
        allocator.load_waiting(own);
        allocator
    }

    /// Keeps what a line gave, for the app's other accounts.
    pub(super) fn keep_assignments(&mut self, client_id: &str, given: Vec<Assignment>) {
        if !given.is_empty() {
            self.given.entry(client_id.to_owned()).or_default().extend(given);
        }
    }
}

impl Waiter {
    const fn rank(&self) -> Rank {
        (self.due_at, self.post)
    }

    /// The turn it was told, if that comes before its deadline.
    fn told_slot(&self) -> Option<UnixMillis> {
        self.next_at.filter(|at| !is_past(self.not_after, *at))
    }
}

/// Why a post does not go now: the limits, or the post before it.
pub(super) type Postponement = (Code, UnixMillis);

const fn given(rank: Rank, at: UnixMillis, is_new: bool) -> Assignment {
    Assignment { rank, at, is_new }
}

/// Behind whom a post stands.
#[derive(Clone, Copy)]
enum Precedence {
    /// Everybody.
    All,
    /// Those that were due before it.
    DueBefore(Rank),
    /// Those that came up in this round before it: its turn has come, everybody else's has not.
    NewThisRound,
}

impl Precedence {
    fn counts(self, given: &Assignment) -> bool {
        match self {
            Self::All => true,
            Self::DueBefore(rank) => given.rank < rank,
            Self::NewThisRound => given.is_new,
        }
    }
}

/// Whether the post waited for a turn that has come.
fn waited_for_slot(post: &Post) -> bool {
    post.state == DeliveryState::Waiting && post.code.as_deref() == Some(Code::RateLimited.as_str())
}

impl<'a> SlotAllocator<'a> {
    /// Those that were in the line before.
    fn load_waiting(&mut self, mut waiters: Vec<&'a Waiter>) {
        waiters.sort_by_key(|waiter| (waiter.told_slot().unwrap_or(NEVER), waiter.rank()));
        for waiter in &waiters {
            match (waiter.next_at, waiter.told_slot()) {
                (None, _) => self.reserve_following(waiter.calls),
                (_, Some(told)) => self.occupy(given(waiter.rank(), told, false), waiter.calls),
                _ => {}
            }
            if let Some(told) = waiter.told_slot().filter(|_| !waiter.is_limited) {
                self.spaced.push(given(waiter.rank(), told, false));
            }
        }
        self.waiters = waiters;
    }

    /// Leaves room for the parts that follow in a post that somebody has in hand.
    pub(super) fn reserve_parts(&mut self, post: &Post) {
        self.reserve_following(post.parts.saturating_sub(post.live).saturating_sub(1));
    }

    /// Returns when the post may be sent, and why it waits; `None` when it may be sent now.
    ///
    /// A post that has no slot yet is sent now when the limits leave room for it beside the posts that were
    /// due before it; otherwise its slot comes after all others. A post whose slot has come, and whose limit
    /// is not quite free, gets the next free slot. An overdue post (`is_overdue`) also keeps its distance
    /// from the one before it.
    pub(super) fn assign_slot(&mut self, post: &Post, is_overdue: bool) -> Option<Postponement> {
        let rank = (post.due_at, post.id);
        let precedence = if waited_for_slot(post) {
            Precedence::NewThisRound
        } else {
            Precedence::DueBefore(rank)
        };
        let free = self.next_slot(precedence, self.floor);
        let (code, at) = if free > self.now {
            let at = if waited_for_slot(post) {
                free
            } else {
                self.next_slot(Precedence::All, self.floor)
            };
            (Code::RateLimited, at)
        } else {
            if !is_overdue {
                return None;
            }
            let before = self.spaced.iter().filter(|it| it.rank < rank).map(|it| it.at).max();
            let last = self.rate_limiter.last_call(self.key.account, self.now);
            let first = late_post::next_turn(last, before, self.spacing, self.now)?;
            let at = self.next_slot(Precedence::DueBefore(rank), first);
            self.spaced.push(given(rank, at, true));
            (if at > first { Code::RateLimited } else { Code::Spaced }, at)
        };
        if !is_past(post.not_after, at) {
            self.given.push(given(rank, at, true));
            self.occupy(given(rank, at, true), post.parts.saturating_sub(post.live));
        }
        Some((code, at))
    }

    /// Ends the round: whoever waits moves up to a turn that became free. Gives what newcomers got.
    pub(super) fn finish(mut self, moved: &mut Vec<Deferral>) -> Vec<Assignment> {
        self.own.clear();
        let mut new = self.given.clone().into_iter().peekable();
        for waiter in std::mem::take(&mut self.waiters) {
            let Some(told) = waiter.next_at else { continue };
            // Newcomers stand where they came in.
            let turn = waiter.told_slot().unwrap_or(NEVER);
            while let Some(newcomer) = new.next_if(|new| new.at <= turn) {
                self.own.push(newcomer);
            }
            let at =
                if waiter.is_limited { self.next_slot(Precedence::All, self.floor) } else { turn };
            let is_in_time = !is_past(waiter.not_after, at);
            let is_earlier = is_in_time && at.plus(KEEP_SLOT_WITHIN) < told;
            let has_changed = waiter.told_slot().is_some() != is_in_time;
            if waiter.is_limited && (is_earlier || has_changed) {
                let why = Why::Turn { until: at };
                moved.push(Deferral { post: waiter.post, revision: waiter.revision, why });
            }
            if is_in_time {
                // One that may come earlier by little, or must come later, is as it was told.
                let turn = if is_earlier || has_changed { at } else { at.max(told) };
                self.occupy(given(waiter.rank(), turn, false), waiter.calls);
            }
        }
        self.given
    }

    /// The first instant from `from` on that X's limits leave behind others.
    fn next_slot(&self, precedence: Precedence, from: UnixMillis) -> UnixMillis {
        let counted = |turns: &[Assignment]| {
            let counted = turns.iter().filter(|turn| precedence.counts(turn));
            counted.map(|turn| turn.at).collect::<Vec<_>>()
        };
        let account = [counted(&self.own).as_slice(), &self.following_parts].concat();
        let reserved = Reserved { account: &account, app: &counted(&self.app_others) };
        self.rate_limiter.next_slot_after(self.key, reserved, from, self.now).at
    }

    /// Takes a turn, and those of the parts that follow.
    fn occupy(&mut self, turn: Assignment, calls: u32) {
        self.own.push(turn);
        let mut at = turn.at;
        for _ in 1..calls {
            at = self.next_slot(Precedence::All, at);
            self.own.push(Assignment { at, ..turn });
        }
    }

    fn reserve_following(&mut self, calls: u32) {
        for _ in 0..calls {
            let at = self.next_slot(Precedence::All, self.floor);
            self.following_parts.push(at);
        }
    }
}
