//! What rows are beside each other and beside the posts that are there.
//!
//! Everything here is a function of the rows' facts, the choices and what is known; what a changed row
//! touches is computed again, and the rest stays.

mod ends;
mod near;
mod own_ids;
mod plan;
mod repeats;
mod times;

use std::collections::{BTreeMap, BTreeSet};

use roost_core::clock::UnixMillis;
use roost_core::status::Status;

use super::kept::{Flags, Instant, Kept};
use super::outcome::Outcome;
use crate::choices::Choices;
use crate::facts::{AccountIndex, NO_ACCOUNT};
use crate::row::{Basis, Rules};
use crate::surroundings::{KnownPost, LookupFailed, Surroundings};
use near::{Near, NearOther, Rows};
use repeats::GroupRow;

use ends::OwnPost;
pub(super) use ends::{Early, End, Reason, may_update};
pub(super) use own_ids::OwnIds;
pub(super) use plan::Plan;
pub(super) use repeats::{Distance, Other, Repeat, is_waiting};

/// What rows are compared by.
#[derive(Clone, Copy)]
pub(super) struct Ground<'s> {
    pub(super) basis: Basis<'s>,
    pub(super) facts: &'s [Kept],
    pub(super) choices: &'s Choices,
    pub(super) surroundings: &'s Surroundings,
    pub(super) rules: &'s Rules,
}

/// Rows that say the same stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct KeyEntry {
    key: u64,
    account: AccountIndex,
    row: u32,
}

/// What is known of the posts that are there, as far as rows say the same.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownPosts {
    /// By account and key.
    pub(super) by_key: BTreeMap<(AccountIndex, u64), Vec<KnownPost>>,
    /// By the hash of the id.
    pub(super) by_own_id: BTreeMap<u64, KnownPost>,
    /// The rows that say otherwise than the waiting post that has their id and that they may change, their
    /// times aside.
    pub(super) differing: BTreeSet<u32>,
    /// Those whose post has what can't be sent yet, so that it stays a draft.
    pub(super) kept_back: BTreeSet<u32>,
    /// When posts of each account went or go out, sorted; the last list is of posts without one.
    pub(super) times: Vec<Vec<UnixMillis>>,
}

/// The rows beside each other.
#[derive(Debug, Default)]
pub(super) struct Across {
    by_key: Vec<KeyEntry>,
    own_ids: OwnIds,
    ends: Vec<End>,
    /// The posts that rows change.
    updates: BTreeMap<u32, KnownPost>,
    plan: Plan,
    /// How many rows wait for a slot.
    waiting: usize,
    /// The texts by their likeness, once they are looked at.
    near: Option<Near>,
}

impl KnownPosts {
    /// Returns when posts of an account went or go out, in order.
    pub(super) fn times_of(&self, account: AccountIndex) -> &[UnixMillis] {
        let last = self.times.len().saturating_sub(1);
        let place = if account == NO_ACCOUNT { last } else { usize::from(account) };
        self.times.get(place).map_or(&[], Vec::as_slice)
    }
}

impl Across {
    /// Compares all rows.
    pub(super) fn new(ground: Ground<'_>, known: &KnownPosts) -> Self {
        let rows = ground.facts.len();
        let mut by_key: Vec<KeyEntry> = Vec::with_capacity(rows);
        by_key.extend((1..).zip(ground.facts).map(|(row, facts)| entry(row, facts)));
        by_key.sort_unstable();
        let own_ids = OwnIds::new(ground.facts);
        let mut across =
            Self { by_key, own_ids, ends: vec![End::default(); rows], ..Self::default() };
        let mut from = 0;
        while from < across.by_key.len() {
            from = across.settle_group(from, ground, known, &mut |_| {});
        }
        across.waiting = across.ends.iter().filter(|end| end.waits).count();
        across.plan = Plan::new(&mut across.ends, ground, known);
        across
    }

