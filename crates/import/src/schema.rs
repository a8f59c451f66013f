//! The published JSON Schema of a file of posts, made from the types that an export is written from.

use roost_core::clock::UnixMillis;
use roost_core::zone::Zone;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::{Value, json};

use crate::document::{File, Post};
use crate::source::Limits;
use crate::template;

const DESCRIPTION: &str = "A list of posts, or an object that holds one and what applies to all of it. An \
    import reads more than this: other names, other formats, dates of many styles. What this schema allows \
    it reads without a question. Beyond this schema Roost checks what a schema cannot: the length as X \
    counts it, that dates exist and lie ahead, that clocks do not skip the time, that zones and accounts \
    are known.";

/// Returns the JSON Schema (draft 2020-12) of a file of posts, as `roost schema` prints it. The times of its
/// example lie ahead of `now`.
#[must_use]
pub fn json_schema(now: UnixMillis, zone: &Zone) -> String {
    let settings = SchemaSettings::draft2020_12();
    let settings = settings.with_transform(RecursiveTransform(join_lines));
    let mut generator = settings.into_generator();
    let file = generator.subschema_for::<File<'static>>();
    let post = generator.subschema_for::<Post<'static>>();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:roost:import",
        "title": "Posts to schedule with Roost",
        "description": DESCRIPTION,
        "examples": [template::document(now, zone, None)],
        "oneOf": [file, { "type": "array", "maxItems": Limits::default().rows, "items": post }],
        "$defs": Value::Object(generator.take_definitions(true)),
    });
    format!("{schema:#}\n")
}

/// A description is one paragraph, whatever the lines of the source.
fn join_lines(schema: &mut Schema) {
    if let Some(Value::String(words)) = schema.get("description") {
        let words = words.replace('\n', " ");
        schema.insert("description".to_owned(), words.into());
    }
}
