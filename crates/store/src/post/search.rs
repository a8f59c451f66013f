//! From what a person types to conditions. Nothing typed is ever taken for query syntax.

use super::conditions::Conditions;

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

/// Returns the words of `text`, each of which may be the beginning of a longer one.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .take(WORDS_MAX)
        .map(|word| word.chars().filter(|letter| *letter != '\0').take(LETTERS_MAX).collect())
        .filter(|word: &String| !word.is_empty())
}

/// Returns those words that the index knows, as its query; none when it knows none of them.
pub(super) fn indexed(text: &str) -> Option<String> {
    let phrases: Vec<String> = words(text)
        .filter(|word| is_indexed(word))
        .map(|word| format!("\"{}\"*", word.replace('"', "\"\"")))
        .collect();
    (!phrases.is_empty()).then(|| phrases.join(" "))
}

/// Adds that a post contains the other words, which are found by reading.
pub(super) fn unindexed(text: &str, found: &mut Conditions) {
    for word in words(text).filter(|word| !is_indexed(word)) {
        found.with(
            "EXISTS (SELECT 1 FROM post_text
                 WHERE post_text.seq = post.seq AND text LIKE ? ESCAPE '\\')",
            format!("%{}%", escape_like(&word)),
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
