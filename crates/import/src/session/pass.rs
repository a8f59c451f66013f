//! The pass over all rows, on two threads: each row is read and checked by itself, and what is known of
//! its text and its id is asked for many rows at once.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use roost_core::clock::UnixMillis;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{PostId, XUserId};

use super::across::{KnownPosts, is_waiting, may_update};
use super::change::Says;
use super::edits::Decisions;
use super::judge::{Judged, RowJudge, half, own_id_hash};
use super::kept::{Codes, Flags, FoundSets, Kept};
use super::{Result, SessionError, Watch};
use crate::facts::{AccountIndex, NO_ACCOUNT};
use crate::row::Basis;
use crate::surroundings::{LookupFailed, ShownPost, Surroundings};

/// Rows whose texts and ids are asked for at once.
const ASKED_ROWS: usize = 4_096;
/// Rows between two words about how far the pass is.
const TOLD_ROWS: u32 = 1_024;
/// Fewer rows are not worth a second thread.
const SHARED_ROWS_MIN: usize = 1_000;
/// How far back posts count for limits and neighbours: a day, and X's clocks.
const TIMES_MILLIS: i64 = 25 * 60 * 60 * 1000;

/// What a pass found.
pub(super) struct Passed {
    pub(super) facts: Vec<Kept>,
    pub(super) sets: FoundSets,
    pub(super) known: KnownPosts,
}

/// Judges all rows by themselves.
pub(super) fn run(basis: Basis<'_>, decisions: &Decisions, watch: Watch<'_>) -> Result<Passed> {
    let rows = basis.table.len();
    let mut facts = vec![Kept::default(); rows];
    let progress = Progress { watch, done: AtomicU32::new(0), given_up: AtomicBool::new(false) };
    let half = if rows < SHARED_ROWS_MIN { rows } else { rows / 2 };
    let (first, second) = facts.split_at_mut(half);
    let (first, second) = std::thread::scope(|scope| {
        let other = (!second.is_empty())
            .then(|| scope.spawn(|| judge(basis, decisions, half, second, &progress)));
        let first = judge(basis, decisions, 0, first, &progress);
        (first, other.map(std::thread::ScopedJoinHandle::join))
    });
    let (mut sets, mut known) = first?;
    match second {
        Some(Ok(second)) => {
            let (other_sets, other_known) = second?;
            let places = sets.absorb(&other_sets);
            for facts in &mut facts[half..] {
                facts.found = places[facts.found as usize];
            }
            known.by_key.extend(other_known.by_key);
            known.by_own_id.extend(other_known.by_own_id);
            known.differing.extend(other_known.differing);
            known.kept_back.extend(other_known.kept_back);
        }
        // A panic of the thread is one of the session.
        Some(Err(panic)) => std::panic::resume_unwind(panic),
        None => {}
    }
    known.times = times(basis.surroundings)?;
    Ok(Passed { facts, sets, known })
}

struct Progress<'w> {
    watch: Watch<'w>,
    done: AtomicU32,
    given_up: AtomicBool,
}

impl Progress<'_> {
    fn tell(&self, rows: u32) -> Result<()> {
        let done = self.done.fetch_add(rows, Ordering::Relaxed) + rows;
        if let ControlFlow::Break(()) = (self.watch)(done) {
            self.given_up.store(true, Ordering::Relaxed);
        }
        if self.given_up.load(Ordering::Relaxed) { Err(SessionError::GivenUp) } else { Ok(()) }
    }
}

fn judge(
    basis: Basis<'_>,
    decisions: &Decisions,
    from: usize,
    facts: &mut [Kept],
    progress: &Progress<'_>,
) -> Result<(FoundSets, KnownPosts)> {
    let (mut sets, mut known) = (FoundSets::new(), KnownPosts::default());
    let mut judge = RowJudge::new(basis, decisions);
    let mut codes = Codes::default();
    let mut asked = Asked::default();
    let mut untold = 0;
    for (at, place) in (from..).zip(facts) {
        let Some(row) = basis.table.row(at) else { break };
        codes.0.clear();
        let judged = judge.judge(&row, &mut codes);
        codes.0.sort_unstable();
        *place = Kept { found: sets.place(&codes.0), ..judged.facts };
        asked.add(row.number(), judged, basis);
        untold += 1;
        if untold == TOLD_ROWS {
            progress.tell(untold)?;
            untold = 0;
        }
        if asked.rows == ASKED_ROWS {
            asked.answer(basis, &mut known)?;
        }
    }
    asked.answer(basis, &mut known)?;
    progress.tell(untold)?;
    Ok((sets, known))
}

