//! Forgeries by whoever has no key: other algorithms, other keys, other ways to sum up.

use serde_json::json;
use sha2::{Digest, Sha256, Sha512};

use super::attempt::json as written;
use super::attempt::{Attempt, Forger, HEADER, claims, decoded, encoded, mac, parts, token};
use crate::world::{CURRENT, NEXT};

const ALGORITHMS: &[&str] = &[
    "none",
    "None",
    "NONE",
    "nOnE",
    "",
    "HS384",
    "HS512",
    "RS256",
    "RS512",
    "ES256",
    "PS256",
    "EdDSA",
    "hs256",
    "HS256 ",
    " HS256",
    "HS-256",
    "HMAC-SHA256",
    "HS256\u{0}",
    "dir",
    "A256GCM",
];

/// Another algorithm's name over captured claims, with the old HMAC, none, or one of our own.
pub(super) fn another_algorithm(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let old = attempt.token();
    let [_, claims, old_mac] = parts(&old);
    let alg = forger.random.one_of(ALGORITHMS);
    let text = format!("{}.{claims}", encoded(json!({ "alg": alg, "typ": "JWT" }).to_string()));
    let forged = match forger.random.below(4) {
        0 => format!("{text}."),
        1 => format!("{text}.{old_mac}"),
        2 => format!("{text}.{}", mac("", &text)),
        _ => format!("{text}.{}", encoded(Sha256::digest(&text))),
    };
    Some(attempt.with_token(forged))
}

/// A header that brings its own key, or says where to fetch one.
pub(super) fn a_key_of_its_own(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let own = "a key of the forger's own, long enough for anyone";
    let header = match forger.random.below(6) {
        0 => json!({ "alg": "HS256", "jwk": { "kty": "oct", "k": encoded(own) } }),
        1 => json!({ "alg": "HS256", "jku": "https://evil.example/keys", "kid": "1" }),
        2 => json!({ "alg": "HS256", "x5u": "https://evil.example/cert" }),
        3 => json!({ "alg": "HS256", "kid": "../../../../dev/null" }),
        4 => json!({ "alg": "HS256", "kid": "' UNION SELECT 'x' --" }),
        _ => json!({ "alg": "HS256", "x5c": [encoded(own)] }),
    };
    let said = String::from_utf8(decoded(parts(&attempt.token())[1])).expect("text");
    Some(attempt.with_token(token(own, &header.to_string(), &said)))
}

/// Captured claims, or captured claims renewed, under a key that is nearly one of ours.
pub(super) fn another_key(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let ours = *forger.random.one_of(&[CURRENT, NEXT]);
    let key = match forger.random.below(12) {
        0 => String::new(),
        1 => " ".to_owned(),
        2 => "sig_".to_owned(),
        3 => ours.trim_start_matches("sig_").to_owned(),
        4 => format!("{ours}\n"),
        5 => format!(" {ours}"),
        6 => ours.to_ascii_uppercase(),
        7 => ours[..1 + forger.random.below(ours.len() - 1)].to_owned(),
        8 => format!("{CURRENT}{NEXT}"),
        9 => encoded(ours),
        10 => "secret".to_owned(),
        _ => {
            let mut bytes = ours.as_bytes().to_vec();
            let at = forger.random.below(bytes.len());
            bytes[at] ^= 1 << forger.random.below(7);
            String::from_utf8(bytes).expect("ASCII")
        }
    };
    let mut said = claims(&attempt.token());
    if forger.random.below(2) == 0 {
        said.insert("exp".to_owned(), json!(forger.now + forger.random.between(1, 1_000_000)));
    }
    Some(attempt.with_token(token(&key, HEADER, &written(&said))))
}

/// Something in the HMAC's place that is none.
pub(super) fn another_sum(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let old = attempt.token();
    let [header, claims, old_mac] = parts(&old);
    let text = format!("{header}.{claims}");
    let good = decoded(old_mac);
    let sum = match forger.random.below(12) {
        0 => Vec::new(),
        1 => vec![0; 32],
        2 => vec![0xff; 32],
        3 => good[..forger.random.below(good.len())].to_vec(),
        4 => [good, vec![0]].concat(),
        5 => [vec![0], good].concat(),
        6 => [good.clone(), good].concat(),
        7 => Sha256::digest(&text).to_vec(),
        8 => Sha512::digest(&text).to_vec(),
        9 => good.iter().rev().copied().collect(),
        10 => decoded(&mac(claims, header)),
        _ => {
            let mut sum = good;
            let at = forger.random.below(sum.len());
            sum[at] ^= forger.random.change();
            sum
        }
    };
    Some(attempt.with_token(format!("{text}.{}", encoded(sum))))
}

/// The same header or claims in other JSON, or others in their place, under the old HMAC.
pub(super) fn claims_under_the_old_sum(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let old = attempt.token();
    let [header, said, old_mac] = parts(&old);
    let mut changed = claims(&old);
    let forged = match forger.random.below(8) {
        0 => (encoded(r#"{"typ":"JWT","alg":"HS256"}"#), said.to_owned()),
        1 => (encoded(r#"{ "alg": "HS256", "typ": "JWT" }"#), said.to_owned()),
        2 => (encoded(r#"{"alg":"HS256"}"#), said.to_owned()),
        3 => {
            let pretty = serde_json::to_string_pretty(&changed).expect("JSON");
            (header.to_owned(), encoded(pretty))
        }
        which => {
            let later = forger.now + forger.random.between(-1000, 1000);
            let (name, value) = match which {
                4 => ("exp", json!(later)),
                5 => ("iat", json!(later)),
                6 => ("sub", json!(format!("{}?{later}", attempt.url()))),
                _ => ("jti", json!(format!("jwt_{later}"))),
            };
            changed.insert(name.to_owned(), value);
            (header.to_owned(), encoded(written(&changed)))
        }
    };
    Some(attempt.with_token(format!("{}.{}.{old_mac}", forged.0, forged.1)))
}
