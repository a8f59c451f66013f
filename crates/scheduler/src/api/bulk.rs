//! Which of many a request means by a JSON body of ids.

use axum::body::Bytes;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The ids that stand under `name`; absent when no body was sent, which is how official clients
/// ask for all. Any other body that names no ids is refused: it was not meant to mean all.
pub(super) fn ids(body: &Bytes, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    let wrong = |why: String| Refusal::invalid(format!("the body is not a list of ids: {why}"));
    let mut given: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| wrong(error.to_string()))?;
    let ids = given.remove(name).ok_or_else(|| wrong(format!("{name} is missing")))?;
    if let Some(strange) = given.keys().next() {
        return Err(wrong(format!("unknown name: {strange}")));
    }
    // What Go makes of a list without elements.
    let ids: Option<Vec<String>> =
        serde_json::from_value(ids).map_err(|error| wrong(error.to_string()))?;
    Ok(Some(ids.unwrap_or_default()))
}
