//! Header names and values as QStash keeps and shows them.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::secret::hex;

/// Headers in the order in which they were given, names canonical.
pub(crate) type Headers = Vec<(String, String)>;

/// As Go writes header names: `bypass-tunnel-reminder` → `Bypass-Tunnel-Reminder`.
pub(crate) fn canonical(name: &str) -> String {
    let mut upper = true;
    name.chars()
        .map(|c| {
            let shown = if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            upper = c == '-';
            shown
        })
        .collect()
}

/// The headers of an answer.
pub(crate) fn of_answer(headers: &HeaderMap) -> Headers {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (canonical(name.as_str()), text(value))).collect()
}

/// `{"Name": ["v", ..]}`.
pub(crate) fn as_json(headers: &[(String, String)]) -> Value {
    let mut map = BTreeMap::<&str, Vec<&str>>::new();
    for (name, value) in headers {
        map.entry(name).or_default().push(value);
    }
    json!(map)
}

/// Which parts of a message the API must not show.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Redaction {
    pub(crate) body: bool,
    pub(crate) all_headers: bool,
    /// Canonical names.
    pub(crate) headers: Vec<String>,
}

impl Redaction {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// What holds for a message that carries all of this one in its body.
    pub(crate) fn of_a_copy(&self) -> Self {
        Self { body: !self.is_none(), ..self.clone() }
    }

    /// Reads `body, header[Authorization]`; QStash's texts say `header` and `headers`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut redaction = Self::default();
        for field in text.split(',').map(str::trim).filter(|field| !field.is_empty()) {
            let name = field.strip_prefix("headers").or_else(|| field.strip_prefix("header"));
            match (field, name) {
                ("body", _) => redaction.body = true,
                (_, Some("")) => redaction.all_headers = true,
                (_, Some(named)) if named.starts_with('[') && named.ends_with(']') => {
                    redaction.headers.push(canonical(named[1..named.len() - 1].trim()));
                }
                _ => return Err(format!("invalid redact field: {field}")),
            }
        }
        Ok(redaction)
    }

    /// The headers as the API shows them.
    pub(crate) fn shown(&self, headers: &[(String, String)]) -> Value {
        let hidden = |name: &String| self.all_headers || self.headers.contains(name);
        let shown: Headers = headers
            .iter()
            .map(|(name, value)| {
                let value = if hidden(name) { redacted(value.as_bytes()) } else { value.clone() };
                (name.clone(), value)
            })
            .collect();
        as_json(&shown)
    }
}

/// What stands for a hidden value: equal values stay recognisable as equal.
pub(crate) fn redacted(value: &[u8]) -> String {
    format!("REDACTED:{}", hex(&Sha256::digest(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_go_writes_them() {
        assert_eq!(canonical("bypass-tunnel-reminder"), "Bypass-Tunnel-Reminder");
        assert_eq!(canonical("X-API-KEY"), "X-Api-Key");
    }

    #[test]
    fn both_spellings_of_redact_fields_are_read() {
        for text in ["body, header[authorization]", "body,headers[Authorization]"] {
            let read = Redaction::parse(text).unwrap();
            assert!(read.body && !read.all_headers);
            assert_eq!(read.headers, ["Authorization"]);
        }
        assert!(Redaction::parse("header").unwrap().all_headers);
        assert!(Redaction::parse("headers").unwrap().all_headers);
        assert!(Redaction::parse("url").is_err());
    }
}
