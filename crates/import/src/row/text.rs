//! What a row says: the text of a post, or the texts of a thread.

use std::borrow::Cow;

use roost_core::failure::{Code, Problem};
use roost_core::text::weigh;

use super::cells::{FieldCell, FieldCells};
use super::value::error;
use crate::choices::Choices;
use crate::field::Field;
use crate::finding::Sink;

/// Returns the texts of a row's parts, none where one could not be read, which is told then. A row
/// without any text is told too, unless `has_media`: pictures need no text.
pub(super) fn texts(
    cells: &FieldCells<'_>,
    choices: &Choices,
    has_media: bool,
    sink: &mut impl Sink,
) -> Vec<String> {
    let Some(mut texts) = written(cells, has_media, sink) else { return Vec::new() };
    for text in texts.iter_mut().filter(|text| text.contains("\r\n")) {
        // X counts a line break of Windows as two characters and shows one.
        *text = text.replace("\r\n", "\n");
    }
    if let Some(last) = texts.last_mut() {
        if choices.append_hashtags {
            append_hashtags(last, cells);
        }
        if choices.append_links {
            append_links(last, cells);
        }
    }
    texts
}

fn written(cells: &FieldCells<'_>, has_media: bool, sink: &mut impl Sink) -> Option<Vec<String>> {
    match (cells.first(Field::Content), cells.first(Field::Thread)) {
        (Some(_), Some(_)) => {
            error(sink, Code::RepeatedField, || {
                Problem::new(Code::RepeatedField, "The post has both a content and a thread.")
                    .in_field("thread")
            });
            None
        }
        (Some(content), None) if cells.has_several(Field::Content) => {
            error(sink, Code::RepeatedField, || {
                Problem::new(Code::RepeatedField, "The row has two texts.").in_field("content")
            });
            content.as_text("content", sink).and(None)
        }
        (Some(content), None) => content.as_text("content", sink).map(|text| vec![text.to_owned()]),
        (None, Some(_)) => thread(cells, sink),
        (None, None) if has_media => Some(vec![String::new()]),
        (None, None) => {
            error(sink, Code::TextMissing, || {
                Problem::new(Code::TextMissing, "The post has no text.").in_field("content")
            });
            None
        }
    }
}

fn thread(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let several = cells.has_several(Field::Thread);
    for cell in cells.all(Field::Thread) {
        match cell.as_list("thread", sink)? {
            Some(texts) => parts.extend(texts.into_iter().map(Cow::into_owned)),
            // A column for each part: what stands in one of them is one part.
            None if several && !cell.is_typed => {
                parts.push(cell.as_text("thread", sink)?.to_owned());
            }
            None if !cell.is_typed => parts.extend(split_thread(cell.as_text("thread", sink)?)),
            None => {
                cell.not_a_list("thread", sink);
                return None;
            }
        }
    }
    Some(parts)
}

/// Returns the parts of a thread that stands in one cell: between lines of dashes, between three empty
/// lines or more as Typefully writes them, or each with its number in front. Without either it is one part. Nothing of a part is changed but the blank lines
/// around it.
#[must_use]
pub fn split_thread(text: &str) -> Vec<String> {
    let by_rules = split_at(text, is_rule);
    if by_rules.len() > 1 {
        return by_rules;
    }
    let by_gaps = split_at_gaps(text);
    if by_gaps.len() > 1 {
        return by_gaps;
    }
    let by_numbers = split_before_numbers(text);
    if by_numbers.len() > 1 { by_numbers } else { vec![text.to_owned()] }
}

/// A line of at least three dashes and nothing else.
pub(super) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|byte| byte == b'-')
}

fn split_at(text: &str, is_between: impl Fn(&str) -> bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.split_inclusive('\n') {
        match parts.last_mut() {
            Some(part) if !is_between(line) => part.push_str(line),
            _ => parts.push(String::new()),
        }
    }
    trimmed(parts)
}

/// Empty lines that stand between two parts of a thread.
const GAP_LINES_MIN: usize = 3;

fn split_at_gaps(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut empty = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            empty += 1;
        } else {
            if empty >= GAP_LINES_MIN {
                parts.push(String::new());
            }
            empty = 0;
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
        }
    }
    trimmed(parts)
}

