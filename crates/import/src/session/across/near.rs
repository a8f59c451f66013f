//! Rows whose texts are nearly those of earlier rows, or of posts that are there.

use std::collections::BTreeMap;

use roost_core::clock::UnixMillis;

use super::{End, Ground};
use crate::check::across::{NearText, REPEAT_WARNING_MILLIS};
use crate::facts::{AccountIndex, NO_ACCOUNT};
use crate::near::{Comparison, NearIndex, fingerprint};
use crate::session::judge::half;
use crate::session::kept::{Flags, Kept};
use crate::session::outcome::Outcome;
use crate::surroundings::{KnownPost, KnownText, LookupFailed};

/// Fewer rows are not worth a second thread.
const SHARED_ROWS_MIN: usize = 1_000;

/// The texts of rows and posts by their likeness. Rows that are not imported are not among them.
#[derive(Debug)]
pub(super) struct Near {
    index: NearIndex,
    /// Whether each row is among the texts.
    has: Vec<bool>,
    /// The posts that are there; their slots follow those of the rows.
    posts: Vec<Post>,
    /// How many rows have been compared with the others.
    compared: usize,
}

#[derive(Debug)]
struct Post {
    account: AccountIndex,
    key: u64,
    known: KnownText,
}

/// What rows are compared with: how they end, and which posts they change.
#[derive(Clone, Copy)]
pub(super) struct Rows<'s> {
    pub(super) ends: &'s [End],
    pub(super) updates: &'s BTreeMap<u32, KnownPost>,
    pub(super) ground: Ground<'s>,
}

/// What says nearly the same as a row.
pub(in super::super) struct NearOther {
    row: Option<u32>,
    at: Option<UnixMillis>,
    text: String,
}

impl NearOther {
    pub(in super::super) fn words(&self) -> NearText<'_> {
        NearText { row: self.row, at: self.at, text: &self.text }
    }
}

impl Near {
    /// Returns the texts of all rows and of the posts of their accounts; no row is compared yet.
    pub(super) fn new(rows: Rows<'_>) -> Result<Self, LookupFailed> {
        let posts = posts(rows.ground)?;
        let has: Vec<bool> = rows.ends.iter().map(is_compared).collect();
        let mut fingerprints: Vec<Option<u64>> = vec![None; has.len()];
        in_two(&mut fingerprints, &|from, part: &mut [Option<u64>]| {
            for (slot, place) in (from..).zip(part).filter(|(slot, _)| has[*slot]) {
                *place = rows.text(slot).and_then(|text| fingerprint(&text));
            }
        });
        fingerprints.extend(posts.iter().map(|post| fingerprint(&post.known.text)));
        Ok(Self { index: NearIndex::of(fingerprints), has, posts, compared: 0 })
    }

    /// Returns whether all rows have been compared.
    pub(super) const fn is_whole(&self) -> bool {
        self.compared == self.has.len()
    }

    /// Compares at most so many of the rows that are left, and returns the first with whether each is
    /// nearly the same as another.
    pub(super) fn compare(&mut self, most: usize, rows: Rows<'_>) -> (usize, Vec<bool>) {
        let from = self.compared;
        let mut marks = vec![false; most.min(self.has.len() - from)];
        in_two(&mut marks, &|first, part: &mut [bool]| {
            for (slot, mark) in (from + first..).zip(part) {
                *mark = self.find(slot, rows).is_some();
            }
        });
        self.compared += marks.len();
        (from, marks)
    }

    /// Notes that some rows say something else now and that `others` end otherwise, and returns the
    /// slots to compare again, with whether each is nearly the same as another.
    pub(super) fn change(
        &mut self,
        changed: &[u32],
        others: impl Iterator<Item = u32>,
        rows: Rows<'_>,
    ) -> Vec<(usize, bool)> {
        let is_other = |row: &u32| {
            let slot = *row as usize - 1;
            self.has[slot] != is_compared(&rows.ends[slot])
        };
        let mut slots: Vec<u32> = others.filter(is_other).chain(changed.iter().copied()).collect();
        slots.iter_mut().for_each(|row| *row -= 1);
        slots.sort_unstable();
        slots.dedup();
        let mut touched = slots.clone();
        for slot in slots {
            let at = slot as usize;
            touched.extend(self.index.neighbours(slot));
            self.has[at] = is_compared(&rows.ends[at]);
            let text = self.has[at].then(|| rows.text(at)).flatten();
            self.index.set(slot, text.and_then(|text| fingerprint(&text)));
            touched.extend(self.index.neighbours(slot));
        }
        touched.sort_unstable();
        touched.dedup();
        let touched = touched.into_iter().map(|slot| slot as usize);
        // What was not compared yet will be in its turn.
        let touched = touched.take_while(|slot| *slot < self.compared);
        touched.map(|slot| (slot, self.find(slot, rows).is_some())).collect()
    }

