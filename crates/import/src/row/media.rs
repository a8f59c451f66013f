//! The files that a row names, with what they show: for one text, or for each part of a thread.
//!
//! They are read and checked in form; no file is opened and no address asked.

use std::borrow::Cow;

use roost_core::failure::{Code, Problem, clip};
use roost_core::post::{Content, MediaRef, MediaSource};

use super::FieldCells;
use super::cells::FieldCell;
use super::items::{MEDIA_ENDINGS, items, listed, of_parts};
use super::value::{error, warn};
use crate::field::Field;
use crate::finding::Sink;
use crate::surroundings::{FindMedia, NamedMedia};

/// Longer ones are no addresses and no paths.
const SOURCE_BYTES_MAX: usize = 4_096;

/// Characters that a source may have in the published schema: whatever they are, it is no longer than
/// [`SOURCE_BYTES_MAX`].
pub(crate) const MEDIA_CHARS_MAX: usize = SOURCE_BYTES_MAX / char::MAX.len_utf8();

/// Returns the addresses and paths that are media, as a pattern of the published schema: [`check_source`]
/// takes all that it matches.
pub(crate) fn media_pattern() -> String {
    let either = |letter: char| match letter.is_ascii_alphabetic() {
        true => format!("[{letter}{}]", letter.to_ascii_uppercase()),
        false => letter.to_string(),
    };
    let endings: Vec<String> =
        MEDIA_ENDINGS.iter().map(|ending| ending.chars().map(either).collect()).collect();
    format!(r"^(https?://\S+|[^:\s]+\.({}))$", endings.join("|"))
}

/// Returns the media that a row names, with their descriptions, in its order: a list for each part, as far as
/// parts have any. What is neither an address nor a path is told.
pub(super) fn media<'t>(cells: &FieldCells<'t>, sink: &mut impl Sink) -> Vec<Vec<MediaSource>> {
    let mut parts: Vec<Vec<String>> = Vec::new();
    for cell in cells.all(Field::Media) {
        for (at, text) in of_parts(cell).into_iter().enumerate() {
            parts.resize_with(parts.len().max(at + 1), Vec::new);
            parts[at].extend(items(of_cell(cell, &text), true));
        }
    }
    while parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    if parts.is_empty() {
        return Vec::new();
    }
    // A line of dashes may stand in a description; it ends one where files of several parts are named.
    let of_parts = |cell: FieldCell<'t>| match parts.len() {
        1 => vec![Cow::Borrowed(cell.text)],
        _ => of_parts(cell),
    };
    let described: Vec<_> = cells.all(Field::AltText).map(|cell| (cell, of_parts(cell))).collect();
    let mut named = |(at, sources): (usize, Vec<String>)| {
        let mut descriptions = descriptions(&described, at, sources.len()).into_iter();
        let of_part = sources.into_iter().map(|source| {
            check_source(&source, sink);
            MediaSource { source, alt_text: descriptions.next().filter(|it| !it.trim().is_empty()) }
        });
        of_part.collect()
    };
    parts.into_iter().enumerate().map(&mut named).collect()
}

/// Gives the parts of a post the files that a row names for them. Where all of a part are there already, the
/// part has them; one that can't be had is told, and so are files of a part that there is not.
pub(super) fn attach(
    content: &mut Content,
    media: Vec<Vec<MediaSource>>,
    files: &dyn FindMedia,
    sink: &mut impl Sink,
) {
    let (named, has) = (media.len(), content.parts.len());
    if named > has && has > 0 {
        error(sink, Code::MediaReference, || {
            let message =
                format!("The row names files for {named} parts of a thread, and there are {has}.");
            Problem::new(Code::MediaReference, message).in_field("media")
        });
    }
    for (part, media) in content.parts.iter_mut().zip(media) {
        match taken_in(&media, files, sink) {
            Some(taken) => part.media = taken,
            None => part.media_sources = media,
        }
    }
}

/// Returns the files that a part names when all of them are there already. One that can't be had is told.
fn taken_in(
    named: &[MediaSource],
    files: &dyn FindMedia,
    sink: &mut impl Sink,
) -> Option<Vec<MediaRef>> {
    let mut taken = Vec::with_capacity(named.len());
    for MediaSource { source, alt_text } in named {
        match files.find(source) {
            Some(NamedMedia::Here(media)) => {
                taken.push(MediaRef { alt_text: alt_text.clone(), ..media });
            }
            Some(NamedMedia::Refused(why)) => warn(sink, Code::MediaNotFetched, || {
                let why = why.trim_end_matches('.');
                let message = format!("\"{}\" was not taken in: {why}.", clip(source, 60));
                Problem::new(Code::MediaNotFetched, message).in_field("media")
            }),
            None => {}
        }
    }
    (taken.len() == named.len()).then_some(taken)
}

fn check_source(source: &str, sink: &mut impl Sink) {
    let is_address = source.starts_with("https://") || source.starts_with("http://");
    let ending = source.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let is_path = !source.contains("://")
        && ending.is_some_and(|ending| MEDIA_ENDINGS.contains(&ending.as_str()));
    if source.len() > SOURCE_BYTES_MAX
        || source.chars().any(char::is_control)
        || !(is_address || is_path)
    {
        error(sink, Code::MediaReference, || {
            let message = format!(
                "\"{}\" is no address and no path of an image or a video.",
                clip(source, 60)
            );
            Problem::new(Code::MediaReference, message).in_field("media")
        });
    } else if is_path && leaves_folder(source) {
        warn(sink, Code::MediaOutside, || {
            let message = format!("\"{}\" lies outside the file's folder.", clip(source, 60));
            Problem::new(Code::MediaOutside, message).in_field("media")
        });
    }
}

/// Returns whether a path is absolute or goes up.
fn leaves_folder(path: &str) -> bool {
    let has_drive = path.as_bytes().get(1) == Some(&b':');
    path.starts_with(['/', '\\', '~'])
        || has_drive
        || path.split(['/', '\\']).any(|step| step == "..")
}

/// Returns the descriptions of the `count` media of a part: one a cell, or one cell for all of them.
fn descriptions(
    described: &[(FieldCell<'_>, Vec<Cow<'_, str>>)],
    part: usize,
    count: usize,
) -> Vec<String> {
    let mut of_part = described
        .iter()
        .filter_map(|(cell, parts)| parts.get(part).map(|text| of_cell(*cell, text)));
    if count == 1 {
        return of_part.next().map(one_text).into_iter().collect();
    }
    of_part.flat_map(|cell| items(cell, false)).collect()
}

/// Returns what of a cell is meant for one part.
fn of_cell<'t>(cell: FieldCell<'_>, text: &'t str) -> FieldCell<'t> {
    FieldCell { column: cell.column, kind: cell.kind, text, is_typed: cell.is_typed }
}

fn one_text(cell: FieldCell<'_>) -> String {
    match listed(cell) {
        Some(items) => items.into_iter().next().unwrap_or_default(),
        None => cell.text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_the_folder_of_its_file_is_seen() {
        for path in ["/etc/a.png", "../a.png", "a/../../b.png", "~/a.png", "C:\\a.png"] {
            assert!(leaves_folder(path), "{path}");
        }
        for path in ["a.png", "images/a.png", "a..b.png"] {
            assert!(!leaves_folder(path), "{path}");
        }
    }
}
