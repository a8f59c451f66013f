//! What no answer of X, or of something in between, may do. Also the fuzz target's body.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use roost_x_api::{Class, Operation, classify};

/// Longer than anything that is kept of an answer.
const KEPT: usize = 4_096;

/// `data`: two bytes for the status, one for what was asked, lines of headers, an empty line, and
/// the body.
pub(crate) fn classified(data: &[u8]) {
    let [high, low, what, rest @ ..] = data else { return };
    let number = u16::from_be_bytes([*high, *low]) % 900 + 100;
    let Ok(status) = StatusCode::from_u16(number) else { return };
    let operation = [
        Operation::CreatePost,
        Operation::DeletePost,
        Operation::Read,
        Operation::Media,
        Operation::Token,
    ][usize::from(*what) % 5];
    let end = rest.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = end.map_or((&[][..], rest), |end| (&rest[..end], &rest[end + 2..]));
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n').take(50) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(&line[..colon]), HeaderValue::from_bytes(&line[colon + 1..]))
        {
            headers.append(name, value);
        }
    }
    let failure = classify(operation, status, &headers, body);
    // What the status leaves open, no words of a body may close.
    if !(400..500).contains(&number) || number == 408 {
        assert_eq!(failure.class(), Class::Unknown, "{number}: {failure:?}");
    }
    let kept = [failure.title.as_deref(), failure.detail.as_deref()];
    assert!(kept.iter().flatten().all(|text| text.len() <= KEPT), "{number}");
    let _ = (failure.to_string(), format!("{failure:?}"), failure.limits.until());
}
