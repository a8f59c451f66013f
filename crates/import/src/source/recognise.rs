//! Which format a file is of: by what it holds; its name decides only between those that look alike.

use super::{json, markdown_table, prose, separated, x_archive};
use crate::error::ImportError;
use crate::format::Format;

/// How files begin that are no text and no workbook.
const UNSUPPORTED: &[(&[u8], &str)] = &[
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
    (b"Rar!\x1A\x07", "a RAR archive"),
    (b"\x89PNG", "an image"),
    (b"\xFF\xD8\xFF", "an image"),
    (b"GIF8", "an image"),
    (b"SQLite format 3\0", "a database"),
    (b"BEGIN:VCALENDAR", "a calendar of ICS"),
];

/// Refuses files of kinds that are not read, and says what they are.
pub(super) fn refuse_unsupported(bytes: &[u8]) -> Result<(), ImportError> {
    let found = UNSUPPORTED.iter().find(|(start, _)| bytes.starts_with(start));
    match found {
        Some((_, what)) => Err(unsupported(what)),
        None if is_web_page(bytes) => Err(unsupported("a web page")),
        None => Ok(()),
    }
}

/// Returns the refusal of a file that is `what`, with its article.
pub(super) fn unsupported(what: &str) -> ImportError {
    ImportError::Unsupported {
        reason: format!("The file is {what}, which Roost does not read."),
        remedy: "Save the posts as CSV, JSON or .xlsx.".to_owned(),
    }
}

fn is_web_page(bytes: &[u8]) -> bool {
    let start: Vec<u8> = bytes
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace() || !byte.is_ascii())
        .take(14)
        .map(u8::to_ascii_lowercase)
        .collect();
    [&b"<!doctype html"[..], b"<html", b"<table", b"<?xml"].iter().any(|tag| start.starts_with(tag))
}

/// Returns the extension of a name, in small letters.
pub(super) fn extension(name: Option<&str>) -> String {
    let extension = name.and_then(|name| name.rsplit(['/', '\\']).next()?.rsplit_once('.'));
    extension.map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Returns the format of a text.
pub(super) fn text_format(text: &str, extension: &str) -> Format {
    if x_archive::looks_like(text) {
        return Format::XArchive;
    }
    if json::begins(text) {
        return if is_json_lines(extension) { Format::JsonLines } else { Format::Json };
    }
    match extension {
        "csv" => Format::Csv,
        "tsv" | "tab" => Format::Tsv,
        _ if is_json_lines(extension) => Format::JsonLines,
        _ if json::holds_some(text) => Format::Json,
        _ if markdown_table::looks_like(text) => Format::Markdown,
        _ if separated::looks_like(text) => Format::Csv,
        "json" | "jsonc" | "json5" => Format::Json,
        "md" | "markdown" => Format::Markdown,
        _ if extension != "txt" && prose::is_markdown(text) => Format::Markdown,
        _ => Format::Text,
    }
}

fn is_json_lines(extension: &str) -> bool {
    matches!(extension, "jsonl" | "ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_kinds_are_refused_by_name() {
        for (bytes, what) in [
            (&b"%PDF-1.7"[..], "a PDF"),
            (b"{\\rtf1", "an RTF document"),
            (b"\xEF\xBB\xBF <!DOCTYPE html>", "a web page"),
            (b"\x89PNG\r\n", "an image"),
        ] {
            let error = refuse_unsupported(bytes).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        }
        assert_eq!(refuse_unsupported(b"[1]"), Ok(()));
        assert_eq!(extension(Some("/a.b/Plan.JSONL")), "jsonl");
        assert_eq!(extension(Some("/a.b/plan")), "");
    }
}
