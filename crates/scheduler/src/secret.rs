//! Secrets and random names.

use std::cell::RefCell;
use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

thread_local! {
    /// What this thread's message ids are drawn from, instead of the system's random numbers.
    static SOURCE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// Where the random part of message ids comes from.
pub type Source = Box<dyn FnMut() -> [u8; 10]>;

/// Draws the random part of all message ids that this thread makes from `source` from now on; for the
/// simulation, where two runs make the same ones. `None` goes back to the system.
pub fn draw_message_ids_from(source: Option<Source>) {
    SOURCE.set(source);
}

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

/// A fresh id of a message. It begins with `now` (Unix milliseconds): ids of one time stand side
/// by side in the database's index, and the other 80 bits are random.
pub(crate) fn message_id(now: i64) -> String {
    let drawn = SOURCE.with_borrow_mut(|source| source.as_mut().map(|source| source()));
    let mut bytes = drawn.map_or_else(random, |drawn| {
        let mut bytes = [0; 16];
        bytes[6..].copy_from_slice(&drawn);
        bytes
    });
    bytes[..6].copy_from_slice(&now.to_be_bytes()[2..]);
    format!("msg_{}", hex(&bytes))
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
    format!("{prefix}_{}", hex(&random()))
}

fn random() -> [u8; 16] {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