    /// Returns what says nearly the same as a row.
    pub(super) fn other(&self, row: u32, rows: Rows<'_>) -> Option<NearOther> {
        let found = self.find(row as usize - 1, rows)?;
        Some(match self.post(found) {
            Some(Post { known, .. }) => {
                NearOther { row: None, at: known.at, text: known.text.clone() }
            }
            None => NearOther {
                row: u32::try_from(found + 1).ok(),
                at: rows.ends[found].at.get(),
                text: rows.text(found).unwrap_or_default(),
            },
        })
    }

    /// Returns the slot of what says nearly the same as a row: an earlier row or a post, of the same
    /// account, within 14 days. What says the very same is told as a repeat, and the post that a row
    /// changes is none beside it.
    fn find(&self, slot: usize, rows: Rows<'_>) -> Option<usize> {
        if !self.has[slot] {
            return None;
        }
        let facts = rows.ground.facts;
        let own = &facts[slot];
        let number = u32::try_from(slot).ok()?;
        let changes = rows.updates.get(&(number + 1)).map(|post| post.id);
        let accepts = |other: u32| {
            let other = other as usize;
            if let Some(post) = self.post(other) {
                return post.account == own.account
                    && post.key != own.key
                    && changes != Some(post.known.id)
                    && are_close(time(own), post.known.at);
            }
            other < slot
                && facts[other].account == own.account
                && facts[other].key != own.key
                && are_close(time(own), time(&facts[other]))
        };
        let mut comparison = None;
        let compares = |other: u32| {
            let comparison = comparison
                .get_or_insert_with(|| Comparison::of(&rows.text(slot).unwrap_or_default()));
            match self.post(other as usize) {
                Some(post) => comparison.is_near(&post.known.text),
                None => rows.text(other as usize).is_some_and(|text| comparison.is_near(&text)),
            }
        };
        self.index.find(number, accepts, compares).map(|found| found as usize)
    }

    fn post(&self, slot: usize) -> Option<&Post> {
        self.posts.get(slot.checked_sub(self.has.len())?)
    }
}

impl Rows<'_> {
    /// Returns the first text of the row in a slot.
    fn text(&self, slot: usize) -> Option<String> {
        let basis = self.ground.basis;
        basis.first_text(&basis.table.row(slot)?)
    }
}

/// Returns whether a row is imported, and so compared.
const fn is_compared(end: &End) -> bool {
    matches!(end.outcome, Outcome::Ready | Outcome::Draft)
}

/// Returns a row's own time; a row that waits for a slot has none, and is near to all.
fn time(facts: &Kept) -> Option<UnixMillis> {
    facts.at.get().filter(|_| !facts.flags.has(Flags::WAITS))
}

fn are_close(one: Option<UnixMillis>, other: Option<UnixMillis>) -> bool {
    let apart = REPEAT_WARNING_MILLIS.unsigned_abs();
    one.zip(other).is_none_or(|(one, other)| one.0.abs_diff(other.0) <= apart)
}

fn posts(ground: Ground<'_>) -> Result<Vec<Post>, LookupFailed> {
    let surroundings = ground.basis.surroundings;
    let from = UnixMillis(surroundings.now.0.saturating_sub(REPEAT_WARNING_MILLIS));
    let mut posts = Vec::new();
    let accounts = (0..NO_ACCOUNT).zip(surroundings.accounts.iter().map(|it| Some(&it.id)));
    for (account, id) in accounts.chain([(NO_ACCOUNT, None)]) {
        let texts = surroundings.known.texts(id, from)?.into_iter();
        posts.extend(texts.map(|known| Post { account, key: half(known.key), known }));
    }
    Ok(posts)
}

/// Works on both halves of a list, on two threads where that is worth it.
fn in_two<T: Send>(list: &mut [T], work: &(impl Fn(usize, &mut [T]) + Sync)) {
    if list.len() < SHARED_ROWS_MIN {
        return work(0, list);
    }
    let half = list.len() / 2;
    let (first, second) = list.split_at_mut(half);
    std::thread::scope(|scope| {
        scope.spawn(|| work(half, second));
        work(0, first);
    });
}
