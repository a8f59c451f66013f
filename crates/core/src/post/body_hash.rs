//! Whether two contents are the same to the letter.
//!
//! Not to be confused with the duplicate key, which folds away what no reader sees. By this hash a
//! relay tells whether it was given the same post again, and by it damage on a disk is noticed. It is
//! kept in databases and sent over the wire, so that it carries the version of its rule.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::content::Content;
use super::follow_up::FollowUp;

/// The SHA-256 of a content, with the version of the rule by which it was made.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BodyHash {
    version: u8,
    digest: [u8; 32],
}

/// The rule by which hashes are made now.
const VERSION: u8 = 1;

/// Bytes of a hash with its version.
const BYTES: usize = 33;

impl Content {
    /// Returns the hash of all that is sent, to the letter.
    #[must_use]
    pub fn body_hash(&self) -> BodyHash {
        BodyHash::of(self)
    }
}

impl BodyHash {
    /// Returns the hash of a content by the newest rule.
    #[must_use]
    pub fn of(content: &Content) -> Self {
        Self { version: VERSION, digest: first_rule(content) }
    }

    /// Returns whether this is the hash of `content`, by the rule that it was made by. A rule that
    /// this version does not know matches nothing.
    #[must_use]
    pub fn matches(&self, content: &Content) -> bool {
        self.is_known() && first_rule(content) == self.digest
    }

    /// Returns the hash of a content that is a follow-up reply: of the content and of what it is tied to. It
    /// never is that of the content alone, so that a reader who misses the tie notices.
    #[must_use]
    pub fn tied_to(self, follow_up: FollowUp) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"roost follow-up 1");
        hash.update(self.to_bytes());
        hash.update(follow_up.parent.to_string());
        hash.update(follow_up.after_minutes.to_le_bytes());
        Self { version: self.version, digest: hash.finalize().into() }
    }

    /// Returns whether this version knows the rule that it was made by.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.version == VERSION
    }

    /// Returns it as databases keep it: the version, and the digest.
    #[must_use]
    pub fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [self.version; BYTES];
        bytes[1..].copy_from_slice(&self.digest);
        bytes
    }

    /// Returns the hash that a database keeps; `None` when that is none.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, digest) = bytes.split_first()?;
        Some(Self { version: *version, digest: digest.try_into().ok()? })
    }
}

/// Version 1: for each part, its text and the JSON of what it has beside it, each after its length in
/// bytes. A field that says nothing is not in the JSON, so that a new field leaves older hashes valid.
fn first_rule(content: &Content) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(b"roost body 1");
    for part in &content.parts {
        let mut beyond = String::new();
        if let Some(fields) = part.beyond_text() {
            write_sorted(&Value::Object(fields), &mut beyond);
        }
        add(part.text.as_bytes());
        add(beyond.as_bytes());
    }
    hash.finalize().into()
}

/// Writes JSON with the names of each object in alphabetical order: how maps keep them depends on what
/// else is compiled in.
fn write_sorted(value: &Value, json: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            json.push('{');
            for (index, (name, value)) in fields.into_iter().enumerate() {
                json.push_str(if index == 0 { "" } else { "," });
                json.push_str(&Value::from(name.as_str()).to_string());
                json.push(':');
                write_sorted(value, json);
            }
            json.push('}');
        }
        Value::Array(values) => {
            json.push('[');
            for (index, value) in values.iter().enumerate() {
                json.push_str(if index == 0 { "" } else { "," });
                write_sorted(value, json);
            }
            json.push(']');
        }
        leaf => json.push_str(&leaf.to_string()),
    }
}

impl fmt::Display for BodyHash {
    /// The version and 64 small hexadecimal digits: `1:9f86d0…`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.version)?;
        self.digest.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for BodyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BodyHash({self})")
    }
}

/// A body hash that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a body hash is a version, a colon and 64 hexadecimal digits")]
pub struct InvalidBodyHash;

impl FromStr for BodyHash {
    type Err = InvalidBodyHash;

