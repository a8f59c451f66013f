//! From what a person types to conditions. Nothing typed is ever taken for query syntax.

use super::list::Conditions;

/// Words of one search; further ones are ignored.
const WORDS_MAX: usize = 16;
/// Characters of one word.
const LETTERS_MAX: usize = 100;

/// Why a search does not mean what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InexactSearch {
    /// It would find everything.
    #[error("there is no word in it")]
    Blank,
    /// Some words would be ignored.
    #[error("it has more than {WORDS_MAX} words, and only so many are searched for")]
    TooManyWords,
    /// The end of a word would be ignored.
    #[error("a word in it has more than {LETTERS_MAX} letters, and only so many are searched for")]
    WordTooLong,
}

/// Returns whether all of `text` is searched for, for those who change what they find.
///
/// # Errors
/// When a search by `text` would find more than what contains all of it.
pub fn check_search(text: &str) -> Result<(), InexactSearch> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.iter().all(|word| word.chars().all(|letter| letter == '\0')) {
        return Err(InexactSearch::Blank);
    }
    if words.len() > WORDS_MAX {
        return Err(InexactSearch::TooManyWords);
    }
    if words.iter().any(|word| word.chars().count() > LETTERS_MAX) {
        return Err(InexactSearch::WordTooLong);
    }
    Ok(())
}

/// Adds the conditions under which a post contains all words of `text`. Each word may be the
/// beginning of a longer one.
pub(super) fn conditions(text: &str, found: &mut Conditions) {
    let mut phrases = Vec::new();
    for word in text.split_whitespace().take(WORDS_MAX) {
        let word: String =
            word.chars().filter(|letter| *letter != '\0').take(LETTERS_MAX).collect();
        if is_indexed(&word) {
            phrases.push(format!("\"{}\"*", word.replace('"', "\"\"")));
        } else if !word.is_empty() {
            found.with(
                "post.seq IN (SELECT seq FROM post_text WHERE text LIKE ? ESCAPE '\\')",
                format!("%{}%", escape_like(&word)),
            );
        }
    }
    if !phrases.is_empty() {
        found.with(
            "post.seq IN (SELECT rowid FROM post_search WHERE post_search MATCH ?)",
            phrases.join(" "),
        );
    }
}

/// Whether the index knows such words. Emoji and signs are in none; scripts that are written
/// without spaces are there as whole lines only, so that a word within is found by reading.
fn is_indexed(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric) && !word.chars().any(is_unspaced)
}

/// Thai, Lao, Khmer, Myanmar, kana, bopomofo and Han.
fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x312F | 0x31A0..=0x31FF
        | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0xFF66..=0xFF9F | 0x20000..=0x3FFFF)
}

fn escape_like(word: &str) -> String {
    word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
