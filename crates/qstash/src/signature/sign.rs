//! Signing as QStash signs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;

use super::claims::{Claims, body_hash};
use super::key::{Key, random_word};
use super::{ISSUER, LIFETIME_SECONDS};

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
/// The year 1, which real tokens carry; the strictest official receiver wants the claim present.
const LONG_AGO: i64 = -62_135_596_800;

/// Signs deliveries with the current key.
#[derive(Debug, Clone)]
pub struct Signer {
    key: Key,
}

impl Signer {
    /// Returns a signer with `key`, the whole string with its `sig_`.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: Key::new(key.into()) }
    }

    /// Returns the value of `Upstash-Signature` for one attempt. `now` is in Unix seconds, rounded
    /// down: receivers refuse tokens from the future. Each call makes another `jti`.
    #[must_use]
    pub fn sign(&self, url: &str, body: &[u8], now: i64) -> String {
        self.token(&Claims {
            aud: String::new(),
            body: body_hash(body),
            exp: now.saturating_add(LIFETIME_SECONDS),
            iat: now,
            iss: ISSUER.to_owned(),
            jti: random_word("jwt_"),
            nbf: LONG_AGO,
            sub: url.to_owned(),
        })
    }

    /// A token of exactly these claims.
    pub(crate) fn token(&self, claims: &Claims) -> String {
        let claims = serde_json::to_vec(claims).expect("strings and numbers always serialize");
        let (header, claims) = (URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let signed = format!("{header}.{claims}");
        let mac = self.key.mac(signed.as_bytes()).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    }
}
