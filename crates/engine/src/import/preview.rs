//! A file on its way into the store: read, shown row by row, imported.

use std::path::Path;

use roost_core::failure::Code;
use roost_core::post::Content;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;

use crate::api::answers::{ImportPreview, PreviewRow};
use crate::api::requests::{ImportFile, ImportSource};
use crate::state::EngineState;
use crate::{Error, FileReport, ImportOptions, Result};

/// The largest file that is read. The parser has its own limit, and says more about it.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Rows that are shown before the import; all are checked.
const ROWS_MAX: usize = 20_000;
/// Of a text that is too long anyway, this much is shown.
const TEXT_CHARS_MAX: usize = 400;
/// Of a time, an account or the like, this much is shown.
const WORD_CHARS_MAX: usize = 40;

/// Says what importing would do, row by row.
pub(crate) async fn preview(state: &EngineState, file: ImportFile) -> Result<ImportPreview> {
    let (bytes, options) = read(file).await?;
    let rows = rows(&bytes);
    let report = super::import(state, bytes, options, true).await?;
    Ok(ImportPreview { report, rows })
}

/// Imports. A file is read anew: what is imported is what it holds now.
pub(crate) async fn import_file(state: &EngineState, file: ImportFile) -> Result<FileReport> {
    let (bytes, options) = read(file).await?;
    super::import(state, bytes, options, false).await
}

/// Returns the bytes of a file, with the options that name it.
async fn read(file: ImportFile) -> Result<(Vec<u8>, ImportOptions)> {
    let ImportFile { from, mut options } = file;
    let bytes = match from {
        ImportSource::Text(text) => text.into_bytes(),
        ImportSource::Path(path) => {
            if options.source.is_empty() {
                options.source = file_name(&path);
            }
            read_path(&path).await?
        }
    };
    Ok((bytes, options))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

async fn read_path(path: &Path) -> Result<Vec<u8>> {
    let unreadable = |error: std::io::Error| Error::File {
        code: Code::FileUnreadable,
        message: format!("{} can't be read: {error}.", file_name(path)),
    };
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let mut bytes = Vec::new();
    // One byte more than allowed: a file that has it is too large, whatever the file system said.
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).await.map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let message = "The file is larger than 64 MB, which is the most. Split it.".to_owned();
        return Err(Error::File { code: Code::FileTooLarge, message });
    }
    Ok(bytes)
}

/// The rows as the file writes them, good and bad alike. What is wrong with them stands in the
/// report: these only let a person recognise them, so that what can't be read is left empty.
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
    rows.iter().take(ROWS_MAX).zip(1..).map(|(value, row)| preview_row(row, value)).collect()
}

fn preview_row(row: u32, value: &Value) -> PreviewRow {
    let parts: Vec<&str> = match (&value["content"], &value["thread"]) {
        (Value::String(text), _) => vec![text],
        (_, Value::Array(thread)) => thread.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let content = Content::of_texts(parts.iter().copied());
    let word = |value: &Value| value.as_str().map(|text| clipped(text, WORD_CHARS_MAX));
    PreviewRow {
        row,
        text: clipped(parts.first().unwrap_or(&""), TEXT_CHARS_MAX),
        parts: u32::try_from(parts.len()).unwrap_or(u32::MAX),
        when: word(&value["scheduledAt"]).unwrap_or_default(),
        account: word(&value["account"]),
        cost_micros: content.cost().0,
        has_link: content.has_link(),
    }
}

fn clipped(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
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
            { "thread": ["a", "b"], "scheduledAt": "2027-03-02 09:00", "account": "ada" } ] }"#;
        let shown: Vec<_> = rows(file)
            .into_iter()
            .map(|row| (row.row, row.text, row.parts, row.account, row.cost_micros))
            .collect();
        assert_eq!(
            shown,
            [
                (1, "One https://example.com".to_owned(), 1, None, 200_000),
                (2, String::new(), 0, None, 0),
                (3, String::new(), 0, None, 0),
                (4, "a".to_owned(), 2, Some("ada".to_owned()), 30_000)
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
