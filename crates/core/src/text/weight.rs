//! How long a text is for X.

use std::ops::Range;

use serde::Serialize;

use super::chars::is_forbidden;
use super::emoji;
use super::normal::Normal;
use super::plain::{self, Plain};
use super::units::Units;
use super::url::{self, Found, UrlSpan};

/// The longest text of an ordinary post.
pub const MAX_WEIGHTED_LENGTH: u32 = 280;
/// What any address weighs, however long: X replaces it by one of its own.
pub const URL_WEIGHT: u32 = 23;

/// Weights are hundredths, as in the reference's configuration.
const SCALE: u64 = 100;
const DEFAULT_WEIGHT: u64 = 200;
const LIGHT_WEIGHT: u64 = 100;

/// What `twitter-text` says about a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Weighed {
    /// The length X counts: most scripts 1 a character, CJK and emoji 2, an address 23.
    pub weighted_length: u32,
    /// The length in thousandths of the allowed one, rounded down.
    pub permillage: u32,
    /// Whether the length is above 0 and at most [`MAX_WEIGHTED_LENGTH`] and no character is
    /// forbidden. A blank text may be valid here: see [`super::is_blank`].
    pub valid: bool,
    /// The part that fits, in bytes of the text passed in; what follows is to be cut. Up to the
    /// first forbidden character, if there is one.
    pub valid_range: Range<usize>,
    /// The addresses as X sees them after it has composed the text (NFC).
    pub urls: Vec<UrlSpan>,
}

/// Returns what a text weighs, exactly as npm `twitter-text` 3.1.0's `parseTweet` does.
#[must_use]
pub fn weigh(text: &str) -> Weighed {
    match plain::weigh(text, MAX_WEIGHTED_LENGTH) {
        Some(Plain { weight, fitting }) => weighed(weight, true, fitting, Vec::new()),
        None => weigh_closely(text),
    }
}

/// Returns the same for any text, however it is made.
pub(super) fn weigh_closely(text: &str) -> Weighed {
    let normal = Normal::of(text);
    let units = Units::of(&normal.text);
    let urls = url::find(&units.units);
    let (weight, clean, fitting) = Scale::new(&units, &urls).weigh();
    let fitting = normal.start_in_original(units.byte_at(fitting));
    weighed(weight / SCALE, clean, fitting, in_original(&normal, &units, urls))
}

fn weighed(length: u64, clean: bool, fitting: usize, urls: Vec<UrlSpan>) -> Weighed {
    // In floating point, as the reference does it: its rounding is part of the answer.
    let permillage = (length as f64 / f64::from(MAX_WEIGHTED_LENGTH) * 1000.0).floor();
    Weighed {
        weighted_length: u32::try_from(length).unwrap_or(u32::MAX),
        permillage: permillage as u32,
        valid: clean && length > 0 && length <= u64::from(MAX_WEIGHTED_LENGTH),
        valid_range: 0..fitting,
        urls,
    }
}

/// The addresses where the person typed them.
fn in_original(normal: &Normal<'_>, units: &Units, found: Vec<Found>) -> Vec<UrlSpan> {
    let mut typed = 0;
    let spans = found.into_iter().map(|found| found.into_span(units));
    let moved = spans.map(|span| {
        // Two addresses may meet inside one piece; they still must not overlap.
        let start = normal.start_in_original(span.start).max(typed);
        typed = normal.end_in_original(span.end).max(start);
        UrlSpan { start, end: typed, url: span.url }
    });
    moved.collect()
}

/// Walks over a text once and adds up.
struct Scale<'t> {
    units: &'t [u16],
    urls: std::iter::Peekable<std::slice::Iter<'t, Found>>,
    emoji: std::iter::Peekable<std::vec::IntoIter<Range<usize>>>,
}

impl<'t> Scale<'t> {
    fn new(units: &'t Units, urls: &'t [Found]) -> Self {
        let emoji = if units.is_ascii() { Vec::new() } else { emoji::find(&units.units) };
        Self {
            units: &units.units,
            urls: urls.iter().peekable(),
            emoji: emoji.into_iter().peekable(),
        }
    }

