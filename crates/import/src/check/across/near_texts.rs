//! Rows whose text is nearly that of another row or of a post of the account, within 14 days. Of two rows
//! the later one is told.

use std::borrow::Cow;

use roost_core::clock::UnixMillis;
use roost_core::duplicate::duplicate_key;
use roost_core::failure::{Code, Problem, clip};
use roost_core::id::PostId;
use roost_core::zone::{Zone, wall_time_of};

use super::REPEAT_WARNING_MILLIS;
use crate::facts::{AccountIndex, RowFacts, key_of};
use crate::finding::{Finding, Sink};
use crate::near::{Comparison, NearIndex, fingerprint};
use crate::surroundings::KnownText;

/// How much of the other text a message repeats, in characters.
const SHOWN_MAX: usize = 60;

/// The texts of rows and posts, found by likeness.
#[derive(Debug, Default)]
pub struct NearTexts {
    index: NearIndex,
    /// What is known of each slot: rows stand at their number, less one; posts behind them.
    slots: Vec<Option<Slot>>,
    rows: usize,
    posts: Vec<KnownText>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    account: AccountIndex,
    at: i64,
    key: u64,
}

/// What a row is nearly the same as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NearOther<'n> {
    /// A row, by its number from 1.
    Row(u32),
    /// A post.
    Post {
        /// The post.
        id: PostId,
        /// When it went or goes out.
        at: Option<UnixMillis>,
        /// Its text.
        text: &'n str,
    },
}

impl NearTexts {
    /// Returns the texts of a file of `rows` rows and of posts. `facts` are those of the rows that have
    /// a time and say nothing that is there already, each with its text.
    #[must_use]
    pub fn of<'f>(
        rows: usize,
        facts: impl IntoIterator<Item = (&'f RowFacts, Cow<'f, str>)>,
        posts: Vec<(AccountIndex, KnownText)>,
    ) -> Self {
        let mut slots = vec![None; rows];
        let mut prints = vec![None; rows];
        for (facts, text) in facts {
            if let Some(slot) = slot(facts) {
                let at = facts.row as usize - 1;
                slots[at] = Some(slot);
                prints[at] = fingerprint(&text);
            }
        }
        for (account, post) in &posts {
            let key = key_of(&duplicate_key(&post.text));
            slots.push(post.at.map(|at| Slot { account: *account, at: at.0, key }));
            prints.push(post.at.and_then(|_| fingerprint(&post.text)));
        }
        let posts = posts.into_iter().map(|(_, post)| post).collect();
        Self { index: NearIndex::of(prints), slots, rows, posts }
    }

    /// Gives a row another text, or none.
    pub fn set(&mut self, facts: &RowFacts, text: Option<&str>) {
        let at = facts.row as usize - 1;
        if let Some(place) = self.slots.get_mut(at).filter(|_| at < self.rows) {
            *place = slot(facts).filter(|_| text.is_some());
            let print = text.filter(|_| place.is_some()).and_then(fingerprint);
            self.index.set(facts.row - 1, print);
        }
    }

    /// Returns the rows whose answers may be others once the text of a row is another: to be asked before
    /// and after.
    #[must_use]
    pub fn neighbours(&self, row: u32) -> Vec<u32> {
        let slots = self.index.neighbours(row - 1).into_iter();
        slots.filter(|slot| (*slot as usize) < self.rows).map(|slot| slot + 1).collect()
    }

    /// Returns what a row is nearly the same as. `text_of` gives the text of any row.
    pub fn find<'n, 't>(
        &'n self,
        row: u32,
        text_of: impl Fn(u32) -> Cow<'t, str>,
    ) -> Option<NearOther<'n>> {
        let own = (*self.slots.get(row as usize - 1)?)?;
        let accepts = |other: u32| {
            let Some(Some(it)) = self.slots.get(other as usize) else { return false };
            let is_row = (other as usize) < self.rows;
            it.account == own.account
                && it.key != own.key
                && it.at.abs_diff(own.at) < REPEAT_WARNING_MILLIS.unsigned_abs()
                && (!is_row || (it.at, other) < (own.at, row - 1))
        };
        let mut comparison = None;
        let compares = |other: u32| {
            let own = comparison.get_or_insert_with(|| Comparison::of(&text_of(row)));
            match (other as usize).checked_sub(self.rows) {
                Some(post) => own.is_near(&self.posts[post].text),
                None => own.is_near(&text_of(other + 1)),
            }
        };
        let found = self.index.find(row - 1, accepts, compares)?;
        Some(match (found as usize).checked_sub(self.rows) {
            Some(post) => {
                let post = &self.posts[post];
                NearOther::Post { id: post.id, at: post.at, text: &post.text }
            }
            None => NearOther::Row(found + 1),
        })
    }
}

