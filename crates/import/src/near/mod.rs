//! Texts that are nearly the same.
//!
//! A text's [`fingerprint`] changes in few bits when the text changes in few letters. [`NearIndex`] finds
//! the texts whose fingerprints are near, and a [`Comparison`] compares the few that it finds. What it finds
//! depends on the set of texts alone, and not on the order in which they were added.

mod band;
mod fingerprint;
mod similar;

use band::Band;

pub use fingerprint::fingerprint;
pub use similar::{Comparison, is_near};

/// Bands of a fingerprint, of 16 bits each.
const BANDS: usize = 4;
/// Bits in which the fingerprints of two texts may differ for them to be compared.
const BITS_MAX: u32 = 14;
/// Texts of a text's own bucket that are looked at on either side. Texts made from one template fall
/// into one bucket; those with the nearest fingerprints lie beside each other in it.
const OWN_BUCKET_MAX: usize = 32;
/// Texts of a bucket up to which those one bit away are looked at too: in a fuller one the nearest stand
/// in the bucket itself.
const NEXT_BUCKET_MAX: usize = 12;
/// Texts that are compared letter by letter.
const COMPARED_MAX: usize = 4;

/// Fingerprints of texts, found by likeness. A text is known by its slot, which the caller gives out.
#[derive(Debug)]
pub struct NearIndex {
    /// The fingerprint of each slot; 0 for a slot without one.
    fingerprints: Vec<u64>,
    bands: [Band; BANDS],
}

impl Default for NearIndex {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl NearIndex {
    /// Returns an index of the fingerprints of slots 0, 1, 2 …
    #[must_use]
    pub fn of(fingerprints: Vec<Option<u64>>) -> Self {
        let fingerprints: Vec<u64> = fingerprints.into_iter().map(stored).collect();
        let bands = std::array::from_fn(|band| Band::of(band, &fingerprints));
        Self { fingerprints, bands }
    }

    /// Gives a slot another fingerprint, or none.
    pub fn set(&mut self, slot: u32, fingerprint: Option<u64>) {
        let at = slot as usize;
        if self.fingerprints.len() <= at {
            self.fingerprints.resize(at + 1, 0);
        }
        if self.fingerprints[at] != 0 {
            for band in &mut self.bands {
                band.remove(slot, &self.fingerprints);
            }
        }
        self.fingerprints[at] = stored(fingerprint);
        if self.fingerprints[at] != 0 {
            for band in &mut self.bands {
                band.insert(slot, &self.fingerprints);
            }
        }
    }

    /// Returns the slot of a text that is nearly that of `slot`: of those that `accepts` lets pass, the
    /// one with the nearest fingerprint that `compares` finds to be so.
    pub fn find(
        &self,
        slot: u32,
        accepts: impl Fn(u32) -> bool,
        mut compares: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let own = *self.fingerprints.get(slot as usize)?;
        if own == 0 {
            return None;
        }
        let mut nearest = Nearest::default();
        self.visit(own, slot, 0, &mut |other, bits| {
            if other != slot && bits < nearest.worst() && accepts(other) {
                nearest.add(bits, other);
            }
        });
        nearest.in_order().find(|other| compares(*other))
    }

    /// Returns the slots whose answers may be others once the text of `slot` is another.
    ///
    /// It is asked before the text changes and after.
    #[must_use]
    pub fn neighbours(&self, slot: u32) -> Vec<u32> {
        let own = self.fingerprints.get(slot as usize).copied().unwrap_or_default();
        let mut slots = Vec::new();
        if own != 0 {
            // One more: with this text a bucket may have become too full.
            self.visit(own, slot, 1, &mut |other, _| slots.push(other));
        }
        slots.sort_unstable();
        slots.dedup();
        slots.retain(|other| *other != slot);
        slots
    }

    /// Visits the texts with near fingerprints; one may be visited several times. Two texts visit each
    /// other or neither does the other. `more` widens what is looked at.
    fn visit(&self, own: u64, slot: u32, more: usize, visit: &mut impl FnMut(u32, u32)) {
        let mut look = |other: u32| {
            let bits = (self.fingerprints[other as usize] ^ own).count_ones();
            if bits <= BITS_MAX {
                visit(other, bits);
            }
        };
        for band in &self.bands {
            band.own(own, slot, OWN_BUCKET_MAX + more, &self.fingerprints, &mut look);
            band.next(own, NEXT_BUCKET_MAX + more, &mut look);
        }
    }
}

fn stored(fingerprint: Option<u64>) -> u64 {
    fingerprint.map_or(0, |it| it.max(1))
}

/// The nearest of the texts that were met, by bits and then by slot.
#[derive(Default)]
struct Nearest {
    met: [Option<(u32, u32)>; COMPARED_MAX],
}

impl Nearest {
    /// Bits from which on a text is no longer among the nearest.
    fn worst(&self) -> u32 {
        self.met[COMPARED_MAX - 1].map_or(u32::MAX, |(bits, _)| bits + 1)
    }

