//! Any bytes as an answer of X.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/x-api/tests/hostile/answer.rs"]
mod answer;

fuzz_target!(|data: &[u8]| answer::classified(data));
