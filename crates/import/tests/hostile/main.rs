//! Imports of files that are nearly right, on every toolchain; `fuzz/` does the same for hours.

mod file;

use proptest::prelude::*;

/// A value that some field of a row may hold, or must not.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}".prop_map(|text| serde_json::Value::from(text).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "[0-9]{1,5}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2})?(Z|[+-][0-9]{1,4})?"
            .prop_map(|time| format!("\"{time}\"")),
        prop::sample::select(vec![
            "null", "true", "[]", "{}", "[[[]]]", "\"\"", "\"draft\"", "\"Asia/Kolkata\"", "1e400",
            "\"\\u0000\"", "\"\\ud83d\"", "\"https://a.b\"", "[\"one\",\"two\"]",
        ])
        .prop_map(str::to_owned),
    ]
}

fn object(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let field = (prop::sample::select(names), value());
    prop::collection::vec(field, 0..6).prop_map(|fields| {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", fields.join(", "))
    })
}

fn row() -> impl Strategy<Value = String> {
    object(&["content", "scheduledAt", "timezone", "account", "status", "tags", "thread", "x"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_row_of_a_file_is_lost_whatever_it_says(
        rows in prop::collection::vec(row(), 0..6),
        head in object(&["timezone", "version", "account"]),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let posts = format!("\"posts\": [{}]", rows.join(",\n"));
        let text = match head.as_str() {
            "{}" => format!("{{{posts}}}"),
            head => format!("{}, {posts}}}", &head[..head.len() - 1]),
        };
        let end = cut.map_or(text.len(), |cut| cut.index(text.len()));
        file::imported(&text.as_bytes()[..end]);
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        file::imported(&bytes);
    }
}
