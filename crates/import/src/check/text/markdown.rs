//! Markdown: bold text, headings, links, code fences.

use super::edit::{Edit, in_order};

/// Characters between two marks; what lies further apart is no pair.
const PAIR_MAX: usize = 300;

/// Returns Markdown's marks with what stands for them in plain text. Single stars and underscores,
/// which people use in plain text too, count only beside a sure mark.
pub(super) fn find(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    lines(text, &mut edits);
    links(text, &mut edits);
    for mark in ["**", "~~", "__"] {
        pairs(text, mark, &mut edits);
    }
    if edits.is_empty() {
        return edits;
    }
    let mut all = in_order(edits);
    let mut single = Vec::new();
    pairs(text, "_", &mut single);
    pairs(text, "*", &mut single);
    let is_free = |edit: &Edit| {
        all.iter().all(|it| it.range.end <= edit.range.start || edit.range.end <= it.range.start)
    };
    // A pair stays or goes together.
    let free: Vec<Edit> =
        single.chunks(2).filter(|pair| pair.iter().all(is_free)).flatten().cloned().collect();
    all.extend(free);
    in_order(all)
}

/// Headings and fences.
fn lines(text: &str, edits: &mut Vec<Edit>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let signs = line.bytes().take_while(|byte| *byte == b'#').count();
        if (1..=6).contains(&signs)
            && line[signs..].starts_with(' ')
            && !line[signs..].trim().is_empty()
        {
            edits.push(Edit::remove(start..start + signs + 1));
        }
        if line.starts_with("```") {
            edits.push(Edit::remove(start..start + line.len()));
        }
        start += line.len();
    }
}

/// `[words](https://…)` becomes the words and the address.
fn links(text: &str, edits: &mut Vec<Edit>) {
    let mut read = 0;
    for (middle, _) in text.match_indices("](") {
        let address = &text[middle + 2..];
        let Some(length) = address.find([')', ' ', '\n']) else { continue };
        let open = text[read..middle].rfind('[').map(|at| read + at);
        let (Some(open), true) = (open, address[length..].starts_with(')')) else { continue };
        let address = &address[..length];
        if !["http://", "https://", "www."].iter().any(|begin| address.starts_with(begin)) {
            continue;
        }
        let start = if text[..open].ends_with('!') { open - 1 } else { open };
        let words = &text[open + 1..middle];
        read = middle + 2 + length + 1;
        let gap = if text[read..].starts_with(['.', ',', ';', '!', '?', ':']) { " " } else { "" };
        edits.push(Edit::remove(start..open + 1));
        let with = match words.trim() {
            words if words == address => gap.to_owned(),
            "" => format!("{address}{gap}"),
            _ => format!(" {address}{gap}"),
        };
        edits.push(Edit::new(middle..read, with));
    }
}

/// Pairs of a mark around words, as two edits each.
fn pairs(text: &str, mark: &str, edits: &mut Vec<Edit>) {
    let mut read = 0;
    while let Some(found) = text[read..].find(mark) {
        let open = read + found;
        let inner = open + mark.len();
        match close(text, mark, open).filter(|_| opens(text, mark, open)) {
            Some(close) => {
                edits.push(Edit::remove(open..inner));
                edits.push(Edit::remove(close..close + mark.len()));
                read = close + mark.len();
            }
            None => read = inner,
        }
    }
}

/// Whether a mark stands before a word and not inside one or an address.
fn opens(text: &str, mark: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + mark.len()..].chars().next();
    let is_word =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '@' | '#' | '/' | '_');
    let starts_word = match mark {
        "**" | "~~" => true,
        _ => before.is_none_or(|letter| !is_word(letter) && letter != '*'),
    };
    let start = text[..at].rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    let in_address = text[..at].get(start..).is_some_and(|word| word.contains("://"));
    starts_word
        && !in_address
        && after.is_some_and(|letter| !letter.is_whitespace() && !mark.starts_with(letter))
}

/// Where the mark that closes the pair stands.
fn close(text: &str, mark: &str, open: usize) -> Option<usize> {
    let inner = open + mark.len();
    let line = text[inner..].find('\n').map_or(text.len(), |end| inner + end);
    let mut from = inner;
    while let Some(found) = text[from..line].find(mark) {
        let at = from + found;
        let words = &text[inner..at];
        if words.len() > PAIR_MAX {
            return None;
        }
        let after = text[at + mark.len()..].chars().next();
        let ends_word = match mark {
            "**" | "~~" => true,
            _ => after.is_none_or(|letter| !letter.is_alphanumeric() && !mark.starts_with(letter)),
        };
        // `__init__` is a name of Python.
        let is_name =
            mark == "__" && words.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_name && ends_word {
            return None;
        }
        if !words.is_empty()
            && !words.ends_with(char::is_whitespace)
            && words.contains(char::is_alphanumeric)
            && ends_word
        {
            return Some(at);
        }
        from = at + mark.len();
    }
    None
}