    fn from_str(text: &str) -> Result<Self, InvalidBodyHash> {
        let (version, digest) = text.split_once(':').ok_or(InvalidBodyHash)?;
        Ok(Self {
            version: version.parse().map_err(|_| InvalidBodyHash)?,
            digest: crate::hex::decode(digest).ok_or(InvalidBodyHash)?,
        })
    }
}

impl Serialize for BodyHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BodyHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MediaId;
    use crate::post::{MediaRef, Part, Poll};

    fn whole() -> Content {
        let media = vec![MediaRef {
            media_id: MediaId(uuid::Uuid::nil()),
            alt_text: Some("a \"cat\"".into()),
            file: None,
        }];
        let poll = Poll { options: vec!["yes".into(), "no".into()], duration_minutes: 60 };
        let parts = vec![
            Part { media, ..Part::of_text("Hello") },
            Part { poll: Some(poll), ..Part::of_text("World?") },
        ];
        Content { parts }
    }

    #[test]
    fn the_rule_of_a_version_never_changes() {
        let known = [
            (
                Content::of_texts(["Hello"]),
                "1:1c14e1db05fb6e09407894bdfb7709b40971978a3731a36dd038e0386233d59b",
            ),
            (
                Content::of_texts(["Hello", "World"]),
                "1:523533c90b07c9386a4a27798a710222a0824ce60312200244a49b128cfee8a8",
            ),
            (whole(), "1:3e49ae13fdd46da048bc55add2db19cf2c232322ebe7e5130d55d1f30236daf4"),
        ];
        for (content, hash) in known {
            assert_eq!(content.body_hash().to_string(), hash);
        }
    }

    #[test]
    fn every_letter_counts_and_every_border_between_parts() {
        let plain = Content::of_texts(["Hello", "World"]);
        let mut others = vec![
            Content::of_texts(["Hello", "World "]),
            Content::of_texts(["Hello", "world"]),
            Content::of_texts(["HelloWorld"]),
            Content::of_texts(["Hello", "World", ""]),
            Content::of_texts(["World", "Hello"]),
            Content::default(),
            whole(),
        ];
        let mut described = whole();
        described.parts[0].media[0].alt_text = None;
        others.push(described);
        for disclosed in [
            Part { made_with_ai: true, ..Part::of_text("Hello") },
            Part { paid_partnership: true, ..Part::of_text("Hello") },
            Part { community_id: Some("1".into()), ..Part::of_text("Hello") },
        ] {
            others.push(Content { parts: vec![disclosed, Part::of_text("World")] });
        }
        let mut longer = whole();
        longer.parts[1].poll.as_mut().unwrap().duration_minutes = 61;
        others.push(longer);
        let hashes: std::collections::HashSet<_> =
            others.iter().chain([&plain]).map(Content::body_hash).collect();
        assert_eq!(hashes.len(), others.len() + 1);
        assert!(plain.body_hash().matches(&plain));
        assert!(others.iter().all(|other| !plain.body_hash().matches(other)));
    }

    #[test]
    fn a_hash_survives_a_database_and_the_wire() {
        let hash = whole().body_hash();
        assert_eq!(BodyHash::from_bytes(&hash.to_bytes()), Some(hash));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        let json = serde_json::to_string(&hash).unwrap();
        assert_eq!(serde_json::from_str::<BodyHash>(&json).unwrap(), hash);
        for none in [&[][..], &[1; 32], &[1; 34]] {
            assert_eq!(BodyHash::from_bytes(none), None);
        }
        for none in ["", "1:", "1", "1:ab", "x:ab", &format!("256:{}", "a".repeat(64))] {
            assert_eq!(none.parse::<BodyHash>(), Err(InvalidBodyHash), "{none}");
        }
    }

    #[test]
    fn a_rule_of_a_later_version_matches_nothing_and_is_known_for_one() {
        let mut bytes = whole().body_hash().to_bytes();
        bytes[0] = 200;
        let later = BodyHash::from_bytes(&bytes).unwrap();
        assert!(!later.is_known() && !later.matches(&whole()));
    }
}