    fn add(&mut self, bits: u32, slot: u32) {
        let entry = (bits, slot);
        let at = self.met.iter().position(|it| it.is_none_or(|it| it >= entry));
        let Some(at) = at.filter(|at| self.met[*at] != Some(entry)) else { return };
        self.met[at..].rotate_right(1);
        self.met[at] = Some(entry);
    }

    fn in_order(&self) -> impl Iterator<Item = u32> {
        self.met.iter().flatten().map(|(_, slot)| *slot)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXTS: [&str; 5] = [
        "The new release is out: faster imports, calmer colours, fewer clicks. Try it today!",
        "The new release is out: faster imports, calmer colors, fewer clicks. Try it today.",
        "Office hours start in an hour. Bring your questions about pricing and plans!",
        "We moved the whole fleet to the new region last night, and nothing broke at all.",
        "The new release is out: faster exports, calmer colours, fewer clicks! Try it today!",
    ];

    fn found(texts: &[&str]) -> Vec<Option<u32>> {
        let index = NearIndex::of(texts.iter().map(|text| fingerprint(text)).collect());
        (0_u32..)
            .zip(texts)
            .map(|(slot, text)| {
                index.find(slot, |other| other < slot, |other| is_near(text, texts[other as usize]))
            })
            .collect()
    }

    #[test]
    fn a_text_that_differs_in_a_few_letters_is_found() {
        assert_eq!(found(&TEXTS), [None, Some(0), None, None, Some(0)]);
    }

    #[test]
    fn ten_thousand_texts_of_one_template_are_searched_in_little_time_and_still_found() {
        let texts: Vec<String> = (0..10_000)
            .map(|at| {
                format!(
                    "Fresh at the market in stall {at}: apples, pears, plums and more. Come by!"
                )
            })
            .collect();
        let index = NearIndex::of(texts.iter().map(|text| fingerprint(text)).collect());
        let mut compared = 0;
        for slot in 0..10_000_u32 {
            index.find(
                slot,
                |other| other < slot,
                |_| {
                    compared += 1;
                    false
                },
            );
        }
        assert!(compared <= 10_000 * COMPARED_MAX, "{compared}");
        assert!(compared > 10_000, "{compared}");
    }

    proptest! {
        // Four tables of 65,536 buckets for each case.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn answers_depend_on_the_set_of_texts_and_on_no_order(
            prints in prop::collection::vec(prop::option::of(0_u64..4096), 1..60), order in any::<u64>(),
        ) {
            // Fingerprints of which many share their bands.
            let prints: Vec<Option<u64>> =
                prints.iter().map(|it| it.map(|it| it.wrapping_mul(0x0001_0000_0001_0001))).collect();
            let whole = NearIndex::of(prints.clone());
            let mut built = NearIndex::default();
            let mut slots: Vec<u32> = (0..u32::try_from(prints.len()).unwrap()).collect();
            slots.sort_by_key(|slot| u64::from(*slot).wrapping_mul(order | 1));
            for slot in &slots {
                built.set(*slot, Some(u64::from(*slot) + 7));
                built.set(*slot, prints[*slot as usize]);
            }
            for slot in slots {
                prop_assert_eq!(
                    whole.find(slot, |other| other < slot, |_| true),
                    built.find(slot, |other| other < slot, |_| true)
                );
            }
        }

        #[test]
        fn a_text_that_changes_changes_the_answers_of_its_neighbours_and_of_no_other(
            // Enough of one bucket that it is too full, and too few to fill another.
            prints in prop::collection::vec((0_u64..3, 0_u64..64), 20..120),
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..3, 0_u64..64), 1..8),
        ) {
            // Buckets one bit apart, and fingerprints a few bits apart within each.
            let print = |(bucket, rest): (u64, u64)| Some((1 << bucket) << 48 | (rest * 0x41) << 8 | 1);
            let mut index = NearIndex::of(prints.iter().copied().map(print).collect());
            let slots = u32::try_from(prints.len()).unwrap();
            let answers = |index: &NearIndex| -> Vec<Option<u32>> {
                (0..slots).map(|slot| index.find(slot, |other| other < slot, |_| true)).collect()
            };
            for (slot, bucket, rest) in changes {
                let slot = u32::try_from(slot.index(prints.len())).unwrap();
                let before = answers(&index);
                let mut touched = index.neighbours(slot);
                index.set(slot, print((bucket, rest)));
                touched.extend(index.neighbours(slot));
                for ((at, old), new) in (0_u32..).zip(before).zip(answers(&index)) {
                    prop_assert!(old == new || at == slot || touched.contains(&at), "slot {at}");
                }
            }
        }
    }
}
