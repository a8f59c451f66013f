//! Rules drawn from a seed.

use std::time::Duration;

use crate::{Direction, Rule};

/// How often which rule is drawn, and within which bounds. The weights are relative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Weight of [`Rule::Pass`].
    pub pass: u32,
    /// Weight of [`Rule::Refuse`].
    pub refuse: u32,
    /// Weight of [`Rule::Cut`].
    pub cut: u32,
    /// Weight of [`Rule::Reset`].
    pub reset: u32,
    /// Weight of [`Rule::Delay`].
    pub delay: u32,
    /// Weight of [`Rule::Stall`].
    pub stall: u32,
    /// Weight of [`Rule::HalfClose`].
    pub half_close: u32,
    /// The most bytes that pass before something strikes.
    pub most_bytes: u64,
    /// The longest delay of a chunk.
    pub longest_delay: Duration,
}

impl Default for Mix {
    /// A bad network: one connection in three is good.
    fn default() -> Self {
        Self {
            pass: 6,
            refuse: 1,
            cut: 4,
            reset: 2,
            delay: 3,
            stall: 1,
            half_close: 2,
            most_bytes: 3000,
            longest_delay: Duration::from_millis(80),
        }
    }
}

impl Mix {
    /// The rule of a connection: always the same for a seed and a number.
    #[must_use]
    pub fn rule(&self, seed: u64, connection: u64) -> Rule {
        let draw = |what: u64, below: u64| dice(seed, connection * 4 + what) % below.max(1);
        let direction = if draw(1, 2) == 0 { Direction::Up } else { Direction::Down };
        let after = draw(2, self.most_bytes + 1);
        let longest = u64::try_from(self.longest_delay.as_millis()).unwrap_or(u64::MAX - 1);
        let by = Duration::from_millis(draw(3, longest + 1));
        let rules = [
            (self.pass, Rule::Pass),
            (self.refuse, Rule::Refuse),
            (self.cut, Rule::Cut { direction, after }),
            (self.reset, Rule::Reset { direction, after }),
            (self.delay, Rule::Delay { direction, by }),
            (self.stall, Rule::Stall { direction, after }),
            (self.half_close, Rule::HalfClose { direction, after }),
        ];
        let all = rules.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let mut drawn = draw(0, all);
        for (weight, rule) in rules {
            match drawn.checked_sub(weight.into()) {
                Some(rest) => drawn = rest,
                None => return rule,
            }
        }
        Rule::Pass
    }
}

/// A number that seed and position alone decide (SplitMix64).
#[must_use]
pub const fn dice(seed: u64, position: u64) -> u64 {
    let mut mixed = seed.wrapping_add(position.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_number_decide_the_rule() {
        let mix = Mix::default();
        let drawn = |seed| (0..200).map(|number| mix.rule(seed, number)).collect::<Vec<_>>();
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn every_rule_is_drawn_and_none_without_a_weight() {
        let kind = |rule: &Rule| std::mem::discriminant(rule);
        let all: Vec<Rule> = (0..500).map(|number| Mix::default().rule(1, number)).collect();
        let kinds: std::collections::HashSet<_> = all.iter().map(kind).collect();
        assert_eq!(kinds.len(), 7);
        let calm = Mix { refuse: 0, reset: 0, stall: 0, ..Mix::default() };
        let calm = (0..500).map(|number| calm.rule(1, number));
        assert!(calm.into_iter().all(|rule| {
            !matches!(rule, Rule::Refuse | Rule::Reset { .. } | Rule::Stall { .. })
        }));
    }

    #[test]
    fn bounds_are_kept() {
        let mix = Mix { most_bytes: 10, longest_delay: Duration::from_millis(3), ..Mix::default() };
        for number in 0..500 {
            match mix.rule(2, number) {
                Rule::Delay { by, .. } => assert!(by <= mix.longest_delay),
                Rule::Cut { after, .. } | Rule::Stall { after, .. } => assert!(after <= 10),
                _ => {}
            }
        }
    }
}
