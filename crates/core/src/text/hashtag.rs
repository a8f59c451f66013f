//! `#hashtags`, in any script.
//!
//! The reference lists the letters, marks and digits of Unicode 7. We ask for the categories
//! instead: letters added since then link on X too.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::entity::{Entity, EntityKind};

/// The hashtags in a text.
pub(super) fn find(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut read = 0;
    for (start, sign) in text.match_indices(['#', '＃']) {
        let before = text[..start].chars().next_back();
        let is_free = match before {
            None => true,
            // What an earlier tag ended with can't be the boundary of the next one.
            Some(before) => start - before.len_utf8() >= read && is_boundary(before),
        };
        let name = start + sign.len();
        let rest = &text[name..];
        let length = rest.find(|c| !is_inner(c)).unwrap_or(rest.len());
        if !is_free
            || rest.starts_with(['\u{fe0f}', '\u{20e3}'])
            || !rest[..length].contains(is_letter)
        {
            continue;
        }
        read = name + length;
        let after = &text[read..];
        if !after.starts_with(['#', '＃']) && !after.starts_with("://") {
            found.push(Entity::tag(EntityKind::Hashtag, text, start, name, read));
        }
    }
    found
}

fn is_boundary(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}') || (c != '&' && !is_inner(c))
}

fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphabetic(),
        _ => matches!(
            c.general_category_group(),
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark
        ),
    }
}

fn is_inner(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric() || c == '_',
        '\u{200c}' | '\u{200d}' | '\u{a67e}' | '\u{5be}' | '\u{5f3}' | '\u{5f4}' | '\u{ff5e}'
        | '\u{301c}' | '\u{309b}' | '\u{309c}' | '\u{30a0}' | '\u{30fb}' | '\u{3003}'
        | '\u{f0b}' | '\u{f0c}' | '\u{b7}' => true,
        _ => is_letter(c) || c.general_category() == GeneralCategory::DecimalNumber,
    }
}
