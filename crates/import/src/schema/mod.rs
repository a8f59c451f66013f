//! The published JSON Schema of a file of posts.

/// Returns the JSON Schema (draft 2020-12) of a file of posts, as `roost schema` prints it.
#[must_use]
pub const fn json_schema() -> &'static str {
    include_str!("schema.json")
}