    /// Compares a row again that was `before`, with all that it touches. Returns the rows that end
    /// otherwise than before, in order, with the row itself.
    pub(super) fn change(
        &mut self,
        row: u32,
        before: &Kept,
        ground: Ground<'_>,
        known: &KnownPosts,
    ) -> Vec<u32> {
        let facts = &ground.facts[row as usize - 1];
        let (old, new) = (entry(row, before), entry(row, facts));
        if old != new {
            if let Ok(place) = self.by_key.binary_search(&old) {
                self.by_key.remove(place);
            }
            let place = self.by_key.partition_point(|entry| *entry < new);
            self.by_key.insert(place, new);
        }
        let mut touched = vec![old, new];
        let same_id = self.own_ids.change(row, before, facts);
        touched.extend(same_id.into_iter().map(|row| entry(row, &ground.facts[row as usize - 1])));
        let mut groups: Vec<(u64, AccountIndex)> =
            touched.iter().map(|entry| (entry.key, entry.account)).collect();
        groups.sort_unstable();
        groups.dedup();
        let mut changed: BTreeMap<u32, End> = BTreeMap::new();
        changed.insert(row, self.ends[row as usize - 1]);
        for (key, account) in groups {
            let from = self.by_key.partition_point(|it| (it.key, it.account) < (key, account));
            if self.by_key.get(from).is_some_and(|it| (it.key, it.account) == (key, account)) {
                self.settle_group(from, ground, known, &mut |(row, end)| {
                    changed.entry(row).or_insert(end);
                });
            }
        }
        for (row, end) in &changed {
            let now = self.ends[*row as usize - 1].waits;
            self.waiting = self.waiting + usize::from(now) - usize::from(end.waits);
        }
        if self.waiting > 0 || changed.values().any(|end| end.waits) {
            // Each slot may be another's now.
            let mut ends_before = self.ends.clone();
            for (row, end) in &changed {
                ends_before[*row as usize - 1] = *end;
            }
            self.plan = Plan::new(&mut self.ends, ground, known);
            let both = (1..).zip(ends_before.iter().zip(&self.ends));
            let others = both.filter(|(it, (before, after))| *it == row || before != after);
            return others.map(|(row, _)| row).collect();
        }
        self.replan(row, before, &mut changed, ground);
        let is_changed = |(row, end): &(&u32, &End)| self.ends[**row as usize - 1] != **end;
        let others = changed.iter().filter(|it| *it.0 == row || is_changed(it));
        others.map(|(row, _)| *row).collect()
    }

    /// Moves the rows that ended otherwise `before` to their places in the plan.
    fn replan(
        &mut self,
        row: u32,
        before: &Kept,
        changed: &mut BTreeMap<u32, End>,
        ground: Ground<'_>,
    ) {
        let account_of = |row: u32| ground.facts[row as usize - 1].account;
        let mut touched = Vec::new();
        for (changed, end) in &*changed {
            let account = account_of(*changed);
            let account_before = if *changed == row { before.account } else { account };
            let after = &self.ends[*changed as usize - 1];
            touched.extend(self.plan.change(*changed, (account_before, end), (account, after)));
        }
        touched.sort_unstable();
        touched.dedup();
        for row in touched {
            let end = &mut self.ends[row as usize - 1];
            changed.entry(row).or_insert(*end);
            self.plan.mark(row, account_of(row), end);
        }
    }

    /// Returns how a row ends.
    pub(super) fn end(&self, row: u32) -> &End {
        &self.ends[row as usize - 1]
    }

    /// Returns how rows end, in their order.
    pub(super) fn ends(&self) -> &[End] {
        &self.ends
    }

    /// Compares the texts of at most so many rows with those of the others and of the posts that are
    /// there.
    pub(super) fn compare_texts(
        &mut self,
        most: usize,
        ground: Ground<'_>,
    ) -> Result<(), LookupFailed> {
        let Self { near, ends, updates, .. } = self;
        let rows = Rows { ends, updates, ground };
        let near = match near {
            Some(near) => near,
            none => none.insert(Near::new(rows)?),
        };
        let (first, marks) = near.compare(most, rows);
        for (end, mark) in ends[first..].iter_mut().zip(marks) {
            end.near = mark;
        }
        Ok(())
    }

