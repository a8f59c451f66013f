//! Checking a token against the keys, the URL, the body and the clock.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use serde::Deserialize;
use serde::de::IgnoredAny;
use subtle::ConstantTimeEq;

use super::ISSUER;
use super::claims::{Claims, body_hash};
use super::key::Key;

/// How far `iat` may be from our clock, and how far ahead of it `nbf`: who signs may have a clock that
/// is a little ahead.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 60;
/// No real token comes near; a longer one is not worth hashing.
const TOKEN_LIMIT: usize = 16 * 1024;

/// Why a delivery is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not a token: parts, base64, JSON, or a claim missing or of the wrong type.
    #[error("the signature is malformed: {0}")]
    Malformed(&'static str),
    /// Another algorithm than HS256.
    #[error("the signature's algorithm is not HS256")]
    Algorithm,
    /// Neither the current nor the next key made it.
    #[error("the signature was made with neither the current nor the next signing key")]
    Key,
    /// Another issuer.
    #[error("the signature's issuer is not QStash")]
    Issuer,
    /// Signed for another URL.
    #[error("the signature is for {signed_for}, which is not an address of this receiver")]
    Url {
        /// The URL in the token.
        signed_for: String,
    },
    /// Signed for another body.
    #[error("the signature is for another body")]
    Body,
    /// A good key, URL and body, but signed at a time far from our clock: the clock of one of the
    /// two is wrong, or an old delivery is replayed.
    #[error(
        "the signature is good, but was made at {issued_at} (Unix seconds) and this clock shows \
         {now}: check the clock"
    )]
    ClockSkew {
        /// `iat`, Unix seconds.
        issued_at: i64,
        /// Our clock, Unix seconds.
        now: i64,
        /// Whether by our clock the token's end has passed as well.
        expired: bool,
    },
    /// Its end has passed.
    #[error("the signature expired at {expired_at} (Unix seconds)")]
    Expired {
        /// `exp`, Unix seconds.
        expired_at: i64,
    },
    /// Its beginning is still to come, by more than clocks differ.
    #[error("the signature is not valid before {not_before} (Unix seconds)")]
    NotYetValid {
        /// `nbf`, Unix seconds.
        not_before: i64,
    },
}

/// Which of the two keys made a token. Mostly `Next` for long means that the keys were rotated
/// and this receiver should learn the new pair before they are again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum MatchedKey {
    Current,
    Next,
}

/// Verifies deliveries with the current and the next key, of one account or of several.
#[derive(Debug, Clone)]
pub struct Verifier {
    keys: Vec<(MatchedKey, Key)>,
}

impl Verifier {
    /// Returns a verifier with both keys, whole strings with their `sig_`. An empty key matches
    /// nothing.
    #[must_use]
    pub fn new(current: impl Into<String>, next: impl Into<String>) -> Self {
        Self { keys: Vec::with_capacity(2) }.with_pair(current, next)
    }

    /// Returns this verifier, with the keys of another account beside those that it has.
    #[must_use]
    pub fn with_pair(mut self, current: impl Into<String>, next: impl Into<String>) -> Self {
        self.keys.push((MatchedKey::Current, Key::new(current.into())));
        self.keys.push((MatchedKey::Next, Key::new(next.into())));
        self
    }

    /// Verifies the value of `Upstash-Signature` for the raw `body` and returns what it claims. The
    /// signed URL must be, byte for byte, one of `accepted_urls`: the addresses as they were
    /// published to, not as a proxy rewrote them. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`Refused`], with the clock judged last: [`Refused::ClockSkew`], [`Refused::Expired`] and
    /// [`Refused::NotYetValid`] are only told of tokens that are sound otherwise.
    pub fn verify<U: AsRef<str>>(
        &self,
        token: &str,
        body: &[u8],
        accepted_urls: &[U],
        now: i64,
    ) -> Result<Claims, Refused> {
        self.verify_and_name_key(token, body, accepted_urls, now).map(|(claims, _)| claims)
    }