fn split_before_numbers(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut next = 1;
    for line in text.split_inclusive('\n') {
        if number_in_front(line) == Some(next) {
            next += 1;
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
        }
    }
    // What stands before the first number belongs to no part: then the numbers are a list.
    if parts.first().is_some_and(|first| !first.trim().is_empty()) {
        return vec![text.to_owned()];
    }
    trimmed(parts)
}

fn trimmed(parts: Vec<String>) -> Vec<String> {
    parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns the number in front of a line that begins a part: `1/`, `1/5`, `(1/5)` or `[1/5]`. A number
/// with a point or a bracket begins a list as often as a part, and is none.
fn number_in_front(line: &str) -> Option<u32> {
    let line = line.trim_start().trim_start_matches(['(', '[']);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=3).contains(&digits) || !line[digits..].starts_with('/') {
        return None;
    }
    let rest = line[digits + 1..].trim_start_matches(|letter: char| letter.is_ascii_digit());
    let ends = rest.starts_with([')', ']', ':', '.']) || rest.starts_with(char::is_whitespace);
    (ends || rest.is_empty()).then(|| line[..digits].parse().ok()).flatten()
}

fn append_links(text: &mut String, cells: &FieldCells<'_>) {
    for link in cells.all(Field::Link).flat_map(words) {
        append(text, link);
    }
}

fn append_hashtags(text: &mut String, cells: &FieldCells<'_>) {
    for word in cells.all(Field::Hashtags).flat_map(words) {
        let bare = word.trim_start_matches(['#', '＃']);
        if !bare.is_empty() {
            append(text, &format!("#{bare}"));
        }
    }
}

/// Returns the most that links and hashtags add to the weighted length of a row's text: none of them
/// need stand in it.
pub(crate) fn appended_length(cells: &FieldCells<'_>, choices: &Choices) -> u32 {
    let mut appended = String::new();
    if choices.append_hashtags {
        append_hashtags(&mut appended, cells);
    }
    if choices.append_links {
        append_links(&mut appended, cells);
    }
    if appended.is_empty() { 0 } else { weigh(&appended).weighted_length + 1 }
}

/// Returns the words of a cell: between blanks, commas and semicolons, or the elements of a list.
fn words<'t>(cell: FieldCell<'t>) -> impl Iterator<Item = &'t str> {
    let between = |letter: char| {
        letter.is_whitespace() || matches!(letter, ',' | ';' | '"' | '[' | ']' | '|')
    };
    cell.text.split(between).filter(|word| !word.is_empty())
}

/// Appends a word with a blank, unless the text holds it as a word already.
fn append(text: &mut String, word: &str) {
    if text.split_whitespace().any(|known| known.eq_ignore_ascii_case(word)) {
        return;
    }
    if !text.is_empty() && !text.ends_with(char::is_whitespace) {
        text.push(' ');
    }
    text.push_str(word);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_becomes_a_thread_at_lines_of_dashes_or_at_counted_numbers() {
        assert_eq!(split_thread("one\n---\ntwo\n\n----\nthree"), ["one", "two", "three"]);
        assert_eq!(split_thread("one\n\n\n\ntwo\n\nmore"), ["one", "two\n\nmore"]);
        assert_eq!(split_thread("one\r\n\r\n\r\n\r\ntwo"), ["one", "two"]);
        assert_eq!(split_thread("1/ one\nmore\n\n2/ two"), ["1/ one\nmore", "2/ two"]);
        assert_eq!(split_thread("(1/2) one\n(2/2) two"), ["(1/2) one", "(2/2) two"]);
    }

    #[test]
    fn a_text_without_separators_is_one_part_to_the_letter() {
        for text in [
            "one\n\ntwo ",
            "one\n\n\ntwo",
            "\n\n\n\none",
            "Steps:\n1/ a\n2/ b",
            "1. a\n2. b",
            "24/7 open",
            "-- \nme",
            "",
        ] {
            assert_eq!(split_thread(text), [text]);
        }
    }

    #[test]
    fn a_word_is_appended_once() {
        let mut text = "Launch #Rust".to_owned();
        append(&mut text, "#rust");
        append(&mut text, "https://example.com/a");
        assert_eq!(text, "Launch #Rust https://example.com/a");
    }
}
