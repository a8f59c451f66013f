//! Top level domains.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::text::chars::{is_ascii_alphanumeric, is_domain};

/// The list of `twitter-text` 3.1.0 (2020; 315 of countries, 1259 others), sorted. New domains
/// are missing on purpose: X counts by this list.
static LIST: &str = include_str!("tlds.txt");

static TLDS: LazyLock<HashSet<Box<[u16]>>> = LazyLock::new(|| {
    LIST.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .map(|tld| tld.encode_utf16().map(ignoring_case).collect())
        .collect()
});

/// The longest one of the list is `northwesternmutual`.
const LONGEST: usize = 18;

/// Where the top level domain that starts at `start` ends, if there is one.
pub(super) fn end(units: &[u16], start: usize) -> Option<usize> {
    listed(units, start).or_else(|| punycode(units, start))
}

/// The longest one counts; the list has none that hides a longer one.
fn listed(units: &[u16], start: usize) -> Option<usize> {
    let rest = &units[start..];
    let mut buffer = [0; LONGEST];
    let mut available = 0;
    for (folded, unit) in buffer.iter_mut().zip(rest.iter().take_while(|unit| is_domain(**unit))) {
        *folded = ignoring_case(*unit);
        available += 1;
    }
    (1..=available)
        .rev()
        .filter(|length| rest.get(*length).is_none_or(|after| may_follow(*after)))
        .find(|length| TLDS.contains(&buffer[..*length]))
        .map(|length| start + length)
}

fn may_follow(unit: u16) -> bool {
    !(is_ascii_alphanumeric(unit) || [b'@', b'+', b'-'].map(u16::from).contains(&unit))
}

fn punycode(units: &[u16], start: usize) -> Option<usize> {
    let prefix = units.get(start..start + 4)?;
    if !prefix.iter().zip(b"XN--").all(|(unit, byte)| ignoring_case(*unit) == u16::from(*byte)) {
        return None;
    }
    let rest = &units[start + 4..];
    let is_body = |unit: &&u16| is_ascii_alphanumeric(**unit) || **unit == u16::from(b'-');
    let length = rest.iter().take_while(is_body).count();
    (length > 0).then_some(start + 4 + length)
}

/// The form in which JavaScript compares when it ignores case: the capital letter, if it is one
/// code unit and does not turn a letter into an ASCII one.
fn ignoring_case(unit: u16) -> u16 {
    if unit < 0x80 {
        return u16::from((unit as u8).to_ascii_uppercase());
    }
    let Some(c) = char::from_u32(u32::from(unit)) else { return unit };
    let mut upper = c.to_uppercase();
    match (upper.next().map(u32::from).map(u16::try_from), upper.next()) {
        (Some(Ok(capital)), None) if capital >= 0x80 => capital,
        _ => unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_sorted() {
        let names: Vec<&str> = LIST
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .collect();
        assert_eq!(names.len(), 1574);
        assert!(names.is_sorted());
        assert_eq!(TLDS.len(), names.len());
        assert_eq!(names.iter().map(|name| name.encode_utf16().count()).max(), Some(LONGEST));
    }

    #[test]
    fn no_name_of_the_list_is_cut_short() {
        for name in
            LIST.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace)
        {
            let units: Vec<u16> = name.encode_utf16().collect();
            assert_eq!(end(&units, 0), Some(units.len()), "{name}");
        }
    }
}
