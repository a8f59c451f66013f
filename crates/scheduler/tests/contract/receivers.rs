//! Tokens before three receivers: both official ones and ours. What we sign all believe; what an
//! official one refuses, ours refuses too.

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use roost_qstash::signature::{Signer, Verifier};
use roost_scheduler::{DEV_KEYS, system_clock};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::program::{contract, node, python};

const URL: &str = "https://app.example/api/hook?a=1";
const BODY: &str = r#"{"n":1}"#;

/// A token, and the request that it came with.
struct Case {
    what: String,
    token: String,
    url: String,
    body: String,
}

fn case(what: impl Into<String>, token: String) -> Case {
    Case { what: what.into(), token, url: URL.into(), body: BODY.into() }
}

/// Any header and claims, with the HMAC of any key.
fn signed(header: &Value, claims: &Value, key: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn claims(now: i64) -> Value {
    json!({
        "aud": "",
        "body": URL_SAFE.encode(Sha256::digest(BODY)),
        "exp": now + 300,
        "iat": now,
        "iss": "Upstash",
        "jti": "jwt_4iVbSVwpzsLAbRbRrbYiLVFvRLXz",
        "nbf": -62_135_596_800_i64,
        "sub": URL,
    })
}

/// What the scheduler itself signs.
fn ours(now: i64) -> Vec<Case> {
    let signer = Signer::new(DEV_KEYS.0);
    let bodies = [
        ("empty", String::new()),
        ("short", BODY.to_owned()),
        ("of a megabyte", "x".repeat(1024 * 1024)),
        ("of many scripts", "gr\u{fc}\u{df} \u{1f426} \u{0928}\u{092e}\u{0938}\u{094d}\u{0924}\u{0947} e\u{301} \u{202e}".to_owned()),
        ("with every control character", (0..32_u8).map(char::from).collect()),
        ("with a byte order mark", "\u{feff}text\r\n".to_owned()),
        ("that looks like a token", "a.b.c".to_owned()),
    ];
    let urls = [
        "https://app.example",
        "https://app.example/",
        "http://127.0.0.1:3000/a//b/../c?x=1&y=%20#part",
        "https://xn--mnchen-3ya.example:8443/%E2%9C%93?q=a+b",
        "https://m\u{fc}nchen.example/\u{2713}",
        "http://[::1]:8080/",
        &format!("https://app.example/{}", "long/".repeat(400)),
    ]
    .map(str::to_owned);
    let mut cases = Vec::new();
    for (what, body) in &bodies {
        for url in &urls {
            let token = signer.sign(url, body.as_bytes(), now);
            let what = format!("a body {what} to {}", url.chars().take(60).collect::<String>());
            cases.push(Case { what, token, url: url.clone(), body: body.clone() });
        }
    }
    let next = Signer::new(DEV_KEYS.1).sign(URL, BODY.as_bytes(), now);
    cases.push(case("signed with the next key", next));
    cases
}

/// What nobody should believe.
fn broken(now: i64) -> Vec<Case> {
    let header = json!({"alg": "HS256", "typ": "JWT"});
    let with = |name: &str, value: Value| {
        let mut claims = claims(now);
        claims[name] = value;
        signed(&header, &claims, DEV_KEYS.0)
    };
    let without = |name: &str| {
        let mut claims = claims(now);
        claims.as_object_mut().unwrap().remove(name);
        signed(&header, &claims, DEV_KEYS.0)
    };
    let good = signed(&header, &claims(now), DEV_KEYS.0);
    let parts: Vec<&str> = good.split('.').collect();
    let body_of = |text: &str| Value::from(URL_SAFE.encode(Sha256::digest(text)));
    let mut cases = vec![
        case("made with another key", signed(&header, &claims(now), "sig_another")),
        case("made without the key's prefix", signed(&header, &claims(now), &DEV_KEYS.0[4..])),
        case("made with an empty key", signed(&header, &claims(now), "")),
        case("without an algorithm", {
            let none = signed(&json!({"alg": "none", "typ": "JWT"}), &claims(now), DEV_KEYS.0);
            format!("{}.", none.rsplit_once('.').unwrap().0)
        }),
        case("of another issuer", with("iss", "Someone".into())),
        case("of an issuer in small letters", with("iss", "upstash".into())),
        case("of no issuer", without("iss")),
        case("long expired", {
            let mut claims = claims(now - 4000);
            claims["iat"] = (now - 4000).into();
            signed(&header, &claims, DEV_KEYS.0)
        }),
        case("expired since a second", with("exp", (now - 1).into())),
        case("not yet valid", with("nbf", (now + 3600).into())),
        case("from the future", with("iat", (now + 3600).into())),
        case("without an end", without("exp")),
        case("without a beginning", without("nbf")),
        case("without a subject", without("sub")),
        case("without a hash of the body", without("body")),
        case("for another URL", with("sub", "https://app.example/other".into())),
        case("for the URL without its query", with("sub", "https://app.example/api/hook".into())),
        case("for the URL with a slash", with("sub", format!("{URL}/").into())),
        case("for an empty URL", with("sub", "".into())),
        case("for a URL that is a number", with("sub", 7.into())),
        case("for another body", with("body", body_of("other"))),
        case("with the hash of nothing", with("body", body_of(""))),
        case("with an empty hash", with("body", "".into())),
        case("with a hash that is a number", with("body", 7.into())),
        case("for an audience", with("aud", "someone".into())),
        case("with an id that is a number", with("jti", 7.into())),
        case("with an end in words", with("exp", "tomorrow".into())),
        case("cut before its HMAC", format!("{}.{}", parts[0], parts[1])),
        case("with an empty HMAC", format!("{}.{}.", parts[0], parts[1])),
        case("with a fourth part", format!("{good}.x")),
        case("in words", "not a token".into()),
        case("of nothing", String::new()),
        case("of dots", "..".into()),
    ];
    for (index, part) in parts.iter().enumerate() {
        for at in [0, part.len() / 2] {
            let mut changed: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
            let letter = if &part[at..=at] == "A" { "B" } else { "A" };
            changed[index].replace_range(at..=at, letter);
            cases
                .push(case(format!("with letter {at} of part {index} changed"), changed.join(".")));
        }
    }
    cases
}

/// What the receiver of an SDK says of each: whether it believes.
fn verdicts(tool: &str, script: &str, cases: &[Case]) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    let list: Vec<Value> = cases
        .iter()
        .map(|case| json!({"signature": case.token, "url": case.url, "body": case.body}))
        .collect();
    std::fs::write(&file, Value::from(list).to_string()).unwrap();
    let run = Command::new(tool)
        .arg(contract().join(script))
        .arg(&file)
        .args([DEV_KEYS.0, DEV_KEYS.1])
        .current_dir(contract())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let verdicts: Vec<bool> = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(verdicts.len(), cases.len());
    verdicts
}

