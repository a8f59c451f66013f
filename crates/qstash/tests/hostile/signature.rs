//! What no text may do to the verifier, whoever wrote it. Also the fuzz targets' bodies.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use roost_qstash::signature::{CLOCK_TOLERANCE_SECONDS, Verifier};
use sha2::{Digest, Sha256};

pub(crate) const KEY: &str = "sig_of_the_hostile_texts";
pub(crate) const URL: &str = "https://relay.example/api/qstash/post-tweet";
pub(crate) const BODY: &[u8] = br#"{"postId":"p","revision":1}"#;
pub(crate) const NOW: i64 = 1_800_000_000;

/// As the header's value: nothing is believed that the key did not make.
pub(crate) fn header(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let verifier = Verifier::new(KEY, "sig_of_nobody");
    assert!(verifier.verify(text, BODY, &[URL], NOW).is_err(), "believed: {text}");
}

/// As claims that a good key signed: what is believed is for this address, body and time.
pub(crate) fn claims(data: &[u8]) {
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#),
        URL_SAFE_NO_PAD.encode(data)
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    let Ok(claims) = Verifier::new(KEY, "").verify(&token, BODY, &[URL], NOW) else { return };
    let hash = URL_SAFE.encode(Sha256::digest(BODY));
    assert_eq!((claims.sub.as_str(), claims.iss.as_str()), (URL, "Upstash"));
    assert_eq!(claims.body.trim_end_matches('='), hash.trim_end_matches('='));
    assert!(claims.exp > NOW && claims.nbf <= NOW + CLOCK_TOLERANCE_SECONDS);
    assert!(claims.iat.abs_diff(NOW) <= CLOCK_TOLERANCE_SECONDS.unsigned_abs());
}