    /// The weight in hundredths, whether no forbidden character was met, and how many units fit.
    fn weigh(mut self) -> (u64, bool, usize) {
        let (mut weight, mut clean, mut fitting, mut index) = (0, true, 0, 0);
        while index < self.units.len() {
            let (step, step_weight) = self.step(index);
            index += step;
            weight += step_weight;
            clean = clean && !self.units.get(index - 1).copied().is_some_and(is_forbidden);
            if clean && weight <= u64::from(MAX_WEIGHTED_LENGTH) * SCALE {
                fitting = index;
            }
        }
        (weight, clean, fitting)
    }

    /// How many units the thing at `index` takes, and what it weighs.
    fn step(&mut self, index: usize) -> (usize, u64) {
        while self.urls.next_if(|url| url.range.start < index).is_some() {}
        while self.emoji.next_if(|emoji| emoji.start < index).is_some() {}
        if let Some(url) = self.urls.next_if(|url| url.range.start == index) {
            // The length of the address, not of its range: in odd cases they differ.
            return (url.url.len(), u64::from(URL_WEIGHT) * SCALE);
        }
        if let Some(emoji) = self.emoji.next_if(|emoji| emoji.start == index) {
            return (emoji.len(), DEFAULT_WEIGHT);
        }
        match self.units[index] {
            0..=0x10FF | 0x2000..=0x200D | 0x2010..=0x201F | 0x2032..=0x2037 => (1, LIGHT_WEIGHT),
            0xD800..=0xDBFF => (2, DEFAULT_WEIGHT),
            _ => (1, DEFAULT_WEIGHT),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::char::canonical_combining_class;
    use unicode_normalization::{IsNormalized, is_nfc_quick};

    use super::super::plain::weight_of;
    use super::super::url::may_hold_address;
    use super::super::{has_url, urls};
    use super::*;

    fn plain_characters() -> impl Iterator<Item = char> {
        (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|it| weight_of(*it).is_some())
    }

    #[test]
    fn every_plain_character_weighs_what_a_close_look_says_alone_and_among_others() {
        // Characters of one of these blocks are as good as each other.
        let are_alike = |it: char| matches!(it, '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}');
        let characters =
            plain_characters().filter(|it| !are_alike(*it) || u32::from(*it) % 61 == 0);
        for character in characters {
            for text in [format!("{character}"), format!("a{character}1"), format!("{character}🎉")]
            {
                assert_eq!(weigh(&text), weigh_closely(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn plain_characters_compose_with_none_and_stand_in_no_order_of_marks() {
        let marks: std::collections::BTreeSet<u8> =
            plain_characters().map(canonical_combining_class).filter(|class| *class > 0).collect();
        assert!(marks.len() <= 1, "marks of two classes change places: {marks:?}");
        for character in plain_characters() {
            let quick = is_nfc_quick(std::iter::once(character));
            assert_eq!(quick, IsNormalized::Yes, "{character:?}");
        }
    }

    /// Pieces of texts that make an address, an emoji of several characters, or a letter with its accent.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[a-zA-Z0-9 ]{1,9}",
            prop::sample::select(vec![
                ".", ". ", "...", ".com", "a.co", "xn--", "://", "/", "@", "#", "$", "_", "-",
                "\n", "\u{200d}", "\u{fe0f}", "\u{20e3}", "\u{301}", "\u{93c}", "\u{3099}",
                "\u{11a8}", "\u{feff}", "1", "é", "e", "क", "か", "가", "✅", "❤", "🎉", "👍",
                "🏽", "👩", "🚀", "🇮", "🇳", "©", "…", "’", "漢字", "ﬁ", "Å", "K", "ॐ", "्",
                "\u{e000}", "\u{200e}",
            ])
            .prop_map(str::to_owned),
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn any_text_weighs_what_a_close_look_says(text in pieces()) {
            prop_assert_eq!(weigh(&text), weigh_closely(&text));
        }

        #[test]
        fn no_address_is_in_a_text_that_seems_to_hold_none(text in pieces()) {
            if !may_hold_address(&text) {
                prop_assert!(urls(&text).is_empty() && !has_url(&text) && weigh_closely(&text).urls.is_empty());
            }
        }
    }
}
