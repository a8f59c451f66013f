//! Any text as the value of `Upstash-Signature`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/qstash/tests/hostile/signature.rs"]
#[expect(dead_code, reason = "the other target uses the rest")]
mod signature;

fuzz_target!(|data: &[u8]| signature::header(data));
