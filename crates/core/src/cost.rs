//! What a post costs on X's pay-per-use API.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::text;

/// Money: millionths of a US dollar. Whole numbers, so that a thousand posts add up exactly.
///
/// Sums saturate: an absurd amount is shown as the largest one, never as a negative one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MicroDollars(pub i64);

/// Creating a post without a link.
pub const PLAIN_POST: MicroDollars = MicroDollars(15_000);
/// Creating a post with a link.
pub const POST_WITH_URL: MicroDollars = MicroDollars(200_000);

/// Deleting a post.
pub const DELETED_POST: MicroDollars = MicroDollars(10_000);

/// Returns what creating a post with this text costs; what a whole content costs, it says itself.
#[must_use]
pub fn post_cost(text: &str) -> MicroDollars {
    if text::has_url(text) { POST_WITH_URL } else { PLAIN_POST }
}

impl Add for MicroDollars {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for MicroDollars {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for MicroDollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

impl fmt::Display for MicroDollars {
    /// The exact amount, nothing rounded: cents always, smaller digits only where there are any.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        let decimals = format!("{:06}", amount % 1_000_000);
        let shown = decimals.trim_end_matches('0').len().max(2);
        write!(formatter, "{sign}${}.{}", amount / 1_000_000, &decimals[..shown])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Content;

    #[test]
    fn an_amount_is_shown_exactly() {
        let shown = |micro| MicroDollars(micro).to_string();
        assert_eq!(shown(0), "$0.00");
        assert_eq!(shown(15_000), "$0.015");
        assert_eq!(shown(200_000), "$0.20");
        assert_eq!(shown(13_030_000), "$13.03");
        assert_eq!(shown(1), "$0.000001");
        assert_eq!(shown(1_234_000_000), "$1234.00");
        assert_eq!(shown(-15_000), "-$0.015");
        assert_eq!(shown(i64::MIN), "-$9223372036854.775808");
    }

    #[test]
    fn a_bare_domain_bills_as_a_link() {
        assert_eq!(post_cost("see example.com"), POST_WITH_URL);
        assert_eq!(post_cost("see https://example.com/a"), POST_WITH_URL);
        assert_eq!(post_cost("see example dot com, e.g. this"), PLAIN_POST);
        assert_eq!(post_cost(""), PLAIN_POST);
    }

    #[test]
    fn links_are_counted_on_the_text_that_is_billed() {
        // Decomposed, the second half of the name is a mark; composed, it is a letter of a domain.
        for text in ["see example.com", "cafe\u{301}.com", "e\u{301}.com and a.com", "none", ""] {
            let is_billed = post_cost(text) == POST_WITH_URL;
            assert_eq!(text::link_count(text) > 0, is_billed, "{text:?}");
        }
        assert_eq!(text::link_count("cafe\u{301}.com"), text::link_count("caf\u{e9}.com"));
    }

    #[test]
    fn a_thread_costs_the_sum_of_its_parts_and_never_overflows() {
        let cost = |texts: &[&str]| Content::of_texts(texts.iter().copied()).cost();
        assert_eq!(cost(&["one", "two x.com", "three"]).to_string(), "$0.23");
        assert_eq!(cost(&[]), MicroDollars(0));
        let endless = [MicroDollars(i64::MAX), PLAIN_POST].into_iter().sum::<MicroDollars>();
        assert_eq!(endless, MicroDollars(i64::MAX));
    }
}