fn believes(case: &Case, now: i64) -> bool {
    let verifier = Verifier::new(DEV_KEYS.0, DEV_KEYS.1);
    verifier.verify(&case.token, case.body.as_bytes(), &[&case.url], now).is_ok()
}

/// The official receivers that are here, each with its name.
fn official() -> Vec<(&'static str, String, &'static str)> {
    let node = node().map(|tool| ("JavaScript", tool.to_owned(), "javascript/receiver.mjs"));
    let python = python().map(|tool| ("Python", tool, "python/receiver.py"));
    node.into_iter().chain(python).collect()
}

#[test]
fn every_token_we_sign_is_believed_by_both_official_receivers_and_ours() {
    let now = system_clock()().div_euclid(1000);
    let cases = ours(now);
    for case in &cases {
        assert!(believes(case, now), "ours refuses {}", case.what);
    }
    for (name, tool, script) in official() {
        for (case, believed) in cases.iter().zip(verdicts(&tool, script, &cases)) {
            assert!(believed, "the {name} receiver refuses {}", case.what);
        }
    }
}

/// But for one thing, on purpose: Python refuses an `iat` that is a second ahead of its clock, ours
/// one that is more than a minute ahead. Machines' clocks differ by seconds, and ours tells apart a
/// clock that is wrong.
#[test]
fn what_an_official_receiver_refuses_ours_refuses_too() {
    let now = system_clock()().div_euclid(1000);
    let cases = broken(now);
    for case in &cases {
        assert!(!believes(case, now), "ours believes a token {}", case.what);
    }
    let mut official = official();
    if official.len() < 2 {
        official.clear();
    }
    let each: Vec<Vec<bool>> =
        official.iter().map(|(_, tool, script)| verdicts(tool, script, &cases)).collect();
    // The list is of broken tokens only: one that all official receivers believe proves nothing.
    for (index, case) in cases.iter().enumerate() {
        let believed = each.iter().filter(|verdicts| verdicts[index]).count();
        assert!(each.is_empty() || believed < each.len(), "all believe a token {}", case.what);
    }
}

/// Known answers: signed by another implementation from the layout of captured tokens.
#[test]
fn a_token_is_what_another_implementation_makes_of_the_same_claims() {
    let Some(python) = python() else { return };
    let now = system_clock()().div_euclid(1000);
    let signer = Signer::new(DEV_KEYS.0);
    for (url, body) in
        [(URL, BODY), ("https://app.example/", ""), (URL, "gr\u{fc}\u{df} \u{1f426}")]
    {
        let token = signer.sign(url, body.as_bytes(), now);
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        let run = Command::new(&python)
            .arg(contract().join("python/sign.py"))
            .args([DEV_KEYS.0, url, body, &now.to_string(), claims["jti"].as_str().unwrap()])
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        assert_eq!(token, String::from_utf8_lossy(&run.stdout).trim(), "{url} {body}");
    }
}
