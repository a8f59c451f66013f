//! JSON in the forms in which people keep posts.

pub(super) mod fence;
mod json_lines;
mod lenient;
mod list;
mod rows;
mod start;
mod syntax;
mod text;
mod walk;

use std::ops::Range;

use roost_core::failure::{Code, Problem, clip};

pub(super) use self::rows::HALF_A_CHARACTER;
use self::rows::RowWriter;
pub(super) use self::start::begins;
use self::walk::{Value, Walk};
use super::limits::Limits;
use super::lines::{LineCounter, line_at};
use crate::error::ImportError;
use crate::fault::Shape;
use crate::format::Format;
use crate::table::RawTable;

/// Characters of a field's name that a message repeats.
const NAME_CHARACTERS_MAX: usize = 40;
/// Bytes that a cell takes in JSON at least, with its name: `"a":1,`.
const CELL_BYTES_MIN: usize = 6;

/// How JSON is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonOptions<'o> {
    /// The list that a person chose where a file has several.
    pub(super) list: Option<&'o str>,
    /// How much is read.
    pub(super) limits: &'o Limits,
}

/// Reads a text that begins with a bracket. `as_lines` says that its name is one of JSON Lines.
///
/// # Errors
/// [`ImportError`] where it is no JSON, of another shape, or larger than the limits.
pub(super) fn read(
    text: &str,
    as_lines: bool,
    table: &mut RawTable,
    options: JsonOptions<'_>,
) -> Result<(), ImportError> {
    let checked = syntax::check(text);
    let one_line = text.trim().lines().nth(1).is_none() && text.trim_start().starts_with('{');
    if checked.is_ok() && !(as_lines && one_line) {
        table.format = Format::Json;
        return document(text, 0, table, options);
    }
    if as_lines || json_lines::looks_like(text) {
        table.format = Format::JsonLines;
        return json_lines::read(text, table, options.limits);
    }
    let Some(clean) = lenient::clean(text) else {
        return checked;
    };
    syntax::check(&clean)?;
    table.notes.push(cleaned());
    document(&clean, 0, table, options)
}

/// Returns whether JSON stands inside of a larger text.
pub(super) fn holds_some(text: &str) -> bool {
    !places(text).is_empty()
}

/// Returns where in a larger text JSON stands: its fenced blocks, or what is between its words.
fn places(text: &str) -> Vec<Range<usize>> {
    let json = |block: &fence::Block<'_>| begins(block.body);
    let blocks = fence::blocks(text).into_iter().filter(json);
    let places: Vec<_> = blocks.map(|block| block.place).collect();
    if !places.is_empty() {
        return places;
    }
    let sound = |text: &str| syntax::check(text).is_ok();
    let between = fence::between_words(text).filter(|place| {
        let inside = &text[place.clone()];
        begins(inside)
            && (sound(inside) || lenient::clean(inside).is_some_and(|clean| sound(&clean)))
    });
    between.into_iter().collect()
}

/// Reads the JSON that stands inside of a larger text; `None` where there is none.
pub(super) fn read_within(
    text: &str,
    table: &mut RawTable,
    options: JsonOptions<'_>,
) -> Option<Result<(), ImportError>> {
    let places = places(text);
    if places.is_empty() {
        return None;
    }
    for place in places {
        let before = line_at(text.as_bytes(), place.start) - 1;
        let inside = &text[place.clone()];
        table.notes.push(taken(before + 1, line_at(text.as_bytes(), place.end.saturating_sub(1))));
        if let Err(error) = part(inside, before, table, options) {
            return Some(Err(error.moved_down(before)));
        }
    }
    Some(Ok(()))
}

fn part(
    text: &str,
    lines_before: u32,
    table: &mut RawTable,
    options: JsonOptions<'_>,
) -> Result<(), ImportError> {
    let Err(error) = syntax::check(text) else {
        return document(text, lines_before, table, options);
    };
    let clean = lenient::clean(text).ok_or(error)?;
    syntax::check(&clean)?;
    table.notes.push(cleaned());
    document(&clean, lines_before, table, options)
}