/// What is asked of the store, for some rows at once.
#[derive(Default)]
pub(super) struct Asked {
    keys: HashMap<AccountIndex, Vec<DuplicateKey>>,
    own_ids: Vec<OwnRow>,
    rows: usize,
}

/// A row with an id of its own.
struct OwnRow {
    row: u32,
    /// The hash of its id within its plan.
    hash: u64,
    id: String,
    plan: Option<String>,
    /// What it says of the post that has its id, where it may change that.
    says: Option<Says>,
}

impl Asked {
    /// Adds what is to be asked about a row.
    pub(super) fn add(&mut self, row: u32, judged: Judged, basis: Basis<'_>) {
        self.rows += 1;
        let Judged { facts, meant, key } = judged;
        let nowhere = [Flags::OTHER_NETWORK, Flags::WENT_OUT, Flags::CANCELLED];
        if nowhere.iter().any(|flag| facts.flags.has(*flag)) {
            return;
        }
        if facts.flags.has(Flags::SAYS) {
            self.keys.entry(facts.account).or_default().push(key);
        }
        if let Some(id) = meant.own_id.clone() {
            let (hash, plan) = (facts.own_id, meant.plan.clone());
            let plan = plan.or_else(|| basis.table.defaults.plan.clone());
            let says = may_update(facts.flags, basis.choices).then(|| {
                let account = account_id(basis.surroundings, facts.account).cloned();
                Says::of(meant, account, facts.flags)
            });
            self.own_ids.push(OwnRow { row, hash, id, plan, says });
        }
    }

    /// Asks, and forgets what was asked.
    pub(super) fn answer(
        &mut self,
        basis: Basis<'_>,
        known: &mut KnownPosts,
    ) -> std::result::Result<(), LookupFailed> {
        self.rows = 0;
        let posts = &basis.surroundings.known;
        for (account, mut keys) in self.keys.drain() {
            keys.sort_unstable();
            keys.dedup();
            let id = account_id(basis.surroundings, account);
            for post in posts.by_key(id, &keys)? {
                let same = known.by_key.entry((account, half(post.key))).or_default();
                if !same.iter().any(|it| it.id == post.id) {
                    same.push(post);
                }
            }
        }
        let mut plans: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
        for own in &self.own_ids {
            plans.entry(own.plan.as_deref()).or_default().push(&own.id);
        }
        for (plan, ids) in plans {
            for (id, post) in posts.by_own_id(plan, &ids)? {
                known.by_own_id.insert(own_id_hash(plan, &id), post);
            }
        }
        if !self.own_ids.is_empty() {
            self.compare(basis.surroundings, known)?;
        }
        self.own_ids.clear();
        Ok(())
    }

    /// Notes which rows say otherwise than the waiting posts that have their ids, their times aside, and
    /// which of these stay drafts.
    fn compare(
        &self,
        surroundings: &Surroundings,
        known: &mut KnownPosts,
    ) -> std::result::Result<(), LookupFailed> {
        let mut compared = Vec::new();
        for OwnRow { row, hash, says, .. } in &self.own_ids {
            known.differing.remove(row);
            known.kept_back.remove(row);
            let post = known.by_own_id.get(hash);
            let post = post.filter(|post| is_waiting(post.status));
            compared.extend(says.as_ref().zip(post).map(|(says, post)| (*row, says, post.id)));
        }
        if compared.is_empty() {
            return Ok(());
        }
        let ids: Vec<PostId> = compared.iter().map(|(_, _, id)| *id).collect();
        let posts = surroundings.known.shown(&ids)?;
        let posts: HashMap<PostId, ShownPost> = posts.into_iter().map(|it| (it.id, it)).collect();
        for (row, says, id) in compared {
            let Some(post) = posts.get(&id) else { continue };
            if says.differs(post, surroundings.now) {
                known.differing.insert(row);
            }
            if says.leaves_draft(post) {
                known.kept_back.insert(row);
            }
        }
        Ok(())
    }
}

fn account_id(surroundings: &Surroundings, account: AccountIndex) -> Option<&XUserId> {
    surroundings.accounts.get(usize::from(account)).map(|account| &account.id)
}

/// Returns when posts of each account went or go out, in order; last those of posts without one.
fn times(surroundings: &Surroundings) -> std::result::Result<Vec<Vec<UnixMillis>>, LookupFailed> {
    let from = UnixMillis(surroundings.now.0.saturating_sub(TIMES_MILLIS));
    let accounts = surroundings.accounts.len().min(usize::from(NO_ACCOUNT));
    let ids = surroundings.accounts[..accounts].iter().map(|account| Some(&account.id));
    ids.chain([None])
        .map(|id| {
            let mut times = surroundings.known.times(id, from)?;
            times.sort_unstable();
            Ok(times)
        })
        .collect()
}
