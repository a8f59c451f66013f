//! The weight of texts that need no closer look: no address can be in them, nothing in them composes, and no
//! emoji is made of several characters. Most texts are such; they are weighed in one walk, without memory.

use super::url::may_hold_address;

/// What a plain text weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) weight: u64,
    /// The bytes that fit.
    pub(super) fitting: usize,
}

/// Returns what a text weighs, and how much of it weighs at most `max`; `None` where it has to be looked at
/// closely.
pub(super) fn weigh(text: &str, max: u32) -> Option<Plain> {
    if may_hold_address(text) {
        return None;
    }
    if text.is_ascii() {
        return Some(Plain { weight: text.len() as u64, fitting: text.len().min(max as usize) });
    }
    let max = u64::from(max);
    let mut plain = Plain { weight: 0, fitting: 0 };
    for (start, character) in text.char_indices() {
        plain.weight += u64::from(weight_of(character)?);
        if plain.weight <= max {
            plain.fitting = start + character.len_utf8();
        }
    }
    Some(plain)
}

/// Returns what a character weighs that is itself in NFC, whatever stands beside it, and that is no piece of
/// an emoji of several characters; `None` for any other.
pub(super) const fn weight_of(character: char) -> Option<u8> {
    Some(match character as u32 {
        // Copyright and registered are emoji, which weigh more than their neighbours.
        0xA9 | 0xAE => return None,
        // Latin, Greek, Cyrillic, Hebrew and Arabic letters, without marks that combine.
        0..=0x2FF | 0x388..=0x482 | 0x48A..=0x52F | 0x5D0..=0x5EA | 0x620..=0x64A => 1,
        // Devanagari without the nukta, which composes, and without accents.
        0x904..=0x93B | 0x93D..=0x950 | 0x960..=0x97F => 1,
        // Dashes and quotation marks.
        0x2010..=0x201F | 0x2032..=0x2037 => 1,
        // Daggers, bullets, the ellipsis, single angle quotation marks, currencies.
        0x2020..=0x2027 | 0x2039 | 0x203A | 0x20A0..=0x20C0 => 2,
        // Latin letters with two accents, as Vietnamese has them.
        0x1E00..=0x1EFF => 2,
        // Arrows, signs and symbols, emoji of one character among them.
        0x2190..=0x2328 | 0x232B..=0x27BF | 0x2900..=0x29FF | 0x2B00..=0x2BFF => 2,
        // Japanese, Chinese and Korean, without the marks that combine.
        0x3000..=0x3029 | 0x3041..=0x3096 | 0x30A1..=0x30FA | 0x30FC => 2,
        0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 | 0xFF01..=0xFF60 => 2,
        // Pictographs, without the shades of skin.
        0x1F300..=0x1F3FA | 0x1F400..=0x1FAFF => 2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_stop_before_a_letter_is_looked_at_closely() {
        for text in ["a.b", "see example.com", "e.g. this", "a.\u{301}", "一.中国"] {
            assert_eq!(weigh(text, 280), None, "{text}");
        }
        for text in ["Wait... what? Yes.", "3.5 of 4.", ".", "…", "naïve – “quoted” 🎉"]
        {
            assert!(weigh(text, 280).is_some(), "{text}");
        }
    }
}
