//! Tokens that a good key made, and that are no deliveries to this relay for this body now: made
//! for another address of the same account, for another body, at another time, or not by QStash.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use super::attempt::{Attempt, Forger, HEADER, claims, decoded, json as written, parts, token};
use crate::world::{CURRENT, NEXT, PUBLIC_URL};

/// A captured delivery with one claim replaced, signed anew.
fn with_claim(forger: &mut Forger, name: &str, value: Value) -> Attempt {
    let attempt = forger.any();
    let mut said = claims(&attempt.token());
    said.insert(name.to_owned(), value);
    signed(forger, attempt, HEADER, &written(&said))
}

fn signed(forger: &mut Forger, attempt: Attempt, header: &str, claims: &str) -> Attempt {
    let key = *forger.random.one_of(&[CURRENT, NEXT]);
    attempt.with_token(token(key, header, claims))
}

pub(super) fn for_another_address(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let (good, path) = (attempt.url(), attempt.path);
    let host = PUBLIC_URL.trim_start_matches("http://");
    let url = match forger.random.below(22) {
        0 => format!("{PUBLIC_URL}/api/qstash/other"),
        1 => format!("http://evil.example{path}"),
        2 => format!("{PUBLIC_URL}.evil.example{path}"),
        3 => format!("http://{host}@evil.example{path}"),
        4 => format!("http://evil.example/?to={good}"),
        5 => format!("https://{host}{path}"),
        6 => format!("{PUBLIC_URL}:80{path}"),
        7 => format!("http://{}{path}", host.to_uppercase()),
        8 => format!("{good}/"),
        9 => format!("{good}?x={}", forger.random.next()),
        10 => format!("{good}#x"),
        11 => format!("{PUBLIC_URL}/{path}"),
        12 => format!("{PUBLIC_URL}/.{path}"),
        13 => format!("{PUBLIC_URL}/x/..{path}"),
        14 => good.replace('-', "%2D").replace("qstash", "%71stash"),
        15 => format!("http://{host}.{path}"),
        16 => format!(" {good}"),
        17 => format!("{good}\0"),
        18 => good.replace('o', "о"),
        19 => format!("http://127.0.0.1{path}"),
        20 => String::new(),
        _ => {
            let mut letters: Vec<char> = good.chars().collect();
            let at = forger.random.below(letters.len());
            letters[at] = char::from(b'!' + u8::try_from(forger.random.below(90)).ok()?);
            letters.into_iter().collect()
        }
    };
    let said = {
        let mut said = claims(&attempt.token());
        if url == good {
            return None;
        }
        said.insert("sub".to_owned(), json!(url));
        written(&said)
    };
    let mut attempt = signed(forger, attempt, HEADER, &said);
    // The headers that a proxy would write are never believed.
    if forger.random.below(2) == 0 {
        attempt = attempt
            .with_header("X-Forwarded-Host", "evil.example")
            .with_header("X-Forwarded-Proto", "https")
            .with_header("Forwarded", "host=evil.example;proto=https");
    }
    Some(attempt)
}

pub(super) fn for_another_body(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let hash = Sha256::digest(&attempt.body);
    let good = URL_SAFE.encode(hash);
    let claim = match forger.random.below(12) {
        0 => URL_SAFE.encode(Sha256::digest(b"")),
        1 => URL_SAFE.encode(Sha512::digest(&attempt.body)),
        2 => hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        3 => STANDARD.encode(hash),
        4 => String::new(),
        5 => format!("{good}="),
        6 => "=".to_owned(),
        7 => good[..forger.random.below(good.len() - 1)].to_owned(),
        8 => format!(" {good}"),
        9 => good.to_lowercase(),
        10 => format!("sha256={good}"),
        _ => URL_SAFE.encode(Sha256::digest(forger.random.next().to_le_bytes())),
    };
    if claim.trim_end_matches('=') == good.trim_end_matches('=') && claim.len() <= good.len() {
        return None;
    }
    let mut said = claims(&attempt.token());
    said.insert("body".to_owned(), json!(claim));
    Some(signed(forger, attempt, HEADER, &written(&said)))
}

/// Past its end, before its beginning, or so far from our clock that one of the two is wrong.
pub(super) fn for_another_time(forger: &mut Forger) -> Option<Attempt> {
    let (now, far) = (forger.now, forger.random.between(61, 10_000_000));
    Some(match forger.random.below(9) {
        0 => with_claim(forger, "exp", json!(now - 1)),
        1 => with_claim(forger, "exp", json!(now)),
        2 => with_claim(forger, "exp", json!(now - far)),
        3 => with_claim(forger, "exp", json!(i64::MIN)),
        4 => with_claim(forger, "nbf", json!(now + 61)),
        5 => with_claim(forger, "nbf", json!(now + far)),
        6 => with_claim(forger, "nbf", json!(i64::MAX)),
        7 => with_claim(forger, "iat", json!(now - far)),
        _ => with_claim(forger, "iat", json!(now + far)),
    })
}

/// By somebody else, or for somebody else.
pub(super) fn of_another_issuer(forger: &mut Forger) -> Option<Attempt> {
    if forger.random.below(4) == 0 {
        return Some(with_claim(forger, "aud", json!("somebody")));
    }
    let issuers = ["", "upstash", "UPSTASH", "Upstash ", "Upstash\0", "QStash", "Upstash, Inc."];
    let issuer = *forger.random.one_of(&issuers);
    Some(with_claim(forger, "iss", json!(issuer)))
}

/// A claim left out, of another type, or given twice.
pub(super) fn with_claims_of_another_form(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let mut said = claims(&attempt.token());
    let name = *forger.random.one_of(&["body", "exp", "iat", "iss", "nbf", "sub"]);
    let claims = match forger.random.below(8) {
        0 => {
            said.remove(name);
            written(&said)
        }
        1 => {
            let twice = format!("{{\"{name}\":{},", said[name]);
            written(&said).replacen('{', &twice, 1)
        }
        2 => format!("[{}]", written(&said)),
        3 => written(&said) + &written(&said),
        4 => written(&said) + ",",
        5 => Value::Array(said.into_iter().map(|(_, value)| value).collect()).to_string(),
        6 => json!({ "claims": said }).to_string(),
        _ => {
            let other = match &said[name] {
                Value::Number(number) => [json!(number.to_string()), json!(number.as_f64())],
                text => [json!([text]), json!(7)],
            };
            let others = [other.to_vec(), vec![json!(null), json!(true), json!({})]].concat();
            said.insert(name.to_owned(), forger.random.one_of(&others).clone());
            written(&said)
        }
    };
    Some(signed(forger, attempt, HEADER, &claims))
}

pub(super) fn with_a_header_of_another_form(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let said = String::from_utf8(decoded(parts(&attempt.token())[1])).expect("text");
    let header = *forger.random.one_of(&[
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS384","typ":"JWT"}"#,
        r#"{"alg":"HS512","typ":"JWT"}"#,
        r#"{"alg":"RS256","typ":"JWT"}"#,
        r#"{"alg":"hs256","typ":"JWT"}"#,
        r#"{"alg":""}"#,
        r#"{"alg":null}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":256}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"ALG":"HS256"}"#,
        r#"{"alg":"HS256","alg":"none"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"["HS256"]"#,
        r#""HS256""#,
        "{}",
        "",
        r#"{"alg":"HS256"}{"alg":"HS256"}"#,
        r#"{"alg":"HS256""#,
    ]);
    Some(signed(forger, attempt, header, &said))
}
