//! How X shows things on the wire.

pub(crate) mod post;
pub(crate) mod text;

use roost_core::clock::UnixMillis;

/// Ids are strings on the wire: JavaScript cannot hold them otherwise.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
pub(crate) fn id<S: serde::Serializer>(id: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// X's form of an instant: always with milliseconds.
pub(crate) fn rfc3339(at: UnixMillis) -> String {
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        Err(_) => String::new(),
    }
}

/// An id in a request: 1 to 19 digits.
pub(crate) fn parse_id(text: &str) -> Option<i64> {
    let fits = (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}
