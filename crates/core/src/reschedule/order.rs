//! The same times, given to the posts in another order.

use super::{PlannedTime, RescheduleError, by_instant};

/// Returns the times given out anew: the post at place `order[0]` gets the earliest, the post at
/// `order[1]` the next, and so on. Each post keeps its zone.
///
/// # Errors
/// [`RescheduleError::InvalidOrder`] where a place is missing, comes twice, or is none.
pub fn arrange(
    times: &[PlannedTime],
    order: &[usize],
) -> Result<Vec<PlannedTime>, RescheduleError> {
    let invalid = RescheduleError::InvalidOrder { expected: times.len() };
    if order.len() != times.len() {
        return Err(invalid);
    }
    let mut arranged: Vec<Option<PlannedTime>> = vec![None; times.len()];
    for (from, to) in by_instant(times).into_iter().zip(order) {
        let place = arranged.get_mut(*to).ok_or(invalid)?;
        if place.is_some() {
            return Err(invalid);
        }
        *place = Some(taken(&times[from], &times[*to]));
    }
    // As many places as times, and none of them twice: each has one.
    Ok(arranged.into_iter().flatten().collect())
}

/// The time of one post on the clocks of another.
fn taken(time: &PlannedTime, by: &PlannedTime) -> PlannedTime {
    if time.zone == by.zone {
        time.clone()
    } else {
        PlannedTime::at_instant(time.at, by.zone.clone())
    }
}

/// Returns the times in reverse: the last post goes first. Two posts swap theirs.
#[must_use]
pub fn reverse(times: &[PlannedTime]) -> Vec<PlannedTime> {
    let order: Vec<usize> = by_instant(times).into_iter().rev().collect();
    arrange(times, &order).unwrap_or_else(|_| times.to_vec())
}

/// Returns the times in an order by chance. The same seed gives the same order, so that what was
/// shown is what is applied.
#[must_use]
pub fn shuffle(times: &[PlannedTime], seed: u64) -> Vec<PlannedTime> {
    let mut order = by_instant(times);
    let mut chance = Chance::new(seed);
    for place in (1..order.len()).rev() {
        order.swap(place, chance.below(place + 1));
    }
    arrange(times, &order).unwrap_or_else(|_| times.to_vec())
}

/// Numbers by chance from a seed (`SplitMix64`): good enough to shuffle, the same on every machine.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number below `bound`, which is not zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
