//! Any bytes as a signed body, at the relay's real door.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../relay/tests/laws/hostile/webhook.rs"]
mod webhook;

fuzz_target!(|data: &[u8]| webhook::answered(data));