fn slot(facts: &RowFacts) -> Option<Slot> {
    facts.at.map(|at| Slot { account: facts.account, at: at.0, key: facts.key })
}

impl NearOther<'_> {
    /// Tells it, with times on the clocks of `zone`.
    pub fn tell(&self, zone: &Zone, sink: &mut impl Sink) {
        sink.find(Code::NearDuplicate, || {
            let message = match self {
                Self::Row(row) => format!("Row {row} says nearly the same."),
                Self::Post { at, text, .. } => {
                    let when =
                        at.map_or_else(String::new, |at| format!(" of {}", wall_time_of(at, zone)));
                    format!("The post{when} says nearly the same: \"{}\"", clip(text, SHOWN_MAX))
                }
            };
            Finding::new(Problem::new(Code::NearDuplicate, message).in_field("content"))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;
    const TEXT: &str =
        "Doors open on Monday at nine, and the first hundred guests get a free coffee.";

    fn facts(row: u32, account: u16, day: i64) -> RowFacts {
        RowFacts { row, account, at: Some(UnixMillis(day * DAY)), key: u64::from(row) }
    }

    #[test]
    fn the_later_of_two_rows_is_told_within_14_days_and_accounts_are_apart() {
        let near = TEXT.replace("nine", "ten");
        let texts = [TEXT, near.as_str(), near.as_str(), near.as_str()];
        let rows = [facts(1, 0, 3), facts(2, 0, 1), facts(3, 1, 2), facts(4, 0, 18)];
        let all = rows.iter().zip(texts).map(|(facts, text)| (facts, Cow::Borrowed(text)));
        let mut index = NearTexts::of(4, all, Vec::new());
        let text_of = |row: u32| Cow::Borrowed(texts[row as usize - 1]);
        assert_eq!(index.find(1, text_of), Some(NearOther::Row(2)));
        assert_eq!(index.find(2, text_of), None, "it is the earlier one");
        assert_eq!(index.find(3, text_of), None);
        assert_eq!(index.find(4, text_of), None, "15 days later");
        assert!(index.neighbours(2).contains(&1));
        index.set(&rows[1], None);
        assert_eq!(index.find(1, text_of), None);
        index.set(&rows[1], Some(&near));
        assert_eq!(index.find(1, text_of), Some(NearOther::Row(2)));
    }

    #[test]
    fn a_row_that_is_nearly_a_post_shows_it() {
        let row = facts(1, 0, 3);
        let id: PostId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
        let text = TEXT.replace("nine", "ten");
        let post = KnownText { id, at: Some(UnixMillis(10 * DAY)), text };
        let index = NearTexts::of(1, [(&row, Cow::Borrowed(TEXT))], vec![(0, post)]);
        let other = index.find(1, |_| Cow::Borrowed(TEXT)).unwrap();
        let mut findings: Vec<Finding> = Vec::new();
        other.tell(&Zone::parse("UTC").unwrap(), &mut findings);
        let message = &findings[0].problem.message;
        assert!(message.starts_with("The post of 1970-01-11 00:00 says nearly the same: \"Doors"));
    }
}
