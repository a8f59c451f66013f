//! Posts as files: what is written, and that it is read again as it was.

#[path = "../session/common.rs"]
#[expect(dead_code, reason = "what other tests of sessions use of it")]
mod common;
mod posts;
mod round_trip;
mod session;
mod written;