    /// Returns whether the texts of all rows have been compared.
    pub(super) fn has_compared_texts(&self) -> bool {
        self.near.as_ref().is_some_and(Near::is_whole)
    }

    /// Compares the texts of rows again that changed, and of `others` that end otherwise. Returns the
    /// rows that end otherwise because of it.
    pub(super) fn compare_again(
        &mut self,
        changed: &[u32],
        others: impl Iterator<Item = u32>,
        ground: Ground<'_>,
    ) -> Vec<u32> {
        let Self { near, ends, updates, .. } = self;
        let Some(near) = near else { return Vec::new() };
        let marks = near.change(changed, others, Rows { ends, updates, ground });
        let is_other = |(slot, mark): &(usize, bool)| -> bool {
            std::mem::replace(&mut ends[*slot].near, *mark) != *mark
        };
        let rows = marks.into_iter().filter(is_other);
        rows.filter_map(|(slot, _)| u32::try_from(slot + 1).ok()).collect()
    }

    /// Takes the comparison of texts from what the rows were before.
    pub(super) fn keep_texts_of(&mut self, before: &mut Self) {
        self.near = before.near.take();
        for (end, before) in self.ends.iter_mut().zip(&before.ends) {
            end.near = before.near;
        }
    }

    /// Returns what says nearly the same as a row.
    pub(super) fn near_other(&self, row: u32, ground: Ground<'_>) -> Option<NearOther> {
        let rows = Rows { ends: &self.ends, updates: &self.updates, ground };
        self.near.as_ref()?.other(row, rows)
    }

    /// Returns the post that a row changes.
    pub(super) fn update(&self, row: u32) -> Option<&KnownPost> {
        self.updates.get(&row)
    }

    /// Returns the rows that go out, by account and time.
    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the earlier row that has the same id of the person's own.
    pub(super) fn same_own_id(&self, row: u32, facts: &Kept) -> Option<u32> {
        self.own_ids.earlier(row, facts)
    }

    /// Returns where those begin that say the same as a row.
    pub(super) fn group_of(&self, row: u32, ground: Ground<'_>) -> usize {
        let entry = entry(row, &ground.facts[row as usize - 1]);
        self.by_key.partition_point(|it| (it.key, it.account) < (entry.key, entry.account))
    }

    /// Returns what was found of the rows that say the same, from `group` on, by their numbers.
    pub(super) fn repeats(
        &self,
        group: usize,
        ground: Ground<'_>,
        known: &KnownPosts,
    ) -> Vec<Repeat> {
        let (_, mut judged) = self.judge_group(group, ground, known);
        judged.sort_unstable_by_key(|repeat| repeat.row);
        judged
    }

    /// Decides how the rows of the group end that begins at `from`, and returns where it is over. What
    /// ends otherwise than before is given to `changed`, as it was.
    fn settle_group(
        &mut self,
        from: usize,
        ground: Ground<'_>,
        known: &KnownPosts,
        changed: &mut impl FnMut((u32, End)),
    ) -> usize {
        let (to, judged) = self.judge_group(from, ground, known);
        let mut judged = judged.into_iter().peekable();
        for at in from..to {
            let row = self.by_key[at].row;
            let facts = &ground.facts[row as usize - 1];
            let early = self.early(row, ground, known);
            let repeat = judged.next_if(|repeat| repeat.row == row);
            let mut updates = repeat.and_then(|repeat| repeat.updates);
            let has_same_id = self.own_ids.earlier(row, facts).is_some();
            let mut end = ends::of(early, has_same_id, repeat.as_ref(), facts);
            if let Early::Goes { is_draft: _, updates: Some(post) } = early {
                updates = Some(post);
                end.updates = true;
                end.kept_back = known.kept_back.contains(&row);
                end.stay_with(&post, facts, ground);
            }
            if let Some(post) = updates {
                end.own_at = own_time(&post, end.outcome, facts, known);
            }
            match updates {
                Some(post) => self.updates.insert(row, post),
                None => self.updates.remove(&row),
            };
            let place = &mut self.ends[row as usize - 1];
            // What the plan gave it stays until the plan is made anew.
            let before = *place;
            // So does whether a text is nearly the same, until it is compared again.
            end.near = before.near;
            if before.without_plan() != end {
                *place = end;
                changed((row, before));
            }
        }
        to
    }

