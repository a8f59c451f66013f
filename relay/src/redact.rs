//! What a parser says about a text, without the text.

/// A parser's complaint without the values that it read: what stands in a wrong place may be a
/// key or a token. Names of fields stay, and so does what was expected.
#[must_use]
pub fn redact_parse_error(message: &str) -> &str {
    let names_only = ["missing field", "duplicate field", "duplicate key", "unknown field"];
    if names_only.iter().any(|start| message.starts_with(start)) {
        return message;
    }
    // The value comes before, so the last one is the parser's own word.
    message.rfind("expected").map_or("a value is not what was expected", |at| &message[at..])
}

#[cfg(test)]
mod tests {
    use super::redact_parse_error;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Example {
        count: i64,
        kind: Kind,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Good,
    }

    #[test]
    fn a_complaint_names_fields_and_never_a_value() {
        for (text, told) in [
            (r#"{"count":"canary"}"#, "expected i64 at line 1 column 17"),
            (r#"{"count":"un\"expected canary"}"#, "expected i64 at line 1 column 30"),
            (r#"{"count":1,"kind":"canary"}"#, "expected `good` at line 1 column 26"),
            (r#"{"count":1}"#, "missing field `kind` at line 1 column 11"),
            (r#""canary""#, "expected struct Example at line 1 column 8"),
        ] {
            let error = serde_json::from_str::<Example>(text).expect_err("refused");
            assert_eq!(redact_parse_error(&error.to_string()), told, "{error}");
        }
        assert_eq!(redact_parse_error("canary"), "a value is not what was expected");
    }
}
