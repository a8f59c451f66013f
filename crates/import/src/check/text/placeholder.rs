//! Placeholders of templates: `{{name}}`, `[INSERT LINK]`, `%FIRST_NAME%`.

use std::ops::Range;

/// Bytes that a placeholder may have.
const LENGTH_MAX: usize = 60;

/// Names that stand between single braces or brackets in templates, and hardly ever in a sentence.
const NAMES: &[&str] = &[
    "name",
    "first name",
    "last name",
    "firstname",
    "lastname",
    "full name",
    "link",
    "url",
    "link here",
    "url here",
    "company",
    "company name",
    "product",
    "product name",
    "brand",
    "brand name",
    "date",
    "time",
    "city",
    "email",
    "username",
    "handle",
    "hashtag",
    "hashtags",
    "title",
    "topic",
    "price",
    "insert",
    "placeholder",
    "tbd",
    "todo",
    "event name",
    "website",
    "image",
    "image here",
];
/// How a request to fill in begins.
const REQUESTS: &[&str] =
    &["insert ", "your ", "enter ", "add link", "add image", "add url", "paste "];

/// Returns the first placeholder of a text.
pub(super) fn find(text: &str) -> Option<Range<usize>> {
    let lower = text
        .find("orem ipsum")
        .filter(|at| *at > 0 && text.as_bytes()[at - 1].eq_ignore_ascii_case(&b'l'));
    if let Some(at) = lower {
        return Some(at - 1..at + "orem ipsum".len());
    }
    let opens = text.char_indices().filter(|(_, letter)| "{[%$*".contains(*letter));
    opens.map(|(start, _)| start).find_map(|start| {
        let end = start + length(&text[start..])?;
        Some(start..end)
    })
}

/// The length of the placeholder that a text begins with.
fn length(rest: &str) -> Option<usize> {
    if let Some(inner) = between(rest, "{{", "}}") {
        return (!inner.trim().is_empty()).then_some(inner.len() + 4);
    }
    if let Some(inner) = between(rest, "*|", "|*") {
        return is_identifier(inner).then_some(inner.len() + 4);
    }
    if let Some(inner) = between(rest, "${", "}") {
        return is_identifier(inner).then_some(inner.len() + 3);
    }
    if let Some(inner) = between(rest, "%", "%") {
        return is_constant(inner).then_some(inner.len() + 2);
    }
    if let Some(inner) = between(rest, "{", "}") {
        return (is_constant(inner) || is_named(inner)).then_some(inner.len() + 2);
    }
    let inner = between(rest, "[", "]")?;
    // What is followed by an address is a link of Markdown.
    let is_link = rest[inner.len() + 2..].starts_with('(');
    (!is_link && is_named(inner)).then_some(inner.len() + 2)
}

fn between<'t>(rest: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let inner = rest.strip_prefix(open)?;
    let end = inner.find(close).filter(|end| *end <= LENGTH_MAX)?;
    let inner = &inner[..end];
    (!inner.contains('\n')).then_some(inner)
}

fn is_identifier(inner: &str) -> bool {
    inner.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && inner
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'))
}

/// `FIRST_NAME`, `LINK`.
fn is_constant(inner: &str) -> bool {
    let is_upper = inner.len() > 2
        && inner.starts_with(|letter: char| letter.is_ascii_uppercase())
        && inner
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_upper && (inner.contains('_') || is_named(inner))
}

fn is_named(inner: &str) -> bool {
    let words = inner.trim().to_lowercase().replace(['_', '-'], " ");
    NAMES.contains(&words.as_str())
        || REQUESTS.iter().any(|request| words.starts_with(request) && words.len() > request.len())
        || REQUESTS.contains(&words.as_str())
}
