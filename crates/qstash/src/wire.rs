//! Reading what QStash says in more than one shape.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Error, Limits};
use crate::publish::Published;

/// Header names with their values.
pub(crate) type HeaderValues = BTreeMap<String, Vec<String>>;

/// One acknowledgement: an object, or the first of a list of them (URL groups).
pub(crate) fn published(value: &Value, status: u16) -> Result<Published, Error> {
    let unreadable = |reason: &str| Error::Unreadable { status, reason: reason.into() };
    match value {
        Value::Array(list) => {
            published(list.first().ok_or_else(|| unreadable("an empty list"))?, status)
        }
        Value::Object(fields) => {
            if let Some(list) = fields.get("messages") {
                return published(list, status);
            }
            if let Some(message) = fields.get("error").and_then(Value::as_str) {
                let status = fields.get("status").and_then(Value::as_u64);
                let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(400);
                return Err(Error::refusal(status, message.to_owned(), Limits::default()));
            }
            let id = fields.get("messageId").and_then(Value::as_str).unwrap_or_default();
            if id.is_empty() {
                return Err(unreadable("it holds no messageId"));
            }
            let repeated = fields.get("deduplicated").and_then(Value::as_bool);
            Ok(Published {
                message_id: id.to_owned(),
                url: fields.get("url").and_then(Value::as_str).map(str::to_owned),
                deduplicated: repeated.unwrap_or(status == 202),
            })
        }
        _ => Err(unreadable("neither an object nor a list")),
    }
}

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
