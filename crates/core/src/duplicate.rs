//! When two texts are the same post.
//!
//! X refuses a text that is close to a recent one, and a text read back from X has to be found
//! among our own. Both compare what a reader sees, so the key folds away what no reader sees. Whether
//! two contents are the same to the letter is told by [`BodyHash`](crate::post::BodyHash).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// The SHA-256 of what a reader sees of a post: repeats have it in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DuplicateKey(pub [u8; 32]);

/// Returns the key of a plain text (from X's API: [`unescaped`] first).
///
/// - NFC: X composes a text before it stores it, and `é` looks the same in both spellings.
/// - Runs of white space become one space, the ends none: X trims, and line endings change on
///   the way through files and clipboards.
/// - Case is kept: "US" and "us" are different words, and X posts both.
/// - Addresses are kept: the same words above another link are another post.
#[must_use]
pub fn duplicate_key(text: &str) -> DuplicateKey {
    let composed: String = text.nfc().collect();
    let mut hasher = Sha256::new();
    for (index, word) in composed.split_whitespace().enumerate() {
        if index > 0 {
            hasher.update(b" ");
        }
        hasher.update(word.as_bytes());
    }
    DuplicateKey(hasher.finalize().into())
}

/// Returns a text from X's API as its author wrote it: X escapes `&`, `<` and `>`, and nothing
/// else.
///
/// Not part of [`duplicate_key`], because an author may have written `&amp;` and meant it.
#[must_use]
pub fn unescaped(text_from_x: &str) -> String {
    // The ampersand last, or `&amp;lt;` would be undone twice.
    text_from_x.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

impl fmt::Display for DuplicateKey {
    /// 64 small hexadecimal digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for DuplicateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DuplicateKey({self})")
    }
}

/// A duplicate key that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a duplicate key has 64 hexadecimal digits")]
pub struct InvalidDuplicateKey;

impl FromStr for DuplicateKey {
    type Err = InvalidDuplicateKey;

    fn from_str(hex: &str) -> Result<Self, InvalidDuplicateKey> {
        crate::hex::decode(hex).map(Self).ok_or(InvalidDuplicateKey)
    }
}

impl Serialize for DuplicateKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DuplicateKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        hex.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_reader_sees_does_not_change_the_hash() {
        let hash = duplicate_key("Café, twice\na day");
        assert_eq!(hash, duplicate_key("  Cafe\u{301},\ttwice \r\n\r\n a\u{a0}day\n"));
    }

    #[test]
    fn what_a_reader_sees_changes_the_hash() {
        let hash = duplicate_key("Read example.com/a");
        for other in ["read example.com/a", "Read example.com/b", "Readexample.com/a", "Read", ""] {
            assert_ne!(hash, duplicate_key(other), "{other}");
        }
    }

    #[test]
    fn the_hash_is_the_sha_256_of_the_folded_text() {
        // The well-known digest of "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(duplicate_key(" abc ").to_string(), expected);
    }

    #[test]
    fn a_hash_survives_its_own_writing() {
        let hash = duplicate_key("x");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(json, format!("\"{hash}\""));
        assert_eq!(serde_json::from_str::<DuplicateKey>(&json).unwrap(), hash);
        for wrong in ["", "ab", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(wrong.parse::<DuplicateKey>(), Err(InvalidDuplicateKey), "{wrong}");
        }
    }

    #[test]
    fn a_text_from_x_is_unescaped_once() {
        assert_eq!(unescaped("a &lt;b&gt; &amp; &amp;lt; &quot;"), "a <b> & &lt; &quot;");
    }
}
