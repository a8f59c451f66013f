//! What the language model that wrote a text said about it: numbers, counts, greetings, sources.

use std::ops::Range;

use super::edit::{Edit, in_order};

/// Returns such words of a text, to be removed with the blanks around them.
pub(super) fn find(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let (greeting, number) = (greeting(text), number(text));
    let begin = [&greeting, &number].into_iter().flatten().map(|it| it.end).max().unwrap_or(0);
    edits.extend(greeting.into_iter().chain(number).map(Edit::remove));
    edits.extend(count_before(text, begin).map(Edit::remove));
    edits.extend(count(text).map(Edit::remove));
    edits.extend(offer(text).map(Edit::remove));
    sources(text, &mut edits);
    in_order(edits)
}

fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
}

fn blank_length(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// `Tweet 4/30: `, `**Post #3:** `, `Post 3 (112 characters): `
fn number(text: &str) -> Option<Range<usize>> {
    let start = blank_length(text);
    let stars = text[start..].bytes().take_while(|byte| *byte == b'*').count();
    let rest = &text[start + stars..];
    let word = ["tweet", "post"].into_iter().find(|word| begins(rest, word))?;
    let mut at = word.len();
    at += blank_length(&rest[at..]);
    at += usize::from(rest[at..].starts_with('#'));
    let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(at);
    if first == 0 || first > 4 {
        return None;
    }
    at += first;
    if let Some(of) = ["/", " of "].into_iter().find(|of| rest[at..].starts_with(of)) {
        at += of.len() + digits(at + of.len());
    }
    let tail = rest[at..].trim_start_matches([' ', '*']);
    let tail = tail[bracketed_count(tail).unwrap_or(0)..].trim_start_matches([' ', '*']);
    let sign = tail.chars().next().filter(|sign| matches!(sign, ':' | '–' | '—' | ')'))?;
    at = rest.len() - tail.len() + sign.len_utf8();
    if stars > 0 {
        at += rest[at..].bytes().take_while(|byte| *byte == b'*').count();
    }
    at += blank_length(&rest[at..]);
    (at < rest.len()).then_some(start..start + stars + at)
}

/// `(112 characters)`, `[112 chars]`, `Character count: 112` at the end.
fn count(text: &str) -> Option<Range<usize>> {
    let end = text.trim_end();
    let lower = end.to_ascii_lowercase();
    let start = if let Some(open) = lower.rfind(['(', '[']) {
        let inner = lower[open + 1..].strip_suffix([')', ']'])?;
        is_count(inner).then_some(open)
    } else {
        let line = lower.rfind('\n').map_or(0, |line| line + 1);
        is_count(lower[line..].trim_matches(['*', ' '])).then_some(line)
    }?;
    let start = text[..start].trim_end().len();
    (start > 0).then_some(start..text.len())
}

/// `(112 characters)`, `[112 chars]: `, `Character count: 112` where the text begins, or behind its number.
fn count_before(text: &str, begin: usize) -> Option<Range<usize>> {
    let start = begin + blank_length(&text[begin..]);
    let rest = &text[start..];
    let mut length = match bracketed_count(rest) {
        Some(length) => length,
        None => {
            // Without brackets it is one only where it says so: "112 characters" may begin a text.
            let line = rest.find('\n')?;
            let words = rest[..line].trim_matches(['*', ' ', '\r']).to_ascii_lowercase();
            (words.contains(':') && is_count(&words)).then_some(line)?
        }
    };
    length += blank_length(&rest[length..]);
    let behind = rest[length..].trim_start_matches([':', '-', '–', '—']);
    let sign = rest.len() - length - behind.len();
    if sign > 0 && behind.starts_with(char::is_whitespace) {
        length += sign + blank_length(behind);
    }
    (length < rest.len()).then_some(start..start + length)
}

/// Returns the length of a count in brackets with which a text begins.
fn bracketed_count(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(['(', '['])?;
    let end = inner.find([')', ']'])?;
    is_count(&inner[..end].to_ascii_lowercase()).then_some(end + 2)
}

fn is_count(inner: &str) -> bool {
    let number = |text: &str| {
        let text = text.trim().trim_start_matches('~');
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/')
    };
    let labels = ["character count:", "characters:", "char count:", "length:"];
    if let Some(rest) = labels.iter().find_map(|label| inner.trim().strip_prefix(label)) {
        let rest = rest.trim();
        return number(rest.split(' ').next().unwrap_or_default());
    }
    let units = ["characters", "chars", "character"];
    units.iter().any(|unit| inner.trim().strip_suffix(unit).is_some_and(number))
}

/// `Sure! Here is your tweet:` as the first line.
fn greeting(text: &str) -> Option<Range<usize>> {
    let line = text.split('\n').next()?;
    if line.len() == text.len() || line.len() > 200 || !line.trim_end().ends_with(':') {
        return None;
    }
    let lower = line.trim_start().to_ascii_lowercase().replace('’', "'");
    let assents = ["sure", "certainly", "of course", "absolutely"];
    let assents = assents
        .iter()
        .any(|word| lower.strip_prefix(word).is_some_and(|rest| rest.starts_with(['!', ',', '.'])));
    let hands_over = ["here's", "here is", "here are"].iter().any(|word| lower.contains(word));
    let of_post = ["tweet", "post", "thread", "caption", "calendar"].iter();
    let names_it = of_post.clone().any(|word| lower.contains(word));
    let is_greeting = hands_over && (assents || (names_it && lower.starts_with("here")));
    let end = line.len() + blank_length(&text[line.len()..]);
    (is_greeting && end < text.len()).then_some(0..end)
}

/// `Let me know if you want more hashtags!` as the last paragraph.
fn offer(text: &str) -> Option<Range<usize>> {
    let start = text.trim_end().rfind('\n')? + 1;
    let lower = text[start..].to_ascii_lowercase();
    let offers = ["let me know if you", "would you like me to", "want me to", "i can also"];
    let about =
        ["tweet", "hashtag", "version", "adjust", "tweak", "change", "edit", "more ", "tone"];
    let is_offer = offers.iter().any(|offer| lower.starts_with(offer))
        && about.iter().any(|word| lower.contains(word));
    let start = text[..start].trim_end().len();
    (is_offer && start > 0).then_some(start..text.len())
}

/// References to what the model read.
fn sources(text: &str, edits: &mut Vec<Edit>) {
    for (start, _) in text.match_indices(":contentReference[oaicite:") {
        let Some(end) = text[start..].find('}') else { continue };
        edits.push(Edit::remove(start..start + end + 1));
    }
    for (start, _) in text.match_indices('【') {
        let Some(end) = text[start..].find('】').filter(|end| *end < 60) else { continue };
        if text[start..start + end].contains('†') {
            edits.push(Edit::remove(start..start + end + '】'.len_utf8()));
        }
    }
    let parameter = "utm_source=chatgpt.com";
    for (start, _) in text.match_indices(parameter) {
        let end = start + parameter.len();
        match (text[..start].chars().next_back(), text[end..].starts_with('&')) {
            (Some('?'), true) => edits.push(Edit::remove(start..end + 1)),
            (Some('?' | '&'), _) => edits.push(Edit::remove(start - 1..end)),
            _ => {}
        }
    }
}
