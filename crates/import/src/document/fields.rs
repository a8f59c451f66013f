//! The fields of a post in the published schema: each takes no more than an import takes.

use roost_core::post::{
    ALT_TEXT_CHARS_MAX, FOLLOW_UP_MINUTES, MEDIA_MAX, PARTS_MAX, POLL_MINUTES,
    POLL_OPTION_CHARS_MAX, POLL_OPTIONS, ReplySettings, TAG_LENGTH_MAX, TAGS_MAX,
};
use roost_core::status::Status;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::Post;
use crate::row;
use crate::source::Limits;
use crate::time::SCHEMA_PATTERN;

/// A text that shows something.
const SHOWS_SOMETHING: &str = r"\S";

/// The posts.
pub(super) fn posts(generator: &mut SchemaGenerator) -> Schema {
    let post = generator.subschema_for::<Post<'static>>();
    json_schema!({ "type": "array", "maxItems": Limits::default().rows, "items": post })
}

pub(super) fn text_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": SHOWS_SOMETHING })
}

pub(super) fn thread(_: &mut SchemaGenerator) -> Schema {
    let text = json!({ "type": "string", "pattern": SHOWS_SOMETHING });
    json_schema!({
        "type": ["array", "null"], "minItems": 1, "maxItems": PARTS_MAX, "items": text
    })
}

pub(super) fn time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": SCHEMA_PATTERN })
}

pub(super) fn truth(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["boolean", "null"] })
}

pub(super) fn tags(_: &mut SchemaGenerator) -> Schema {
    let tag = json!({ "type": "string", "pattern": SHOWS_SOMETHING, "maxLength": TAG_LENGTH_MAX });
    json_schema!({ "type": ["array", "null"], "maxItems": TAGS_MAX, "items": tag })
}

pub(super) fn reply_settings(_: &mut SchemaGenerator) -> Schema {
    let words = [
        ReplySettings::Following,
        ReplySettings::MentionedUsers,
        ReplySettings::Subscribers,
        ReplySettings::Verified,
    ];
    let words = words.map(|word| json!(word)).into_iter();
    one_of([json!("everyone")].into_iter().chain(words))
}

pub(super) fn community_id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "pattern": "^[0-9]{1,19}$" })
}

pub(super) fn follow_up_after(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["integer", "null"],
        "minimum": FOLLOW_UP_MINUTES.start(),
        "maximum": FOLLOW_UP_MINUTES.end()
    })
}

pub(super) fn media(_: &mut SchemaGenerator) -> Schema {
    let source = json!({
        "type": "string", "pattern": row::media_pattern(), "maxLength": row::MEDIA_CHARS_MAX
    });
    of_files(&source)
}

pub(super) fn alt_text(_: &mut SchemaGenerator) -> Schema {
    let text = json!({ "type": "string", "maxLength": ALT_TEXT_CHARS_MAX });
    of_files(&text)
}

/// Returns the schema of one thing for each file: of the first part, or of each part in a list of its own.
fn of_files(one: &Value) -> Schema {
    let files = json!({ "type": "array", "maxItems": MEDIA_MAX, "items": one });
    let parts = json!({ "type": "array", "minItems": 1, "maxItems": PARTS_MAX, "items": files });
    json_schema!({ "anyOf": [files, parts, { "type": "null" }] })
}

pub(super) fn poll_options(_: &mut SchemaGenerator) -> Schema {
    let answer = json!({
        "type": "string", "pattern": SHOWS_SOMETHING, "maxLength": POLL_OPTION_CHARS_MAX
    });
    json_schema!({
        "type": ["array", "null"],
        "minItems": POLL_OPTIONS.start(),
        "maxItems": POLL_OPTIONS.end(),
        "items": answer
    })
}

pub(super) fn poll_duration(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["integer", "null"],
        "minimum": POLL_MINUTES.start(),
        "maximum": POLL_MINUTES.end()
    })
}

pub(super) fn status(_: &mut SchemaGenerator) -> Schema {
    one_of(Status::ALL.into_iter().map(|status| json!(status)))
}

pub(super) fn ids_on_x(_: &mut SchemaGenerator) -> Schema {
    let id = json!({ "type": "string", "pattern": "^[0-9]+$" });
    json_schema!({ "type": ["array", "null"], "items": id })
}

pub(super) fn addresses(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["array", "null"], "items": { "type": "string" } })
}

/// Returns the schema of one of these words, or of none.
fn one_of(words: impl Iterator<Item = Value>) -> Schema {
    let words: Vec<Value> = words.chain([Value::Null]).collect();
    json_schema!({ "enum": words })
}
