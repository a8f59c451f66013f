//! Secrets and random names.

use std::fmt;
use std::fmt::Write;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A bearer token that `Debug` does not show and that is compared in constant time.
#[derive(Clone)]
pub(crate) struct Token([u8; 32]);

impl Token {
    pub(crate) fn new(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// The hashes are compared, so that not even the length is told by the time it takes.
    pub(crate) fn is(&self, offered: &str) -> bool {
        let offered: [u8; 32] = Sha256::digest(offered.as_bytes()).into();
        self.0.ct_eq(&offered).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

/// A fresh id of a message.
pub(crate) fn message_id() -> String {
    fresh_id("msg")
}

/// A fresh id of a schedule.
pub(crate) fn schedule_id() -> String {
    fresh_id("scd")
}

/// What a page's own parts are recognised by.
pub(crate) fn nonce() -> String {
    fresh_id("n")
}

fn fresh_id(prefix: &str) -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    format!("{prefix}_{}", hex(&bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a String never fails");
    }
    text
}
