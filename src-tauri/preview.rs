//! A file on its way into the store: read, rehearsed, imported.

use std::path::Path;

use roost_core::cost;
use roost_core::text;
use roost_core::zone::Zone;
use roost_engine::{Engine, ImportOptions as Options};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use crate::dto::import::{ImportOptions, ImportReport, PreviewRow};
use crate::failure::Failure;

/// The largest file that is read. The parser has its own limit, and says more about it.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Rows that are shown before the import; all are judged.
const ROWS_MAX: usize = 20_000;
/// Of a text that is too long anyway, this much is shown.
const TEXT_CHARS_MAX: usize = 400;

/// Says what importing would do, row by row.
pub(crate) async fn rehearse(
    engine: &Engine,
    zone: &Zone,
    path: &str,
    options: ImportOptions,
) -> Result<ImportReport, Failure> {
    let bytes = read(path).await?;
    let preview = rows(&bytes);
    let report = engine.import(bytes, options_for(path, options), true).await?;
    Ok(ImportReport::shown_in(zone, report, preview))
}

/// Imports. The file is read anew: what is imported is what it holds now.
pub(crate) async fn import(
    engine: &Engine,
    zone: &Zone,
    path: &str,
    options: ImportOptions,
) -> Result<ImportReport, Failure> {
    let report = engine.import(read(path).await?, options_for(path, options), false).await?;
    Ok(ImportReport::shown_in(zone, report, Vec::new()))
}

fn options_for(path: &str, options: ImportOptions) -> Options {
    options.for_file(file_name(path))
}

fn file_name(path: &str) -> String {
    let name = Path::new(path).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

async fn read(path: &str) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new("file", format!("{} can't be read: {error}.", file_name(path)))
    };
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let mut bytes = Vec::new();
    // One byte more than allowed: whoever has it is too large, whatever the file system said.
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).await.map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let words = "The file is larger than 64 MB, which is the most. Split it.";
        return Err(Failure::new("file_too_large", words));
    }
    Ok(bytes)
}

/// The rows as the file writes them, good and bad alike. What is wrong with them, the engine says:
/// this only lets a person recognise them, so that what can't be read is left empty.
fn rows(bytes: &[u8]) -> Vec<PreviewRow> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum File {
        List(Vec<Value>),
        Posts { posts: Vec<Value> },
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let rows = match serde_json::from_slice(bytes) {
        Ok(File::List(rows) | File::Posts { posts: rows }) => rows,
        Err(_) => return Vec::new(),
    };
    rows.iter().take(ROWS_MAX).zip(1..).map(|(value, row)| preview(row, value)).collect()
}

fn preview(row: u32, value: &Value) -> PreviewRow {
    let parts: Vec<&str> = match (&value["content"], &value["thread"]) {
        (Value::String(text), _) => vec![text],
        (_, Value::Array(thread)) => thread.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    PreviewRow {
        row,
        text: parts.first().unwrap_or(&"").chars().take(TEXT_CHARS_MAX).collect(),
        parts: parts.len(),
        when: value["scheduledAt"].as_str().unwrap_or_default().chars().take(40).collect(),
        cost: parts.iter().map(|text| cost::post_cost(text).0).sum(),
        has_link: parts.iter().any(|text| text::has_url(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad_rows_are_shown_in_their_places() {
        let file = br#"{ "timezone": "Asia/Kolkata", "posts": [
            { "content": "One https://example.com", "scheduledAt": "2027-03-01 09:00" },
            { "text": "misnamed" },
            17,
            { "thread": ["a", "b"], "scheduledAt": "2027-03-02 09:00" } ] }"#;
        let shown: Vec<_> =
            rows(file).into_iter().map(|row| (row.row, row.text, row.parts, row.cost)).collect();
        assert_eq!(
            shown,
            [
                (1, "One https://example.com".to_owned(), 1, 200_000),
                (2, String::new(), 0, 0),
                (3, String::new(), 0, 0),
                (4, "a".to_owned(), 2, 30_000)
            ]
        );
    }

    #[test]
    fn a_file_that_is_none_shows_nothing() {
        for file in ["", "no", "{}", "[", "{\"posts\": 3}"] {
            assert!(rows(file.as_bytes()).is_empty(), "{file}");
        }
    }
}