    /// As [`Verifier::verify`], and tells which key made the token.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub fn verify_and_name_key<U: AsRef<str>>(
        &self,
        token: &str,
        body: &[u8],
        accepted_urls: &[U],
        now: i64,
    ) -> Result<(Claims, MatchedKey), Refused> {
        let (key, claims) = self.open(token)?;
        if claims.iss != ISSUER {
            return Err(Refused::Issuer);
        }
        // Real tokens are for nobody in particular; official receivers refuse others.
        if !claims.aud.is_empty() {
            return Err(Refused::Malformed("it names an audience"));
        }
        if !accepted_urls.iter().any(|url| url.as_ref() == claims.sub) {
            return Err(Refused::Url { signed_for: claims.sub });
        }
        if !is_hash_of(&claims.body, body) {
            return Err(Refused::Body);
        }
        in_time(&claims, now)?;
        Ok((claims, key))
    }

    /// Checks that one of the keys made the token, whatever it was made for: then the body that came
    /// with it is worth reading.
    ///
    /// # Errors
    /// [`Refused::Malformed`], [`Refused::Algorithm`] and [`Refused::Key`].
    pub fn is_made_by_us(&self, token: &str) -> Result<(), Refused> {
        self.open(token).map(drop)
    }

    /// The claims of a token that one of the keys made.
    fn open(&self, token: &str) -> Result<(MatchedKey, Claims), Refused> {
        if token.len() > TOKEN_LIMIT {
            return Err(Refused::Malformed("it is too long"));
        }
        let malformed = Refused::Malformed("it does not have three parts");
        let (signed, mac) = token.rsplit_once('.').ok_or(malformed.clone())?;
        let (header, claims) = signed.split_once('.').ok_or(malformed)?;
        let header: Header = json(header)?;
        if header.alg != "HS256" {
            return Err(Refused::Algorithm);
        }
        // What must be understood and is not makes a token void (RFC 7515, 4.1.11).
        if header.crit.is_some() {
            return Err(Refused::Malformed("its header asks for an extension"));
        }
        let mac = decode(mac)?;
        // Claims of an unknown maker are not even parsed.
        let made_by =
            |key: &Key| !key.is_empty() && key.mac(signed.as_bytes()).verify_slice(&mac).is_ok();
        let (matched, _) = self.keys.iter().find(|(_, key)| made_by(key)).ok_or(Refused::Key)?;
        Ok((*matched, json(claims)?))
    }
}

/// Whether the claim is the body's hash, with its padding as in real tokens or without. Compared
/// in constant time.
fn is_hash_of(claim: &str, body: &[u8]) -> bool {
    let padded = body_hash(body);
    let ours = if claim.ends_with('=') { &padded } else { padded.trim_end_matches('=') };
    ours.as_bytes().ct_eq(claim.as_bytes()).into()
}

fn in_time(claims: &Claims, now: i64) -> Result<(), Refused> {
    let expired = claims.exp <= now;
    if claims.iat.saturating_sub(now).saturating_abs() > CLOCK_TOLERANCE_SECONDS {
        return Err(Refused::ClockSkew { issued_at: claims.iat, now, expired });
    }
    if expired {
        return Err(Refused::Expired { expired_at: claims.exp });
    }
    if claims.nbf.saturating_sub(now) > CLOCK_TOLERANCE_SECONDS {
        return Err(Refused::NotYetValid { not_before: claims.nbf });
    }
    Ok(())
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    crit: Option<IgnoredAny>,
}

fn decode(part: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Malformed("a part is not base64url"))
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Refused> {
    let malformed = Refused::Malformed("a part is not the JSON of a signature");
    let text = decode(part)?;
    // An array would be read as well, its entries in the order of our fields.
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(malformed);
    }
    serde_json::from_slice(&text).map_err(|_| malformed)
}
