//! The classification of answers that are nearly right, on every toolchain; `fuzz/` does the same
//! for hours.

mod answer;

use proptest::prelude::*;

/// A body like X's, with anything in the place of a value.
fn body() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "title",
        "detail",
        "type",
        "status",
        "errors",
        "error",
        "error_description",
        "period",
        "reset_date",
        "code",
        "message",
        "parameters",
    ]);
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        ".{0,40}".prop_map(|text| serde_json::Value::from(text).to_string()),
        prop::sample::select(vec![
            "\"about:blank\"",
            "\"https://api.twitter.com/2/problems/credits\"",
            "\"///\"",
            "\"Your Tweet text is too long.\"",
            "\"duplicate content\"",
            "\"invalid_grant\"",
            "null",
            "187",
            "1e999",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8)
                .prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|fields| {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_words_of_an_answer_decide_what_its_status_leaves_open(
        status in 0_u16..900,
        what in any::<u8>(),
        headers in "(x-rate-limit-(reset|remaining|limit): ?-?[0-9]{0,25}\n|retry-after:[ -~]{0,9}\n){0,4}",
        body in body(),
    ) {
        let mut data = status.to_be_bytes().to_vec();
        data.push(what);
        data.extend(headers.as_bytes());
        data.extend(b"\n\n");
        data.extend(body.as_bytes());
        answer::classified(&data);
    }

    #[test]
    fn bytes_of_any_kind_are_classified(data in prop::collection::vec(any::<u8>(), 0..300)) {
        answer::classified(&data);
    }
}
