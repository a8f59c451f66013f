//! `$CASHTAGS`: one to six letters, and perhaps a short suffix.

use super::chars::{is_punctuation, is_space};
use super::entity::{Entity, EntityKind};

const MAX_NAME: usize = 6;
const MAX_SUFFIX: usize = 2;

/// The cashtags in a text.
pub(super) fn find(text: &str) -> Vec<Entity> {
    text.match_indices('$')
        .filter(|(start, _)| text[..*start].chars().next_back().is_none_or(|c| is(c, is_space)))
        .filter_map(|(start, _)| {
            let name = start + 1;
            let end = name + length(&text[name..])?;
            Some(Entity::tag(EntityKind::Cashtag, text, start, name, end))
        })
        .collect()
}

fn is(c: char, class: fn(u16) -> bool) -> bool {
    u16::try_from(u32::from(c)).is_ok_and(class)
}

fn letters(text: &str, max: usize) -> usize {
    text.chars().take(max).take_while(char::is_ascii_alphabetic).count()
}

/// The length of the name with its suffix, the longest that a boundary follows.
fn length(text: &str) -> Option<usize> {
    let name = letters(text, MAX_NAME);
    let suffix = match text.as_bytes().get(name) {
        Some(b'.' | b'_') => letters(&text[name + 1..], MAX_SUFFIX),
        _ => 0,
    };
    let lengths = (1..=suffix).rev().map(|suffix| name + 1 + suffix).chain([name]);
    if name == 0 { None } else { lengths.into_iter().find(|length| ends(&text[*length..])) }
}

fn ends(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| c == '\u{feff}' || is(c, is_space) || is(c, is_punctuation))
}
