//! Plain text and Markdown: a post per paragraph, or what stands between two rules; threads by their numbers.

use std::fmt::Write as _;

use super::limits::Limits;
use crate::error::ImportError;
use crate::format::Format;
use crate::table::{Column, Kind, RawTable};

/// The column of texts.
const CONTENT: u16 = 0;
/// The column of threads.
const THREAD: u16 = 1;

/// A post of the text: its lines, without blank ones around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block<'t> {
    line: u32,
    text: &'t str,
}

/// Reads posts from prose.
///
/// # Errors
/// [`ImportError::TooManyRows`].
pub(super) fn read(text: &str, table: &mut RawTable, limits: &Limits) -> Result<(), ImportError> {
    for name in ["content", "thread"] {
        table.columns.push(Column { name: name.to_owned() });
    }
    table.reserve(text.len(), 0);
    let headings = table.format == Format::Markdown;
    let mut rows = 0_u64;
    let mut thread: Vec<Block<'_>> = Vec::new();
    let mut posts = Posts { table, limits };
    for block in blocks(text, headings) {
        let number = thread_number(block.text);
        let goes_on = number.is_some_and(|(at, of)| {
            let last = thread.last().and_then(|last| thread_number(last.text));
            last.is_some_and(|(before, all)| at == before + 1 && all == of)
        });
        if goes_on {
            thread.push(block);
            continue;
        }
        rows += posts.end_thread(&mut thread);
        if number.is_some_and(|(at, _)| at == 1) {
            thread.push(block);
        } else {
            rows += posts.post(block);
        }
    }
    rows += posts.end_thread(&mut thread);
    if rows > limits.rows as u64 {
        return Err(ImportError::TooManyRows { rows, limit: limits.rows });
    }
    Ok(())
}

/// Returns whether a text is written in Markdown rather than plainly.
pub(super) fn is_markdown(text: &str) -> bool {
    text.lines().take(1_000).any(|line| heading(line).is_some() || is_rule(line))
}

struct Posts<'w> {
    table: &'w mut RawTable,
    limits: &'w Limits,
}

impl Posts<'_> {
    fn begin(&mut self, line: u32) -> bool {
        let has_room = self.table.len() < self.limits.rows;
        if has_room {
            self.table.begin_row(line);
        }
        has_room
    }

    /// Writes a post; returns how many rows that is.
    fn post(&mut self, block: Block<'_>) -> u64 {
        if self.begin(block.line) {
            self.cell(CONTENT, Kind::Text, block.text);
        }
        1
    }

    /// Writes the thread that ended; returns how many rows that is.
    fn end_thread(&mut self, thread: &mut Vec<Block<'_>>) -> u64 {
        let parts = std::mem::take(thread);
        let [first, .., _] = parts.as_slice() else {
            return parts.first().map_or(0, |only| self.post(*only));
        };
        if self.begin(first.line) {
            let mut json = String::from("[");
            for part in &parts {
                let comma = if json.len() > 1 { "," } else { "" };
                let text = serde_json::Value::from(part.text);
                write!(json, "{comma}{text}").expect("a string takes everything");
            }
            json.push(']');
            self.cell(THREAD, Kind::List, &json);
        }
        1
    }

    fn cell(&mut self, column: u16, kind: Kind, text: &str) {
        if text.len() > self.limits.cell_bytes {
            self.table.push(column, Kind::Broken, &self.limits.cell_message(text.len()));
        } else {
            self.table.push(column, kind, text);
        }
    }
}

/// Cuts a text at its rules, or where it has none at its blank lines. Headings of Markdown belong to no post.
fn blocks(text: &str, headings: bool) -> Vec<Block<'_>> {
    let by_rules = text.lines().any(is_rule);
    let mut blocks = Vec::new();
    let mut start = 0;
    let mut open: Option<(u32, usize, usize)> = None;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let end = start + line.len();
        let ends = is_rule(line) || (!by_rules && line.trim().is_empty());
        if ends || (headings && heading(line).is_some()) {
            blocks.extend(
                open.take().map(|(line, from, to)| Block { line, text: text[from..to].trim_end() }),
            );
        } else if !line.trim().is_empty() {
            let (first, from, _) = open.unwrap_or((number, start, end));
            open = Some((first, from, end));
        }
        start = end;
    }
    blocks.extend(open.map(|(line, from, to)| Block { line, text: text[from..to].trim_end() }));
    blocks
}

/// Whether a line is nothing but a rule: `---`, `***` or `===`.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let mut marks = line.chars();
    marks.next().is_some_and(|first| {
        matches!(first, '-' | '*' | '_' | '=' | '—') && marks.all(|mark| mark == first)
    }) && line.chars().count() >= 3
}

/// Returns the words of a heading of Markdown.
fn heading(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    let marks = line.len() - words.len();
    // A hashtag has no blank behind its mark.
    (1..=6).contains(&marks).then_some(words).filter(|words| words.starts_with(' ')).map(str::trim)
}

/// Returns the number of a part of a thread and of how many, where that is said: `1/`, `1/3`, `(1/3)`, at its
/// start or its end.
fn thread_number(text: &str) -> Option<(u32, Option<u32>)> {
    let first = text.split_whitespace().next()?;
    let last = text.split_whitespace().next_back()?;
    number_of(first).or_else(|| number_of(last))
}

fn number_of(word: &str) -> Option<(u32, Option<u32>)> {
    let word = word.trim_matches(['(', ')', '[', ']', '*', '.', ':', '🧵']);
    let (at, of) = word.split_once('/')?;
    let number = |text: &str| {
        let short = text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        short.then(|| text.parse::<u32>().ok()).flatten().filter(|number| *number > 0)
    };
    let at = number(at)?;
    match of {
        "" | "n" | "N" | "x" => Some((at, None)),
        of => number(of).filter(|of| at <= *of).map(|of| (at, Some(of))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_parts_are_told_from_dates_and_fractions() {
        for (text, number) in [
            ("1/ First", Some((1, None))),
            ("2/3 Second", Some((2, Some(3)))),
            ("(3/12) Third", Some((3, Some(12)))),
            ("The end. 4/4", Some((4, Some(4)))),
            ("1/n", Some((1, None))),
            ("24/7 open", None),
            ("03/2027 begins", None),
            ("and/or", None),
            ("1/2/3", None),
            ("/", None),
        ] {
            assert_eq!(thread_number(text), number, "{text}");
        }
    }

    #[test]
    fn rules_and_headings_are_told_from_hashtags_and_lists() {
        assert!(is_rule(" --- \n") && is_rule("*****") && !is_rule("--") && !is_rule("- - a"));
        assert_eq!(heading("## Monday"), Some("Monday"));
        assert_eq!(heading("#launch today"), None);
    }
}
