//! Signing keys: the whole ASCII string, `sig_` included, is the HMAC's key.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// A key that `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    pub(crate) fn new(key: String) -> Self {
        Self(key)
    }

    /// An empty key would accept what anyone can sign.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    pub(crate) fn mac(&self, signed: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes())
            .expect("HMAC takes keys of every length");
        mac.update(signed);
        mac
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(..)")
    }
}

/// Returns a new random signing key in QStash's form: `sig_` and 28 characters (164 bits).
#[must_use]
pub fn fresh_key() -> String {
    random_word("sig_")
}

/// `prefix` and 28 random characters.
pub(crate) fn random_word(prefix: &str) -> String {
    let mut word = String::with_capacity(prefix.len() + 28);
    word.push_str(prefix);
    let mut bytes = [0_u8; 32];
    while word.len() < prefix.len() + 28 {
        getrandom::fill(&mut bytes).expect("the system gives random bytes");
        let left = prefix.len() + 28 - word.len();
        word.extend(bytes.iter().filter_map(|byte| letter(*byte)).take(left));
    }
    word
}

/// The letter for a random byte. None for those past the largest multiple of 58 in a byte, which
/// would favour some letters.
fn letter(byte: u8) -> Option<char> {
    const FAIR: u8 = 232;
    (byte < FAIR).then(|| char::from(BASE58[usize::from(byte % 58)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_keys_have_qstashs_form_and_differ() {
        let (one, other) = (fresh_key(), fresh_key());
        assert_eq!(one.len(), 32);
        assert!(one.starts_with("sig_"));
        assert_ne!(one, other);
    }

    #[test]
    fn no_letter_of_a_key_is_likelier_than_another() {
        let letters: Vec<char> = (0..=u8::MAX).filter_map(letter).collect();
        for one in BASE58 {
            let times = letters.iter().filter(|letter| **letter == char::from(*one)).count();
            assert_eq!(times, 4, "{one}");
        }
        assert_eq!(letters.len(), 4 * BASE58.len());
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", Key::new("sig_secret".into())), "Key(..)");
    }
}
