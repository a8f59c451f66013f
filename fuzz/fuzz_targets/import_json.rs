//! Any bytes as a file to import.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/import/tests/hostile/file.rs"]
mod file;

fuzz_target!(|data: &[u8]| file::imported(data));
