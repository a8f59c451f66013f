//! Any bytes as claims that a good key signed.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/qstash/tests/hostile/signature.rs"]
#[expect(dead_code, reason = "the other target uses the rest")]
mod signature;

fuzz_target!(|data: &[u8]| signature::claims(data));
