//! UTF-8 that was read as Windows-1252: `Ã©` for `é`, `â€™` for `’`, `ðŸ™‚` for an emoji.

use super::edit::Edit;

/// What Windows-1252 shows for the bytes 0x80 to 0x9F; the gaps stand for themselves.
const SPECIAL: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// Returns the garbled letters of a text with what they stand for.
pub(super) fn find(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut read = 0;
    for (start, letter) in text.char_indices() {
        if start >= read
            && matches!(letter, 'Â' | 'Ã' | 'â' | 'ð')
            && let Some((end, meant)) = letter_at(&text[start..])
        {
            read = start + end;
            edits.push(Edit::new(start..read, meant));
        }
    }
    edits
}

/// How many bytes the garbled letter takes that a text begins with, and what it stands for.
fn letter_at(rest: &str) -> Option<(usize, char)> {
    let mut letters = rest.char_indices();
    let lead = byte(letters.next()?.1)?;
    let length = match lead {
        0xC2 | 0xC3 => 2,
        0xE2 => 3,
        0xF0 => 4,
        _ => return None,
    };
    let mut bytes = [lead, 0, 0, 0];
    let mut last = '\0';
    for slot in &mut bytes[1..length] {
        last = letters.next()?.1;
        *slot = byte(last).filter(|byte| (0x80..=0xBF).contains(byte))?;
    }
    let (end, next) = letters.next().map_or((rest.len(), None), |(at, next)| (at, Some(next)));
    if !is_sure(&bytes[..length], last, next) {
        return None;
    }
    let meant = std::str::from_utf8(&bytes[..length]).ok()?.chars().next()?;
    Some((end, meant))
}

/// A capital with an accent before a quotation mark or a dash is a word's end.
fn is_sure(bytes: &[u8], last: char, next: Option<char>) -> bool {
    match bytes {
        [0xC3, _] if "‚„…‹‘’“”•–—›".contains(last) => {
            next.is_some_and(char::is_alphabetic)
        }
        [0xE2, second, _] => matches!(second, 0x80 | 0x82 | 0x84 | 0x86 | 0x9A | 0x9C | 0x9D),
        [0xF0, second, ..] => *second == 0x9F,
        _ => true,
    }
}

/// The byte that Windows-1252 shows as this letter.
fn byte(letter: char) -> Option<u8> {
    if let Some(at) = SPECIAL.chars().position(|special| special == letter) {
        return u8::try_from(0x80 + at).ok();
    }
    u8::try_from(u32::from(letter)).ok()
}
