//! How the events of [`PostChange`](super::PostChange) tell what a post says: the one place that knows
//! every form in which content was ever written.
//!
//! The fields of `before` and `after` in which content stands, as they are written now:
//!
//! | field | what it is |
//! | --- | --- |
//! | `content` | the text of the first part |
//! | `cost_micros` | what X charges for all parts, in micro-dollars |
//! | `parts` | every part from the first on, as `core::post::Part` writes itself; `[]` for a text alone |
//!
//! An edit's event has those that differ, with `before` and `after` alike; the event of a new post has
//! `parts` only where they are more than a text. `meant` and `sent` of a late edit have `content` and
//! `parts` in the same form ([`ContentFields`]). The hashes and whether there is a link follow from the
//! content and are in no event; earlier ones had `content_hash`, the duplicate key.
//!
//! Earlier stores wrote `parts` without the first text, in an event of its own: elements with a
//! `position`, where that of position 0 has `text: null`, and with `poll`, `media` and `tweet_id`.

use roost_core::post::{Content, Part};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;

/// A content as an event has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ContentFields {
    content: String,
    #[serde(default)]
    parts: ToldParts,
}

/// The parts of an event, in whichever form they were written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum ToldParts {
    /// As earlier stores wrote them: the text of the first stands elsewhere.
    WithoutFirstText(Vec<OlderPart>),
    /// All of them, the first included; none for a text alone.
    All(Vec<Part>),
}

/// A part as earlier stores wrote it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OlderPart {
    position: u32,
    text: Option<String>,
    #[serde(flatten)]
    beyond: Map<String, Value>,
}

/// Returns what the field for the parts says of a content: nothing where that is a text alone.
pub(super) fn told(content: &Content) -> Vec<Part> {
    match content.parts.as_slice() {
        [only] if only.beyond_text().is_none() => Vec::new(),
        parts => parts.to_vec(),
    }
}

impl Default for ToldParts {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl ToldParts {
    /// Returns the parts; of those that earlier stores wrote, the first has no text.
    pub(super) fn parts(self) -> Result<Vec<Part>, serde_json::Error> {
        match self {
            Self::All(parts) => Ok(parts),
            Self::WithoutFirstText(older) => older_parts(older),
        }
    }

    /// Returns the content that these parts make with the text of the first.
    pub(super) fn with_first_text(self, text: String) -> Result<Content, Error> {
        let mut parts = self.parts()?;
        match parts.first_mut() {
            Some(first) => first.text = text,
            None => parts.push(Part::of_text(text)),
        }
        Ok(Content { parts })
    }
}

fn older_parts(older: Vec<OlderPart>) -> Result<Vec<Part>, serde_json::Error> {
    // Some lacked the row of the first part.
    let lacks_first = older.first().is_some_and(|first| first.position > 0);
    let mut parts = if lacks_first { vec![Part::default()] } else { Vec::new() };
    for OlderPart { text, mut beyond, .. } in older {
        beyond.insert("text".to_owned(), Value::String(text.unwrap_or_default()));
        parts.push(serde_json::from_value(Value::Object(beyond))?);
    }
    Ok(parts)
}

impl From<&Content> for ContentFields {
    fn from(content: &Content) -> Self {
        let parts = ToldParts::All(told(content));
        Self { content: content.first_text().to_owned(), parts }
    }
}

impl TryFrom<ContentFields> for Content {
    type Error = Error;

    fn try_from(fields: ContentFields) -> Result<Self, Error> {
        fields.parts.with_first_text(fields.content)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(event: &Value, first: &str) -> Content {
        let told: ToldParts = serde_json::from_value(event["parts"].clone()).unwrap();
        told.with_first_text(first.to_owned()).unwrap()
    }

    #[test]
    fn parts_are_read_in_every_form_that_was_written() {
        let thread = Content::of_texts(["one", "two"]);
        let part = |position: u32, text: Option<&str>| {
            json!({
                "position": position, "text": text, "poll": null, "media": [], "tweet_id": null,
            })
        };
        for event in [
            json!({ "parts": [part(0, None), part(1, Some("two"))] }),
            json!({ "parts": [part(1, Some("two"))] }),
            json!({ "parts": [{ "text": "one" }, { "text": "two" }] }),
        ] {
            assert_eq!(read(&event, "one"), thread, "{event}");
        }
        assert_eq!(read(&json!({ "parts": [] }), "one"), Content::of_texts(["one"]));
    }

    #[test]
    fn what_an_earlier_store_knew_of_media_and_polls_is_read() {
        let poll = json!({ "options": ["yes", "no"], "duration_minutes": 60 });
        let media = json!([{ "media_id": uuid_of(1), "alt_text": "a cat" }]);
        let event = json!({ "parts": [
            { "position": 0, "text": null, "poll": null, "media": media, "tweet_id": "7" },
            { "position": 1, "text": "two", "poll": poll, "media": [], "tweet_id": null },
        ] });
        let content = read(&event, "one");
        assert_eq!(content.to_texts(), ["one", "two"]);
        assert_eq!(content.parts[0].media[0].alt_text.as_deref(), Some("a cat"));
        assert_eq!(content.parts[1].poll.as_ref().unwrap().duration_minutes, 60);
        let json = serde_json::to_value(told(&content)).unwrap();
        assert_eq!(json[0], json!({ "text": "one", "media": media }));
    }

    fn uuid_of(last: u8) -> String {
        format!("01a3185c-5000-7076-b276-962c912900{last:02x}")
    }

    #[test]
    fn a_late_edit_is_read_as_it_was_written_before() {
        let older = json!({ "content": "one", "parts": [
            { "position": 0, "text": null, "poll": null, "media": [], "tweet_id": null },
            { "position": 1, "text": "two", "poll": null, "media": [], "tweet_id": null },
        ] });
        for (json, content) in [
            (older, Content::of_texts(["one", "two"])),
            (json!({ "content": "one", "parts": [] }), Content::of_texts(["one"])),
            (
                json!({ "content": "one", "parts": [{ "text": "one" }, { "text": "two" }] }),
                Content::of_texts(["one", "two"]),
            ),
        ] {
            let fields: ContentFields = serde_json::from_value(json).unwrap();
            assert_eq!(Content::try_from(fields).unwrap(), content);
            let again = serde_json::to_value(ContentFields::from(&content)).unwrap();
            let fields: ContentFields = serde_json::from_value(again).unwrap();
            assert_eq!(Content::try_from(fields).unwrap(), content);
        }
    }
}
