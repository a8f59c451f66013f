//! What follows a domain: port, path, query.

use crate::text::chars::{is_path, is_path_end, is_query, is_query_end};

/// What follows a domain.
pub(super) struct Tail {
    pub(super) end: usize,
    pub(super) has_path: bool,
}

/// Reads port, path and query at `start`, each of which may be absent.
pub(super) fn tail(units: &[u16], start: usize) -> Tail {
    let mut end = start + port(&units[start..]);
    let has_path = is(units, end, b'/');
    if has_path {
        end = path_end(units, end + 1);
    }
    Tail { end: query_end(units, end), has_path }
}

fn is(units: &[u16], index: usize, byte: u8) -> bool {
    units.get(index) == Some(&u16::from(byte))
}

fn run(units: &[u16], start: usize, class: fn(u16) -> bool) -> usize {
    start + units[start..].iter().take_while(|unit| class(**unit)).count()
}

/// The length of a colon and digits.
fn port(rest: &[u16]) -> usize {
    if !is(rest, 0, b':') {
        return 0;
    }
    match run(rest, 1, |unit| (0x30..=0x39).contains(&unit)) {
        1 => 0,
        end => end,
    }
}

/// A path is runs of characters and groups in parentheses. It ends after the last character
/// outside of parentheses that may end one, or after the groups that follow directly.
fn path_end(units: &[u16], start: usize) -> usize {
    let mut end = last_ending(units, start).unwrap_or(start);
    while let Some(after) = group_end(units, end) {
        end = after;
    }
    end
}

fn last_ending(units: &[u16], start: usize) -> Option<usize> {
    let mut last = None;
    let mut index = start;
    loop {
        let run_end = run(units, index, is_path);
        let ending = units[index..run_end].iter().rposition(|unit| is_path_end(*unit));
        last = ending.map(|position| index + position + 1).or(last);
        match group_end(units, run_end) {
            Some(after) => index = after,
            None => return last,
        }
    }
}

/// Where the group in parentheses at `start` ends; inside there may be one more group, no deeper.
fn group_end(units: &[u16], start: usize) -> Option<usize> {
    if !is(units, start, b'(') {
        return None;
    }
    let mut index = run(units, start + 1, is_path);
    if is(units, index, b'(') {
        let inner = run(units, index + 1, is_path);
        if inner == index + 1 || !is(units, inner, b')') {
            return None;
        }
        index = run(units, inner + 1, is_path);
    } else if index == start + 1 {
        return None;
    }
    is(units, index, b')').then_some(index + 1)
}

/// Where the query at `start` ends; `start` itself when there is none.
pub(super) fn query_end(units: &[u16], start: usize) -> usize {
    if !is(units, start, b'?') {
        return start;
    }
    let run_end = run(units, start + 1, is_query);
    let ending = units[start + 1..run_end].iter().rposition(|unit| is_query_end(*unit));
    ending.map_or(start, |position| start + 1 + position + 1)
}
