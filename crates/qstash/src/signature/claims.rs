//! What a token says.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The claims of a token, in the alphabetical order in which QStash writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Always the empty string in real tokens.
    #[serde(default)]
    pub aud: String,
    /// base64url(SHA-256(body)), with padding in real tokens.
    pub body: String,
    /// Unix seconds from which on the token is void.
    pub exp: i64,
    /// Unix seconds when it was signed.
    pub iat: i64,
    /// `Upstash`.
    pub iss: String,
    /// An id of this attempt. Not a thing to deduplicate by: a retry has another.
    #[serde(default)]
    pub jti: String,
    /// Unix seconds before which it is void; the year 1 in real tokens. The strictest official
    /// receiver refuses a token without it, and so do we.
    pub nbf: i64,
    /// The URL as it was published.
    pub sub: String,
}

/// The `body` claim of these bytes.
pub(crate) fn body_hash(body: &[u8]) -> String {
    URL_SAFE.encode(Sha256::digest(body))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_empty_body_has_the_hash_of_real_tokens() {
        assert_eq!(super::body_hash(b""), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
