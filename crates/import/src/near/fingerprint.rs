//! SimHash over the character 4-grams of a text.

use super::similar::letters;

/// Letters that a text needs for a fingerprint: below it one letter changes too much.
const LETTERS_MIN: usize = 20;
/// Letters of which a fingerprint is made; longer texts are compared by their beginnings.
const LETTERS_MAX: usize = 4_000;
/// Counters hold up to 4095.
const PLANES: usize = 12;

/// Returns the fingerprint of a text; `None` for one that is too short to compare.
#[must_use]
pub fn fingerprint(text: &str) -> Option<u64> {
    let mut planes = [0_u64; PLANES];
    let (mut window, mut count) = (0_u64, 0_u32);
    for (at, letter) in letters(text).take(LETTERS_MAX).enumerate() {
        // Sixteen bits of a letter tell letters apart well enough.
        window = (window << 16) | (u64::from(u32::from(letter)) & 0xFFFF);
        if at >= 3 {
            add(&mut planes, spread(window));
            count += 1;
        }
    }
    (count as usize + 3 >= LETTERS_MIN).then(|| majority(&planes, count))
}

/// Adds a bit to each of 64 counters; a counter's digits stand in the planes.
fn add(planes: &mut [u64; PLANES], mut carry: u64) {
    for plane in planes {
        let next = *plane & carry;
        *plane ^= carry;
        carry = next;
        if carry == 0 {
            break;
        }
    }
}

/// Returns the bits whose counters are above half of `count`.
fn majority(planes: &[u64; PLANES], count: u32) -> u64 {
    let half = count / 2;
    // Compared digit by digit, the highest first, for all counters at once.
    let (mut above, mut equal) = (0_u64, u64::MAX);
    for (digit, plane) in planes.iter().enumerate().rev() {
        if half >> digit & 1 == 1 {
            equal &= plane;
        } else {
            above |= equal & plane;
            equal &= !plane;
        }
    }
    above
}

/// The finalizer of MurmurHash3: each bit depends on all.
fn spread(mut key: u64) -> u64 {
    key ^= key >> 33;
    key = key.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    key ^= key >> 33;
    key = key.wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    key ^ (key >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_letters_change_few_bits() {
        let of = |text: &str| fingerprint(text).unwrap();
        let text = "Doors open on Monday at nine, and the first hundred guests get a free coffee.";
        let near = "Doors open on Monday at ten, and the first hundred guests get a free coffee.";
        let far = "Our quarterly report is out: revenue is up, churn is down, thank you all!";
        assert_eq!(of(text), of(&text.to_uppercase().replace(' ', "  ")));
        assert!((of(text) ^ of(near)).count_ones() < 12);
        assert!((of(text) ^ of(far)).count_ones() > 16);
        assert_eq!(fingerprint("Too short"), None);
    }

    #[test]
    fn counters_are_those_of_counting_one_by_one() {
        let keys: Vec<u64> = (0..1_001).map(spread).collect();
        let mut planes = [0; PLANES];
        keys.iter().for_each(|key| add(&mut planes, *key));
        let majority = majority(&planes, 1_001);
        for bit in 0..64 {
            let count = keys.iter().filter(|key| **key >> bit & 1 == 1).count();
            assert_eq!(majority >> bit & 1 == 1, count > 500, "bit {bit}");
        }
    }
}
