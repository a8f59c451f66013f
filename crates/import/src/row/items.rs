//! The items of a cell: what a list has, or what stands between the separators that people write.

use std::borrow::Cow;

use serde_json::Value;

use super::cells::FieldCell;
use super::text::is_rule;
use crate::table::Kind;

/// What a path of media may end in.
pub(super) const MEDIA_ENDINGS: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "heic", "avif", "bmp", "tif", "tiff", "mp4", "mov", "m4v",
    "webm",
];

/// Returns the items of a cell: the elements of a list, else what stands between line breaks or bars;
/// addresses and paths between commas and semicolons too.
pub(super) fn items(cell: FieldCell<'_>, has_commas: bool) -> Vec<String> {
    if let Some(items) = listed(cell) {
        return items;
    }
    let text = cell.text;
    let between: &[char] = match has_commas {
        true if !text.contains(['\n', '|']) => &[',', ';'],
        _ => &['\n', '|'],
    };
    let pieces = text.split(between).map(str::trim).filter(|piece| !piece.is_empty());
    // A comma may stand in an address: what follows it there begins no other.
    let mut items: Vec<String> = Vec::new();
    for piece in pieces {
        match items.last_mut() {
            Some(last) if has_commas && !begins_source(piece) && last.contains("://") => {
                last.push(',');
                last.push_str(piece);
            }
            _ => items.push(piece.to_owned()),
        }
    }
    items
}

fn begins_source(piece: &str) -> bool {
    piece.contains("://")
        || piece.rsplit_once('.').is_some_and(|(_, ending)| {
            MEDIA_ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
        })
}

/// Returns the items of a list; `None` where the cell is none.
pub(super) fn listed(cell: FieldCell<'_>) -> Option<Vec<String>> {
    if !is_json(cell) {
        return None;
    }
    let item = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(fields) => {
            let names = ["source", "url", "path", "file", "src", "text", "label", "alt_text"];
            names.iter().find_map(|name| fields.get(*name)?.as_str()).map(str::to_owned)
        }
        _ => None,
    };
    match serde_json::from_str::<Value>(cell.text).ok()? {
        Value::Array(values) => Some(values.iter().filter_map(item).collect()),
        one @ Value::Object(_) => Some(item(&one).into_iter().collect()),
        _ => None,
    }
}

/// Returns what of a cell is meant for each part of a thread: each list of a list of lists, or what stands
/// between lines of dashes, as in the cell of the thread itself. Without either all is meant for the first.
pub(super) fn of_parts(cell: FieldCell<'_>) -> Vec<Cow<'_, str>> {
    if is_json(cell) {
        if let Ok(Value::Array(values)) = serde_json::from_str(cell.text)
            && values.iter().any(Value::is_array)
        {
            return values.into_iter().map(|value| Cow::Owned(as_list(value))).collect();
        }
    } else if cell.text.contains("---") && cell.text.lines().any(is_rule) {
        let mut parts = vec![String::new()];
        for line in cell.text.lines() {
            match parts.last_mut() {
                Some(last) if !is_rule(line) => {
                    last.push_str(line);
                    last.push('\n');
                }
                _ => parts.push(String::new()),
            }
        }
        return parts.into_iter().map(|part| Cow::Owned(part.trim().to_owned())).collect();
    }
    vec![Cow::Borrowed(cell.text)]
}

fn is_json(cell: FieldCell<'_>) -> bool {
    matches!(cell.kind, Kind::List | Kind::Object)
        || (cell.kind == Kind::Text && cell.text.trim_start().starts_with('['))
}

/// Returns a value as a list in JSON: what is one thing is a list of it.
fn as_list(value: Value) -> String {
    match value {
        Value::Array(_) => value.to_string(),
        Value::Null => "[]".to_owned(),
        one => Value::Array(vec![one]).to_string(),
    }
}
