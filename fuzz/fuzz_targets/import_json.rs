//! Any bytes as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../crates/import/tests/hostile/source.rs"]
mod source;

fuzz_target!(|data: &[u8]| source::json(data));