/// Calls `visit` with each value of the list `json`, which begins at the byte `start` of `text`, and with the
/// line on which it stands.
///
/// # Errors
/// [`ImportError`] where it is no list, and what `visit` answers.
pub(super) fn each_value(
    json: &str,
    start: usize,
    text: &str,
    mut visit: impl FnMut(u32, &str) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let before = line_at(text.as_bytes(), start) - 1;
    syntax::check(json).map_err(|error| error.moved_down(before))?;
    let mut walk = Walk::new(json, 0, 0);
    let shape = walk.shape();
    if shape != Shape::List {
        return Err(ImportError::WrongShape {
            reason: format!("The file holds {}; an archive is a list of posts.", shape.words()),
            field: None,
            remedy: "Take data/tweets.js of the archive.".to_owned(),
        });
    }
    let mut lines = LineCounter::new(json);
    walk.enter();
    while walk.next() {
        let line = before + lines.line(walk.place());
        let value = walk.value().map_err(|error| error.moved_down(before))?;
        visit(line, value.raw)?;
    }
    Ok(())
}

fn cleaned() -> Problem {
    let message =
        "JSON has no comments and no comma before a closing bracket; Roost left them out.";
    Problem::new(Code::SourceRepaired, message)
}

fn taken(first: u32, last: u32) -> Problem {
    let message =
        format!("The posts were taken from lines {first} to {last}; the text around is left out.");
    Problem::new(Code::SourceRepaired, message)
}

/// Reads a text that is sound JSON; `lines_before` lines stand before it in the file.
fn document(
    text: &str,
    lines_before: u32,
    table: &mut RawTable,
    options: JsonOptions<'_>,
) -> Result<(), ImportError> {
    let found = list::find(text, options.list, &mut table.reading)?;
    let colons = memchr::memchr_iter(b':', text.as_bytes()).count();
    table.reserve(text.len(), colons.min(text.len() / CELL_BYTES_MIN));
    for (name, value) in &found.members {
        file_member(table, name, value);
    }
    table.notes.extend(found.note);
    let mut walk = Walk::new(text, found.at, found.depth);
    RowWriter::new(text, lines_before, table, options.limits).list(&mut walk)
}

/// Takes what the file says of all its rows.
fn file_member(table: &mut RawTable, name: &str, value: &Value<'_>) {
    let key: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let place = match key.as_str() {
        "timezone" | "tz" | "zone" => &mut table.defaults.timezone,
        "account" | "handle" | "username" => &mut table.defaults.account,
        "plan" => &mut table.defaults.plan,
        _ if name == "$schema" => return,
        _ => {
            let shown = clip(name, NAME_CHARACTERS_MAX);
            let message = format!("The file's field \"{shown}\" is left out.");
            let remedy = "The file may have timezone, account, plan and posts.";
            let problem = Problem::new(Code::UnknownField, message).with_remedy(remedy);
            table.notes.push(problem.in_field(shown));
            return;
        }
    };
    let mut text = String::new();
    match value.shape {
        Shape::Text if text::unescape(value.inner(), &mut text).is_ok() => {
            let first = place.get_or_insert_with(|| text.clone());
            if *first != text {
                let (shown, first) =
                    (clip(name, NAME_CHARACTERS_MAX), clip(first, NAME_CHARACTERS_MAX));
                let message =
                    format!("\"{shown}\" is named twice; \"{first}\" holds for all rows.");
                table.notes.push(Problem::new(Code::RepeatedField, message).in_field(shown));
            }
        }
        Shape::Null => {}
        shape => {
            let (shown, words) = (clip(name, NAME_CHARACTERS_MAX), shape.words());
            let message =
                format!("The file's field \"{shown}\" holds {words}; a text is expected.");
            table.notes.push(Problem::new(Code::WrongType, message).in_field(shown));
        }
    }
}