    fn judge_group(
        &self,
        from: usize,
        ground: Ground<'_>,
        known: &KnownPosts,
    ) -> (usize, Vec<Repeat>) {
        let first = self.by_key[from];
        let rest = &self.by_key[from..];
        let length =
            rest.iter().take_while(|it| (it.key, it.account) == (first.key, first.account)).count();
        let rows: Vec<GroupRow> = rest[..length]
            .iter()
            .filter_map(|entry| {
                let facts = &ground.facts[entry.row as usize - 1];
                let (is_refused, updates) = match self.early(entry.row, ground, known) {
                    Early::Goes { updates, .. } => (false, updates),
                    Early::Ends(Outcome::Refused, _) if is_compared_though_refused(facts) => {
                        (true, None)
                    }
                    Early::Ends(..) => return None,
                };
                Some(GroupRow {
                    row: entry.row,
                    is_refused,
                    at: facts.at.get().filter(|_| !facts.flags.has(Flags::WAITS)),
                    // A row with an id of its own is another post than one that says the same,
                    // unless the person says so of this row.
                    may_update: (ground.choices.update && facts.own_id == 0)
                        || facts.flags.has(Flags::UPDATE)
                        || facts.flags.has(Flags::MOVES),
                    moves: facts.flags.has(Flags::MOVES),
                    is_known: updates.is_some(),
                })
            })
            .collect();
        let posts = known.by_key.get(&(first.account, first.key)).map_or(&[][..], Vec::as_slice);
        if rows.len() <= 1 && posts.is_empty() {
            let alone = |row: &GroupRow| Repeat {
                row: row.row,
                other: None,
                is_left_out: false,
                updates: None,
            };
            return (from + length, rows.iter().map(alone).collect());
        }
        (from + length, repeats::judge(&rows, posts, ground.choices.duplicates))
    }

    fn early(&self, row: u32, ground: Ground<'_>, known: &KnownPosts) -> Early {
        let facts = &ground.facts[row as usize - 1];
        let has_same_id = self.own_ids.earlier(row, facts).is_some();
        let post = known.by_own_id.get(&facts.own_id).filter(|_| facts.own_id != 0);
        let own = post.map(|post| OwnPost {
            post,
            differs: known.differing.contains(&row),
            is_kept_back: known.kept_back.contains(&row),
        });
        ends::early(facts, has_same_id, own, ground)
    }
}

/// Returns whether a row that has to be mended first is compared all the same, so that a person sees all
/// that is wrong with it at once: it says something, at a time that can be read.
fn is_compared_though_refused(facts: &Kept) -> bool {
    facts.flags.has(Flags::SAYS) && facts.at.get().is_some()
}

/// Returns when the post that a row changes goes out as it is, where it is among those of the row's account.
fn own_time(post: &KnownPost, outcome: Outcome, facts: &Kept, known: &KnownPosts) -> Instant {
    let is_changed = matches!(outcome, Outcome::Ready | Outcome::Draft);
    let goes_out = is_changed && post.status != Status::Draft;
    let at = post.at.filter(|_| goes_out);
    Instant::of(at.filter(|at| known.times_of(facts.account).binary_search(at).is_ok()))
}

const fn entry(row: u32, facts: &Kept) -> KeyEntry {
    KeyEntry { key: facts.key, account: facts.account, row }
}
