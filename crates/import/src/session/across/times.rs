//! When posts that are there go out, without those that rows change: these go out with their rows.

use roost_core::clock::UnixMillis;

use super::ends::End;
use super::{Ground, KnownPosts};
use crate::facts::{AccountIndex, NO_ACCOUNT};

/// When posts of each account go out beside the rows.
pub(super) struct Times<'k> {
    known: &'k KnownPosts,
    /// Those of each account that rows change, where there are any; in the order of `known`.
    leaving: Vec<Vec<UnixMillis>>,
}

impl<'k> Times<'k> {
    pub(super) fn new(ends: &[End], ground: Ground<'_>, known: &'k KnownPosts) -> Self {
        let mut leaving = vec![Vec::new(); known.times.len()];
        for (end, facts) in ends.iter().zip(ground.facts) {
            if let Some(at) = end.own_at.get()
                && let Some(place) = place(facts.account, known)
            {
                leaving[place].push(at);
            }
        }
        leaving.iter_mut().for_each(|times| times.sort_unstable());
        Self { known, leaving }
    }

    /// Returns when posts of an account go out, in order.
    pub(super) fn of(&self, account: AccountIndex) -> Vec<UnixMillis> {
        place(account, self.known).map_or_else(Vec::new, |place| self.at(place))
    }

    /// Returns when posts of all accounts go out, account by account.
    pub(super) fn of_all(&self) -> impl Iterator<Item = UnixMillis> {
        (0..self.known.times.len()).flat_map(|place| self.at(place))
    }

    fn at(&self, place: usize) -> Vec<UnixMillis> {
        let mut leaving = self.leaving[place].iter().peekable();
        let stays = |at: &UnixMillis| {
            while leaving.next_if(|it| *it < at).is_some() {}
            leaving.next_if_eq(&at).is_none()
        };
        self.known.times[place].iter().copied().filter(stays).collect()
    }
}

fn place(account: AccountIndex, known: &KnownPosts) -> Option<usize> {
    let last = known.times.len().checked_sub(1)?;
    Some(if account == NO_ACCOUNT { last } else { usize::from(account).min(last) })
}
