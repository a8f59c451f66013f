//! Signed bodies that are nearly right, on every toolchain; `fuzz/` does the same for hours.

mod webhook;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

/// A trigger with something else in the place of a value.
fn trigger() -> impl Strategy<Value = String> {
    let id = prop_oneof![
        Just("\"0190163d-8694-739b-aea5-966c26f8ad91\"".to_owned()),
        ".{0,40}".prop_map(|text| serde_json::Value::from(text).to_string()),
        Just("null".to_owned()),
        Just("\"\\ud800\"".to_owned()),
    ];
    let revision = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        Just("99999999999999999999999".to_owned()),
        Just("\"1\"".to_owned()),
        Just("[[[[[[[[]]]]]]]]".to_owned()),
    ];
    (id, revision, "[ \n]{0,3}", prop::bool::ANY).prop_map(|(id, revision, space, more)| {
        let more = if more { ",\"more\":{\"deep\":[1]}" } else { "" };
        format!("{space}{{\"postId\":{id},{space}\"revision\":{revision}{more}}}{space}")
    })
}

/// A callback about a trigger.
fn callback() -> impl Strategy<Value = String> {
    (trigger(), any::<i32>(), prop::bool::ANY).prop_map(|(trigger, status, encoded)| {
        let source = if encoded { STANDARD.encode(&trigger) } else { trigger };
        serde_json::json!({ "sourceBody": source, "status": status, "dlqId": "1" }).to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_signed_body_gets_an_answer_that_a_scheduler_knows(
        trigger in trigger(),
        callback in callback(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        webhook::answered(trigger.as_bytes());
        webhook::answered(callback.as_bytes());
        webhook::answered(&bytes);
    }
}
