//! What migration 6 computes of the posts that are there: SQL knows neither hash.

use roost_core::duplicate::duplicate_key;
use roost_core::post::{Content, Part};
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

/// Provides the functions that the migration calls.
///
/// # Errors
/// When SQLite refuses a function.
pub(crate) fn provide(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("roost_duplicate_key", 3, flags, |row| {
        let (content, known) = (content(row)?, row.get::<Vec<u8>>(2)?);
        Ok(if is_intact(&content, &known) { content.duplicate_key().0.to_vec() } else { known })
    })?;
    connection.create_scalar_function("roost_body_hash", 3, flags, |row| {
        let (content, known) = (content(row)?, row.get::<Vec<u8>>(2)?);
        Ok(is_intact(&content, &known).then(|| content.body_hash().to_bytes().to_vec()))
    })?;
    connection.create_scalar_function(
        "roost_has_link",
        2,
        flags,
        |row| Ok(content(row)?.has_link()),
    )
}

/// Returns the content of a post: its first text, and the texts and the rest of its parts.
fn content(row: &Context<'_>) -> rusqlite::Result<Content> {
    let unreadable = |error: serde_json::Error| rusqlite::Error::UserFunctionError(error.into());
    let mut first = Some(row.get::<String>(0)?);
    let parts: Vec<(Option<String>, Option<String>)> =
        serde_json::from_str(row.get_raw(1).as_str()?).map_err(unreadable)?;
    if parts.is_empty() {
        return Ok(Content::of_texts(first));
    }
    let parts = parts.into_iter().map(|(text, beyond)| {
        let text = text.or_else(|| first.take()).unwrap_or_default();
        Part::from_stored(text, beyond.as_deref()).map_err(unreadable)
    });
    Ok(Content { parts: parts.collect::<rusqlite::Result<_>>()? })
}

/// Whether the words are those that the older hash was made from. Of a thread whose edit came too
/// late it was made from the first text alone.
fn is_intact(content: &Content, known: &[u8]) -> bool {
    let texts_alone = Content::of_texts(content.texts());
    [texts_alone.duplicate_key(), duplicate_key(content.first_text())]
        .iter()
        .any(|it| it.0 == known)
}
