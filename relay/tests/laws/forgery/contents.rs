//! Forgeries by changing the body, the address or the headers around a good token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roost_relay_api::{FAILURE_PATH, POST_TWEET_PATH};
use serde_json::Value;

use super::attempt::{Attempt, Forger};

pub(super) fn a_byte_of_the_body(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let mut body = attempt.body.clone();
    let at = forger.random.below(body.len());
    match forger.random.below(4) {
        0 => body[at] ^= forger.random.change(),
        1 => drop(body.remove(at)),
        2 => body.insert(at, forger.random.change()),
        _ => body.truncate(at),
    }
    Some(attempt.with_body(body))
}

/// White space, marks and copies that many parsers would not mind.
pub(super) fn around_the_body(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let body = attempt.body.clone();
    let with = |before: &[u8], after: &[u8]| [before, &body, after].concat();
    let forged = match forger.random.below(10) {
        0 => with(b" ", b""),
        1 => with(b"", b" "),
        2 => with(b"", b"\n"),
        3 => with(b"", b"\r\n"),
        4 => with(b"\xef\xbb\xbf", b""),
        5 => with(b"", b"\0"),
        6 => with(b"", &body),
        7 => with(b"[", b"]"),
        8 => STANDARD.encode(&body).into_bytes(),
        _ => body.iter().flat_map(|byte| [*byte, 0]).collect(),
    };
    Some(attempt.with_body(forged))
}

/// The same JSON, written otherwise.
pub(super) fn the_body_written_again(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let value: Value = serde_json::from_slice(&attempt.body).expect("JSON");
    let (post, revision) = (value["postId"].as_str()?, value["revision"].as_i64()?);
    let forged = match forger.random.below(8) {
        0 => serde_json::to_string_pretty(&value).expect("JSON"),
        1 => format!(r#"{{"revision":{revision},"postId":"{post}"}}"#),
        2 => format!(r#"{{"postId":"{post}","revision":{revision}.0}}"#),
        3 => format!(r#"{{"postId":"{post}","revision":{revision}e0}}"#),
        4 => format!(r#"{{"\u0070ostId":"{post}","revision":{revision}}}"#),
        5 => format!(r#"{{"postId":"{}","revision":{revision}}}"#, post.to_uppercase()),
        6 => format!(r#"{{"postId":"{post}","revision":{revision},"revision":{revision}}}"#),
        _ => format!(r#"{{"postId":"{post}","revision":{}}}"#, forger.random.between(-5, 1000)),
    };
    Some(attempt.with_body(forged))
}

pub(super) fn a_swapped_body(forger: &mut Forger) -> Option<Attempt> {
    let (attempt, other) = (forger.any(), forger.any());
    Some(attempt.with_body(other.body))
}

pub(super) fn a_zipped_body(forger: &mut Forger) -> Option<Attempt> {
    let attempt = forger.any();
    let zipped = gzip(&attempt.body);
    let attempt = attempt.with_body(zipped);
    let named = forger.random.below(2) == 0;
    Some(if named { attempt.with_header("Content-Encoding", "gzip") } else { attempt })
}

/// `bytes` as gzip, stored (RFC 1952).
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let length = u16::try_from(bytes.len()).expect("a short body");
    let mut zipped = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    zipped.extend(length.to_le_bytes());
    zipped.extend((!length).to_le_bytes());
    zipped.extend(bytes);
    zipped.extend((!crc).to_le_bytes());
    zipped.extend(u32::from(length).to_le_bytes());
    zipped
}

/// A good delivery at the other webhook.
pub(super) fn at_the_other_address(forger: &mut Forger) -> Option<Attempt> {
    let mut attempt = forger.any();
    attempt.path = if attempt.path == POST_TWEET_PATH { FAILURE_PATH } else { POST_TWEET_PATH };
    Some(attempt)
}

/// Several signatures, or none, or one under another name.
pub(super) fn several_signatures_or_none(forger: &mut Forger) -> Option<Attempt> {
    let mut attempt = forger.any();
    let (good, other) = (attempt.signatures[0].clone(), forger.any().signatures[0].clone());
    let text = attempt.token();
    attempt.signatures = match forger.random.below(8) {
        0 => vec![good.clone(), good],
        1 => vec![good, other],
        2 => vec![other, good],
        3 => vec![good, b"x".to_vec()],
        4 => vec![Vec::new(), good],
        5 => Vec::new(),
        6 => vec![Vec::new()],
        _ => {
            let name = *forger.random.one_of(&[
                "Authorization",
                "X-Upstash-Signature",
                "Upstash-Forward-Upstash-Signature",
                "Upstash-Signature-2",
                "Signature",
                "Cookie",
            ]);
            attempt.headers.push((name, text));
            Vec::new()
        }
    };
    Some(attempt)
}
