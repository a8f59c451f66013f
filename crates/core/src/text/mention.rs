//! `@mentions`, and `@name/list`.

use super::chars::is_latin_accent;
use super::entity::{Entity, EntityKind};

const MAX_NAME: usize = 20;
const MAX_LIST: usize = 25;

/// The mentions in a text.
pub(super) fn find(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut read = 0;
    for (start, sign) in text.match_indices(['@', '＠']) {
        let name = start + sign.len();
        let name_length = word_length(&text[name..], MAX_NAME, is_name);
        if name_length == 0 || !may_begin(&text[read..start], read == 0) {
            continue;
        }
        let name_end = name + name_length;
        read = name_end + list_length(&text[name_end..]);
        let after = &text[read..];
        let goes_on = after.starts_with("://")
            || after.starts_with(|c| {
                matches!(c, '@' | '＠') || u16::try_from(u32::from(c)).is_ok_and(is_latin_accent)
            });
        if !goes_on {
            found.push(Entity::tag(EntityKind::Mention, text, start, name, read));
        }
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// How many of the first `max` characters, all ASCII, are of the class.
fn word_length(text: &str, max: usize, class: impl Fn(char) -> bool) -> usize {
    text.chars().take(max).take_while(|c| class(*c)).count()
}

/// The length of a slash and a list's name.
fn list_length(after_name: &str) -> usize {
    match after_name.strip_prefix('/') {
        Some(list) if list.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            1 + word_length(list, MAX_LIST, |c| is_name(c) || c == '-')
        }
        _ => 0,
    }
}

/// Whether a mention may follow `before`: not inside a word, unless the word is "RT".
fn may_begin(before: &str, is_whole: bool) -> bool {
    let Some(last) = before.chars().next_back() else { return is_whole };
    let joins = |c: char| is_name(c) || "!#$%&*@＠".contains(c);
    !joins(last) || follows_retweet(before, is_whole)
}

fn follows_retweet(before: &str, is_whole: bool) -> bool {
    let bytes = before.as_bytes();
    let Some((front, sign)) = bytes.split_last_chunk::<2>() else { return false };
    if !sign.eq_ignore_ascii_case(b"rt") {
        return false;
    }
    match before[..front.len()].chars().next_back() {
        None => is_whole,
        Some(c) => !(is_name(c) || "+~.-".contains(c)),
    }
}
