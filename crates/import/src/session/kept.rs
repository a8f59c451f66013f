//! What is kept of each judged row: some words of memory, nothing boxed.

use std::collections::HashMap;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;

use crate::facts::AccountIndex;
use crate::finding::{Finding, Severity, Sink};

/// What a row is by itself, before it is compared with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kept {
    /// When, in Unix milliseconds; [`NO_TIME`] for a draft without a time and while it waits for a slot.
    pub(super) at: Instant,
    /// The first half of what repeats of it have in common.
    pub(super) key: u64,
    /// A hash of its id in the person's own plan; 0 for none.
    pub(super) own_id: u64,
    /// What posting it costs, in millionths of a dollar.
    pub(super) cost: u32,
    /// What was found in it: a place in [`FoundSets`].
    pub(super) found: FoundSet,
    /// The day on which it goes out, in days of the file's zone since 1970.
    pub(super) day: i32,
    /// The account that posts.
    pub(super) account: AccountIndex,
    pub(super) flags: Flags,
}

/// An instant in eight bytes: Unix milliseconds, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Instant(i64);

impl Default for Instant {
    fn default() -> Self {
        Self::NONE
    }
}

impl Instant {
    pub(super) const NONE: Self = Self(i64::MIN);

    pub(super) fn of(at: Option<UnixMillis>) -> Self {
        at.map_or(Self::NONE, |at| Self(at.0))
    }

    pub(super) fn get(self) -> Option<UnixMillis> {
        (self != Self::NONE).then_some(UnixMillis(self.0))
    }
}

/// What is true of a row by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u16);

impl Flags {
    /// Something stands in the way of it.
    pub(super) const FAULTY: Self = Self(1);
    /// It is a draft: it says so, or has what can't be sent yet, or is late and such rows become drafts.
    pub(super) const DRAFT: Self = Self(1 << 1);
    /// Its time has passed.
    pub(super) const PAST: Self = Self(1 << 2);
    /// It takes the next free slot.
    pub(super) const WAITS: Self = Self(1 << 3);
    /// X bills a part of it as one with a link.
    pub(super) const LINK: Self = Self(1 << 4);
    /// It has a text or a picture, so that a draft can be made of it.
    pub(super) const SAYS: Self = Self(1 << 5);
    /// It is for another network.
    pub(super) const OTHER_NETWORK: Self = Self(1 << 6);
    /// It went out already.
    pub(super) const WENT_OUT: Self = Self(1 << 7);
    /// It is not to go out.
    pub(super) const CANCELLED: Self = Self(1 << 8);
    /// A person left it out.
    pub(super) const LEFT_OUT: Self = Self(1 << 9);
    /// A person made it a draft, whatever is wrong with it.
    pub(super) const DRAFT_ANYWAY: Self = Self(1 << 10);
    /// A person said that it changes the waiting post.
    pub(super) const UPDATE: Self = Self(1 << 11);
    /// It waits for a slot because its time has passed.
    pub(super) const LATE: Self = Self(1 << 12);
    /// A person said that it takes the next free slot: its post moves there too.
    pub(super) const MOVES: Self = Self(1 << 13);
    /// It names no time and its account has no slots: a draft, unless it leaves its post where it is.
    pub(super) const TIMELESS: Self = Self(1 << 14);

    pub(super) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    pub(super) const fn set(&mut self, flag: Self, on: bool) {
        if on {
            self.0 |= flag.0;
        }
    }

    pub(super) const fn unset(&mut self, flag: Self) {
        self.0 &= !flag.0;
    }
}

/// A set of findings, by its place in [`FoundSets`]; 0 is the empty one.
pub(super) type FoundSet = u32;

/// The sets of findings that rows have: few, however many rows there are.
#[derive(Debug, Clone)]
pub(super) struct FoundSets {
    sets: Vec<Box<[Found]>>,
    places: HashMap<Box<[Found]>, FoundSet>,
}

/// A code with its severity.
pub(super) type Found = (Code, Severity);

impl FoundSets {
    pub(super) fn new() -> Self {
        Self { sets: vec![Box::default()], places: HashMap::from([(Box::default(), 0)]) }
    }

    /// Returns the place of a set; codes found twice in a row count twice.
    pub(super) fn place(&mut self, found: &[Found]) -> FoundSet {
        if let Some(place) = self.places.get(found) {
            return *place;
        }
        let place = u32::try_from(self.sets.len()).unwrap_or(0);
        self.sets.push(found.into());
        self.places.insert(found.into(), place);
        place
    }

    pub(super) fn get(&self, place: FoundSet) -> &[Found] {
        &self.sets[place as usize]
    }

    /// Returns where the sets of `other` stand among these.
    pub(super) fn absorb(&mut self, other: &Self) -> Vec<FoundSet> {
        other.sets.iter().map(|set| self.place(set)).collect()
    }

    /// Returns the sets with their places.
    pub(super) fn iter(&self) -> impl Iterator<Item = (FoundSet, &[Found])> {
        (0..).zip(self.sets.iter().map(|set| &**set))
    }
}

/// Keeps codes alone, sorted when they are taken.
#[derive(Debug, Default)]
pub(super) struct Codes(pub(super) Vec<Found>);

impl Sink for Codes {
    fn add(&mut self, code: Code, severity: Severity, _: impl FnOnce() -> Finding) {
        self.0.push((code, severity));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_few_bytes_and_sets_are_kept_once() {
        assert!(size_of::<Kept>() <= 40);
        let (mut one, mut other) = (FoundSets::new(), FoundSets::new());
        let (missing, past) =
            ([(Code::TextMissing, Severity::Error)], [(Code::TimeInPast, Severity::Error)]);
        assert_eq!((one.place(&missing), one.place(&missing), one.place(&[])), (1, 1, 0));
        other.place(&past);
        other.place(&missing);
        assert_eq!(one.absorb(&other), [0, 2, 1]);
        assert_eq!(one.get(2), past);
    }
}
