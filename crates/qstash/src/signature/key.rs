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

/// A new random signing key in QStash's form: `sig_` and 28 characters (164 bits).
#[must_use]
pub fn fresh_key() -> String {
    random_word("sig_")
}

/// `prefix` and 28 random characters.
pub(crate) fn random_word(prefix: &str) -> String {
    /// The largest multiple of 58 in a byte; what lies beyond would favour some characters.
    const FAIR: u8 = 232;
    let mut word = String::with_capacity(prefix.len() + 28);
    word.push_str(prefix);
    let mut bytes = [0_u8; 32];
    while word.len() < prefix.len() + 28 {
        getrandom::fill(&mut bytes).expect("the system gives random bytes");
        let left = prefix.len() + 28 - word.len();
        let fair = bytes.iter().filter(|byte| **byte < FAIR).take(left);
        word.extend(fair.map(|byte| char::from(BASE58[usize::from(byte % 58)])));
    }
    word
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
    fn debug_shows_no_key() {
        assert!(!format!("{:?}", Key::new("sig_secret".into())).contains("secret"));
    }
}
