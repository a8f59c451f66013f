//! One band of the fingerprints: slots in the order of their fingerprints, turned so that the band's 16
//! bits come first. The slots of a bucket lie beside each other.

use super::BANDS;

const BUCKETS: usize = 1 << 16;
const BAND_BITS: u32 = u64::BITS / BANDS as u32;

/// The slots by one band.
#[derive(Debug)]
pub(super) struct Band {
    /// How far fingerprints are turned.
    turn: u32,
    slots: Vec<u32>,
    /// Where each bucket begins in `slots`, and the end of the last.
    starts: Vec<u32>,
}

impl Band {
    /// Returns the band of the fingerprints of all slots that have one.
    pub(super) fn of(band: usize, fingerprints: &[u64]) -> Self {
        let turn = band as u32 * BAND_BITS;
        let mut keyed: Vec<(u64, u32)> = (0_u32..)
            .zip(fingerprints)
            .filter(|(_, print)| **print != 0)
            .map(|(slot, print)| (print.rotate_left(turn), slot))
            .collect();
        keyed.sort_unstable();
        let mut starts = vec![0; BUCKETS + 1];
        for (print, _) in &keyed {
            starts[bucket(*print) + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self { turn, slots: keyed.into_iter().map(|(_, slot)| slot).collect(), starts }
    }

    /// Adds a slot, whose fingerprint is known.
    pub(super) fn insert(&mut self, slot: u32, fingerprints: &[u64]) {
        let print = self.turned(slot, fingerprints);
        let at = self.place(print, slot, fingerprints);
        self.slots.insert(at, slot);
        for start in &mut self.starts[bucket(print) + 1..] {
            *start += 1;
        }
    }

    /// Takes a slot away, whose fingerprint is still known.
    pub(super) fn remove(&mut self, slot: u32, fingerprints: &[u64]) {
        let print = self.turned(slot, fingerprints);
        let at = self.place(print, slot, fingerprints);
        if self.slots.get(at) == Some(&slot) {
            self.slots.remove(at);
            for start in &mut self.starts[bucket(print) + 1..] {
                *start -= 1;
            }
        }
    }

    /// Looks at the slots of a fingerprint's bucket, up to `most` on either side of it.
    pub(super) fn own(
        &self,
        fingerprint: u64,
        slot: u32,
        most: usize,
        fingerprints: &[u64],
        look: &mut impl FnMut(u32),
    ) {
        let print = fingerprint.rotate_left(self.turn);
        let (first, end) = self.bounds(print);
        let place = self.place(print, slot, fingerprints);
        let (from, to) = (place.saturating_sub(most).max(first), (place + most + 1).min(end));
        for other in &self.slots[from..to] {
            look(*other);
        }
    }

    /// Looks at the slots of all buckets one bit from a fingerprint's own. Buckets with more than `most`
    /// slots neither look nor are looked at: so two slots always see each other or neither does.
    pub(super) fn next(&self, fingerprint: u64, most: usize, look: &mut impl FnMut(u32)) {
        let print = fingerprint.rotate_left(self.turn);
        let (first, end) = self.bounds(print);
        if end - first > most {
            return;
        }
        for bit in u64::BITS - BAND_BITS..u64::BITS {
            let (first, end) = self.bounds(print ^ (1 << bit));
            if end - first <= most {
                self.slots[first..end].iter().for_each(|other| look(*other));
            }
        }
    }

    fn turned(&self, slot: u32, fingerprints: &[u64]) -> u64 {
        fingerprints[slot as usize].rotate_left(self.turn)
    }

    fn bounds(&self, print: u64) -> (usize, usize) {
        let bucket = bucket(print);
        (self.starts[bucket] as usize, self.starts[bucket + 1] as usize)
    }

    /// Where a turned fingerprint stands or would stand.
    fn place(&self, print: u64, slot: u32, fingerprints: &[u64]) -> usize {
        let (first, end) = self.bounds(print);
        let before = |other: &u32| (self.turned(*other, fingerprints), *other) < (print, slot);
        first + self.slots[first..end].partition_point(before)
    }
}

fn bucket(turned: u64) -> usize {
    (turned >> (u64::BITS - BAND_BITS)) as usize
}
