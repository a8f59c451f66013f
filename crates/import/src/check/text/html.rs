//! HTML tags: `<p>`, `<br>`, `<a href="…">`.

use super::edit::Edit;

/// Bytes that a tag may have; a longer one is none.
const TAG_MAX: usize = 600;

/// Tags that end a paragraph, tags that end a line, and tags inside one.
const PARAGRAPHS: &[&str] =
    &["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "figure", "pre"];
const LINES: &[&str] = &["br", "div", "ul", "ol", "tr", "table", "tbody", "hr"];
const INLINE: &[&str] = &[
    "a", "b", "i", "u", "s", "em", "strong", "span", "font", "small", "big", "sub", "sup", "code",
    "li", "img", "td", "th", "mark", "del", "ins", "iframe", "video", "style", "script",
];

/// A tag of a text.
struct Tag<'t> {
    start: usize,
    end: usize,
    name: String,
    closes: bool,
    attributes: &'t str,
}

/// Returns the tags of a text with what stands for them in plain text.
pub(super) fn find(text: &str) -> Vec<Edit> {
    let tags = tags(text);
    let mut edits: Vec<Edit> = Vec::with_capacity(tags.len());
    let mut address: Option<String> = None;
    for (at, tag) in tags.iter().enumerate() {
        let before = edits.last();
        // Nothing but tags and blanks before it: it breaks nothing.
        let is_first = text[before.map_or(0, |it| it.range.end)..tag.start].trim().is_empty()
            && edits.iter().all(|edit| edit.with.trim().is_empty())
            && begins_blank(text, &edits);
        let follows_break = before.is_some_and(|edit| {
            edit.with.ends_with('\n') && text[edit.range.end..tag.start].trim().is_empty()
        }) || text[..tag.start].ends_with('\n');
        let is_last = rest_is_blank(text, &tags[at..]);
        let with = match tag.name.as_str() {
            "li" if !tag.closes => if is_first || follows_break { "• " } else { "\n• " }.to_owned(),
            "a" if !tag.closes => {
                address = href(tag.attributes);
                String::new()
            }
            "a" => closing_address(text, &edits, tag, address.take()),
            name if PARAGRAPHS.contains(&name) || LINES.contains(&name) => {
                let breaks = if PARAGRAPHS.contains(&name) { "\n\n" } else { "\n" };
                let opens_line = name != "br" && follows_break;
                if is_first || is_last || opens_line || text[tag.end..].starts_with('\n') {
                    String::new()
                } else {
                    breaks.to_owned()
                }
            }
            _ => String::new(),
        };
        edits.push(Edit::new(tag.start..tag.end, with));
    }
    edits
}

/// Whether nothing but blanks stands before and between the edits so far.
fn begins_blank(text: &str, edits: &[Edit]) -> bool {
    let mut read = 0;
    edits.iter().all(|edit| {
        let between = &text[read..edit.range.start];
        read = edit.range.end;
        between.trim().is_empty()
    })
}

/// Whether nothing but tags and blanks stands behind the first of `tags`.
fn rest_is_blank(text: &str, tags: &[Tag<'_>]) -> bool {
    let mut read = tags[0].end;
    let between = tags[1..].iter().all(|tag| {
        let between = &text[read..tag.start];
        read = tag.end;
        between.trim().is_empty()
    });
    between && text[read..].trim().is_empty()
}

fn closing_address(text: &str, edits: &[Edit], tag: &Tag<'_>, address: Option<String>) -> String {
    let shown = &text[edits.last().map_or(0, |edit| edit.range.end)..tag.start];
    match address {
        Some(address) if !shown.contains(&address) => format!(" {address}"),
        _ => String::new(),
    }
}

fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut read = 0;
    for (start, _) in text.match_indices('<') {
        if start >= read
            && let Some(tag) = tag_at(text, start)
        {
            read = tag.end;
            tags.push(tag);
        }
    }
    tags
}

fn tag_at(text: &str, start: usize) -> Option<Tag<'_>> {
    let rest = &text[start + 1..];
    let length = rest.bytes().take(TAG_MAX).position(|byte| byte == b'>')?;
    let inside = &rest[..length];
    let (closes, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let letters = inside.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = inside[..letters].to_ascii_lowercase();
    let attributes = inside[letters..].trim();
    let known = [PARAGRAPHS, LINES, INLINE].iter().any(|names| names.contains(&name.as_str()));
    // "a <b and c> d" is a sum of inequalities, not a tag.
    let is_sound = attributes.is_empty() || attributes == "/" || attributes.contains('=');
    let end = start + 1 + length + 1;
    (known && is_sound).then_some(Tag { start, end, name, closes, attributes })
}

fn href(attributes: &str) -> Option<String> {
    let value = attributes.split_once("href=")?.1;
    let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''));
    let address = match quote {
        Some(quote) => value[1..].split(quote).next()?,
        None => value.split_whitespace().next()?,
    };
    (address.starts_with("http://") || address.starts_with("https://")).then(|| address.to_owned())
}
