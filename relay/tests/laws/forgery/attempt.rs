//! What knocks at the door: a delivery as it travels, real or forged.

use std::collections::HashSet;
use std::fmt;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Request};
use roost_qstash::signature::Signer;
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};
use sha2::Sha256;

use super::random::Random;
use crate::world::{CURRENT, NEXT, PUBLIC_URL};

pub(super) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// A request to one of the two webhooks.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) path: &'static str,
    /// The lines of `Upstash-Signature`.
    pub(super) signatures: Vec<Vec<u8>>,
    /// The other headers.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl fmt::Debug for Attempt {
    /// As it travels, so that it can be made again by hand.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "POST {}", self.path)?;
        for signature in &self.signatures {
            write!(formatter, "\n  Upstash-Signature: {}", signature.escape_ascii())?;
        }
        for (name, value) in &self.headers {
            write!(formatter, "\n  {name}: {value}")?;
        }
        write!(formatter, "\n  {}", self.body.escape_ascii())
    }
}

impl Attempt {
    /// The token of a captured delivery.
    pub(super) fn token(&self) -> String {
        String::from_utf8(self.signatures[0].clone()).expect("a token is text")
    }

    pub(super) fn with_token(mut self, token: impl Into<Vec<u8>>) -> Self {
        self.signatures = vec![token.into()];
        self
    }

    pub(super) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The address it is signed for.
    pub(super) fn url(&self) -> String {
        format!("{PUBLIC_URL}{}", self.path)
    }

    /// The request; none when HTTP itself has no way to carry it.
    pub(super) fn request(&self) -> Option<Request<Body>> {
        let mut request = Request::post(self.path).header("Host", "127.0.0.1");
        for signature in &self.signatures {
            request = request.header("Upstash-Signature", HeaderValue::from_bytes(signature).ok()?);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, HeaderValue::from_str(value).ok()?);
        }
        request.body(Body::from(self.body.clone())).ok()
    }
}

/// What a forger has seen on the wire, and the dice.
pub(super) struct Forger {
    captured: Vec<Attempt>,
    real: HashSet<(&'static str, Vec<u8>, Vec<u8>)>,
    pub(super) random: Random,
    /// The relay's clock, Unix seconds.
    pub(super) now: i64,
}

impl Forger {
    /// A forger who captured a delivery and a failure callback of each body, by both keys.
    pub(super) fn new(bodies: &[Vec<u8>], now: i64, seed: u64) -> Self {
        let mut captured = Vec::new();
        for body in bodies {
            for (path, key) in [
                (POST_TWEET_PATH, CURRENT),
                (POST_TWEET_PATH, NEXT),
                (FAILURE_PATH, CURRENT),
                (FAILURE_PATH, NEXT),
            ] {
                let token = Signer::new(key).sign(&format!("{PUBLIC_URL}{path}"), body, now);
                captured.push(Attempt {
                    path,
                    signatures: vec![token.into_bytes()],
                    headers: vec![("Content-Type", "application/json".to_owned())],
                    body: body.clone(),
                });
            }
        }
        let real = captured
            .iter()
            .map(|attempt| (attempt.path, attempt.signatures[0].clone(), attempt.body.clone()))
            .collect();
        Self { captured, real, random: Random::new(seed), now }
    }

    pub(super) fn captured(&self) -> &[Attempt] {
        &self.captured
    }

    pub(super) fn any(&mut self) -> Attempt {
        self.random.one_of(&self.captured).clone()
    }

    /// Whether the signer made exactly this address, token and body. HTTP does not count white
    /// space around a header's value.
    pub(super) fn is_real(&self, attempt: &Attempt) -> bool {
        let [signature] = attempt.signatures.as_slice() else { return false };
        let triple = (attempt.path, signature.trim_ascii().to_vec(), attempt.body.clone());
        self.real.contains(&triple)
    }
}

pub(super) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The HMAC of a text, in a token's form.
pub(super) fn mac(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    encoded(mac.finalize().into_bytes())
}

/// A token of any header and claims, signed with any key.
pub(super) fn token(key: &str, header: &str, claims: &str) -> String {
    let text = format!("{}.{}", encoded(header), encoded(claims));
    format!("{text}.{}", mac(key, &text))
}

/// The three parts of a captured token.
pub(super) fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().expect("a captured token has three parts")
}

/// What a part of a captured token says.
pub(super) fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("a captured part is base64url")
}

/// The claims of a captured token.
pub(super) fn claims(token: &str) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_slice(&decoded(parts(token)[1])).expect("captured claims are an object")
}

pub(super) fn json(claims: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(claims).expect("JSON")
}
