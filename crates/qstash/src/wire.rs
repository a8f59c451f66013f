//! Reading what QStash says in more than one shape.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Header names with their values.
pub(crate) type HeaderValues = BTreeMap<String, Vec<String>>;

/// A count under one of several names; an answer without a body counts as `otherwise`.
pub(crate) fn count(body: &[u8], names: &[&str], otherwise: u64) -> u64 {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return otherwise };
    names.iter().find_map(|name| fields.get(*name)?.as_u64()).unwrap_or(otherwise)
}

/// An absent, null or empty cursor is the end.
pub(crate) fn cursor<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let value = Option::<Value>::deserialize(from)?;
    Ok(match value {
        Some(Value::String(cursor)) if !cursor.is_empty() => Some(cursor),
        Some(Value::Number(cursor)) => Some(cursor.to_string()),
        _ => None,
    })
}

/// A number, or the same number in quotes; 0 when it is neither.
pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    Ok(optional_number(from)?.unwrap_or_default())
}

/// As [`number`], but absent when it is neither.
pub(crate) fn optional_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(match Option::<Value>::deserialize(from)? {
        Some(Value::Number(number)) => {
            #[expect(clippy::cast_possible_truncation, reason = "a time with a fraction")]
            let rounded = || number.as_f64().map(|float| float as i64);
            number.as_i64().or_else(rounded)
        }
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    })
}

/// `{"Name": ["v"]}` or `{"Name": "v"}`.
pub(crate) fn header_values<'de, D: Deserializer<'de>>(from: D) -> Result<HeaderValues, D::Error> {
    let Some(Value::Object(fields)) = Option::<Value>::deserialize(from)? else {
        return Ok(HeaderValues::new());
    };
    let texts = |value: Value| match value {
        Value::Array(list) => {
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        }
        Value::String(text) => vec![text],
        _ => Vec::new(),
    };
    Ok(fields.into_iter().map(|(name, value)| (name, texts(value))).collect())
}

/// Text in base64; what is not base64 is taken as it is.
pub(crate) fn base64_or_text(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
}
