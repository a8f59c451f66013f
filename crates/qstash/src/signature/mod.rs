//! `Upstash-Signature`: a JSON Web Token that binds a delivery to its URL, its body and its time.
//!
//! Made and checked by hand, because what QStash really sends (`aud: ""`, a negative `nbf`, a
//! padded body hash) is what libraries for tokens refuse.

mod claims;
mod key;
mod sign;
#[cfg(test)]
mod tests;
mod verify;

pub use claims::Claims;
pub use key::fresh_key;
pub use sign::Signer;
pub use verify::{CLOCK_TOLERANCE_SECONDS, MatchedKey, Refused, Verifier};

/// The issuer of every token.
pub(crate) const ISSUER: &str = "Upstash";
/// How long a token is good for, seconds.
pub(crate) const LIFETIME_SECONDS: i64 = 300;
