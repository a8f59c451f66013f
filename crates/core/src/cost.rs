//! What a post costs on X's pay-per-use API.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Money: millionths of a US dollar. Whole numbers, so that a thousand posts add up exactly.
///
/// Sums saturate: an absurd amount is shown as the largest one, never as a negative one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MicroDollars(pub i64);

/// Creating a post without a link.
pub const PLAIN_POST: MicroDollars = MicroDollars(15_000);
/// Creating a post with a link.
pub const POST_WITH_URL: MicroDollars = MicroDollars(200_000);

/// Deleting a post.
pub const DELETED_POST: MicroDollars = MicroDollars(10_000);

/// Describing a picture or a video of a post.
pub const ALT_TEXT: MicroDollars = MicroDollars(5_000);

/// What X charges, as the person knows it: X changes its prices, and not everybody pays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Prices {
    /// Creating a post without a link, in micro-dollars.
    #[serde(rename = "plain_micros")]
    pub plain: MicroDollars,
    /// Creating a post with a link, in micro-dollars.
    #[serde(rename = "with_link_micros")]
    pub with_link: MicroDollars,
    /// Describing a picture or a video, in micro-dollars.
    #[serde(rename = "alt_text_micros")]
    pub alt_text: MicroDollars,
}

impl Default for Prices {
    fn default() -> Self {
        Self { plain: PLAIN_POST, with_link: POST_WITH_URL, alt_text: ALT_TEXT }
    }
}

impl Prices {
    /// The most that a single price may be: a hundred dollars. What is dearer was mistyped.
    pub const MAX: MicroDollars = MicroDollars(100_000_000);

    /// Returns whether each price is one: from nothing to [`Prices::MAX`].
    #[must_use]
    pub fn are_valid(&self) -> bool {
        let valid = MicroDollars(0)..=Self::MAX;
        [self.plain, self.with_link, self.alt_text].iter().all(|price| valid.contains(price))
    }
}

/// A text that is no amount of dollars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("An amount is written as dollars, with six digits after the point at most: 0.015.")]
pub struct InvalidAmount;

impl FromStr for MicroDollars {
    type Err = InvalidAmount;

    /// Reads dollars as a person writes them: `0.015`, `$0.20`, `2`. Nothing is rounded.
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let text = text.trim();
        let digits = text.strip_prefix('$').unwrap_or(text);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_amount = !(whole.is_empty() && part.is_empty()) && part.len() <= 6;
        if !is_amount || !are_digits(whole) || !are_digits(part) {
            return Err(InvalidAmount);
        }
        format!("{whole}{part:0<6}").parse().map(Self).map_err(|_| InvalidAmount)
    }
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
    use crate::post::{Content, MediaSource};
    use crate::text;

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
    fn an_amount_is_read_as_people_write_it_and_nothing_is_rounded() {
        let read = |text: &str| text.parse::<MicroDollars>().map(|amount| amount.0);
        for (text, amount) in [
            ("0.015", 15_000),
            ("$0.20", 200_000),
            (" 2 ", 2_000_000),
            (".5", 500_000),
            ("3.", 3_000_000),
        ] {
            assert_eq!(read(text), Ok(amount), "{text:?}");
        }
        for text in ["", ".", "-1", "1,5", "0.0000001", "1e3", "$", "+1", "9999999999999999999"] {
            assert_eq!(read(text), Err(InvalidAmount), "{text:?}");
        }
    }

    #[test]
    fn prices_of_the_person_are_used_for_texts_and_descriptions() {
        let prices = Prices {
            plain: MicroDollars(1),
            with_link: MicroDollars(10),
            alt_text: MicroDollars(100),
        };
        assert!(prices.are_valid() && Prices::default().are_valid());
        assert!(!Prices { plain: MicroDollars(-1), ..prices }.are_valid());
        assert!(!Prices { alt_text: MicroDollars(Prices::MAX.0 + 1), ..prices }.are_valid());
        let mut content = Content::of_texts(["one", "two x.com"]);
        assert_eq!(content.cost_at(&prices), MicroDollars(11));
        let pictured = |alt_text| MediaSource { source: "cat.png".to_owned(), alt_text };
        content.parts[0].media_sources = vec![pictured(Some("A cat".to_owned())), pictured(None)];
        assert_eq!(content.cost_at(&prices), MicroDollars(111));
    }

    #[test]
    fn a_bare_domain_bills_as_a_link() {
        let cost = |text: &str| Content::of_texts([text]).cost();
        assert_eq!(cost("see example.com"), POST_WITH_URL);
        assert_eq!(cost("see https://example.com/a"), POST_WITH_URL);
        assert_eq!(cost("see example dot com, e.g. this"), PLAIN_POST);
        assert_eq!(cost(""), PLAIN_POST);
    }

    #[test]
    fn links_are_counted_on_the_text_that_is_billed() {
        // Decomposed, the second half of the name is a mark; composed, it is a letter of a domain.
        for text in ["see example.com", "cafe\u{301}.com", "e\u{301}.com and a.com", "none", ""] {
            let is_billed = Content::of_texts([text]).cost() == POST_WITH_URL;
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
