//! What a post has beside its text: media, a poll, the accounts that may reply.
//!
//! All of it is read and checked in form; no file is opened and no address asked.

use std::borrow::Cow;

use roost_core::failure::{Code, Problem, clip};
use roost_core::post::{MediaRef, MediaSource, Poll, ReplySettings};
use serde_json::Value;

use super::FieldCells;
use super::cells::FieldCell;
use super::value::{error, warn};
use crate::field::Field;
use crate::finding::Sink;
use crate::surroundings::{FindMedia, NamedMedia};
use crate::table::Kind;

/// How long a poll runs that does not say, in minutes: a day.
const POLL_MINUTES: u32 = 24 * 60;
/// What a path of media may end in.
const MEDIA_ENDINGS: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "heic", "avif", "bmp", "tif", "tiff", "mp4", "mov", "m4v",
    "webm",
];
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

/// Returns the media that a row names, with their descriptions, in its order. What is neither an address
/// nor a path is told.
pub(super) fn media(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Vec<MediaSource> {
    let sources: Vec<String> = cells.all(Field::Media).flat_map(|cell| items(cell, true)).collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let mut descriptions = descriptions(cells, sources.len()).into_iter();
    sources
        .into_iter()
        .map(|source| {
            check_source(&source, sink);
            MediaSource { source, alt_text: descriptions.next().filter(|it| !it.trim().is_empty()) }
        })
        .collect()
}

/// Returns the files that a row names when all of them are there already. One that can't be had is told.
pub(super) fn taken_in(
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

/// Returns the descriptions of `count` media: one a cell, or one cell for all of them.
fn descriptions(cells: &FieldCells<'_>, count: usize) -> Vec<String> {
    if count == 1 {
        return cells.first(Field::AltText).map(|cell| one_text(cell)).into_iter().collect();
    }
    cells.all(Field::AltText).flat_map(|cell| items(cell, false)).collect()
}

fn one_text(cell: FieldCell<'_>) -> String {
    match json_items(cell) {
        Some(items) => items.into_iter().next().unwrap_or_default(),
        None => cell.text.to_owned(),
    }
}

/// Returns the items of a cell: the elements of a list, else what stands between line breaks or bars;
/// addresses and paths between commas and semicolons too.
fn items(cell: FieldCell<'_>, has_commas: bool) -> Vec<String> {
    if let Some(items) = json_items(cell) {
        return items;
    }
    let text = cell.text;
    let between: &[char] = match has_commas {
        true if !text.contains(['\n', '|']) => &[',', ';'],
        _ => &['\n', '|'],
    };
    let pieces = text.split(between).map(str::trim).filter(|piece| !piece.is_empty());
    // A comma may stand in an address: what follows it there begins no other.
    let mut items: Vec<String> = Vec::new();
    for piece in pieces {
        match items.last_mut() {
            Some(last) if has_commas && !begins_source(piece) && last.contains("://") => {
                last.push(',');
                last.push_str(piece);
            }
            _ => items.push(piece.to_owned()),
        }
    }
    items
}

fn begins_source(piece: &str) -> bool {
    piece.contains("://")
        || piece.rsplit_once('.').is_some_and(|(_, ending)| {
            MEDIA_ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
        })
}

fn json_items(cell: FieldCell<'_>) -> Option<Vec<String>> {
    let is_json = matches!(cell.kind, Kind::List | Kind::Object)
        || (cell.kind == Kind::Text && cell.text.trim_start().starts_with('['));
    if !is_json {
        return None;
    }
    let item = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(fields) => {
            let names = ["source", "url", "path", "file", "src", "text", "label", "alt_text"];
            names.iter().find_map(|name| fields.get(*name)?.as_str()).map(str::to_owned)
        }
        _ => None,
    };
    match serde_json::from_str::<Value>(cell.text).ok()? {
        Value::Array(values) => Some(values.iter().filter_map(item).collect()),
        one @ Value::Object(_) => Some(item(&one).into_iter().collect()),
        _ => None,
    }
}

/// Returns the poll that a row asks.
pub(super) fn poll(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Option<Poll> {
    let cell = cells.first(Field::PollOptions)?;
    let whole = (cell.kind == Kind::Object).then(|| serde_json::from_str::<Value>(cell.text).ok());
    if let Some(Some(Value::Object(fields))) = whole {
        let list = ["options", "answers", "choices"].iter().find_map(|name| fields.get(*name));
        let listed = list.map(ToString::to_string).unwrap_or_default();
        let options = json_items(FieldCell { kind: Kind::List, text: &listed, ..cell });
        let minutes = ["duration_minutes", "durationMinutes", "duration", "minutes"]
            .iter()
            .find_map(|name| fields.get(*name))
            .and_then(Value::as_u64);
        let duration_minutes =
            minutes.map_or(POLL_MINUTES, |it| u32::try_from(it).unwrap_or(u32::MAX));
        return Some(Poll { options: options.unwrap_or_default(), duration_minutes });
    }
    let options = if cells.has_several(Field::PollOptions) {
        cells.all(Field::PollOptions).map(|cell| cell.text.trim().to_owned()).collect()
    } else {
        answers(cell)
    };
    let duration_minutes = match cells.first(Field::PollDuration) {
        Some(cell) => minutes(cell.text).unwrap_or_else(|| {
            error(sink, Code::PollInvalid, || {
                let message = format!("\"{}\" is no span of time.", clip(cell.text.trim(), 40));
                Problem::new(Code::PollInvalid, message)
                    .in_field("pollDuration")
                    .with_remedy("Write minutes, such as 1440, or 1 day.")
            });
            POLL_MINUTES
        }),
        None => POLL_MINUTES,
    };
    Some(Poll { options, duration_minutes })
}

/// Returns the answers of a cell, between the first of these that it has: line breaks, bars,
/// semicolons, commas.
fn answers(cell: FieldCell<'_>) -> Vec<String> {
    if let Some(items) = json_items(cell) {
        return items;
    }
    let between = ['\n', '|', ';', ','].into_iter().find(|it| cell.text.contains(*it));
    let between = between.unwrap_or('\n');
    let pieces = cell.text.split(between).map(str::trim).filter(|piece| !piece.is_empty());
    pieces.map(str::to_owned).collect()
}

/// Returns the minutes of a span: `1440`, `1440.0` of JSON, `1 day`, `24h`, `7 days`, `90 min`.
fn minutes(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    if let Ok(number) = text.parse::<f64>()
        && number.fract() == 0.0
        && (0.0..=f64::from(u32::MAX)).contains(&number)
    {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it fits")]
        return Some(number as u32);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "" | "m" | "min" | "mins" | "minute" | "minutes" => 1,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60,
        "d" | "day" | "days" => 24 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// Returns which accounts may reply; `None` for all.
pub(super) fn reply_settings(
    cells: &FieldCells<'_>,
    sink: &mut impl Sink,
) -> Option<ReplySettings> {
    let cell = cells.first(Field::ReplySettings)?;
    let word: String =
        cell.text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "" | "everyone" | "all" | "public" | "anyone" => None,
        "following" | "peopleyoufollow" | "accountsyoufollow" | "followed" => {
            Some(ReplySettings::Following)
        }
        "mentionedusers"
        | "mentioned"
        | "mentions"
        | "onlypeopleyoumention"
        | "onlyaccountsyoumention" => Some(ReplySettings::MentionedUsers),
        "subscribers" | "subscriber" => Some(ReplySettings::Subscribers),
        "verified" | "verifiedaccounts" => Some(ReplySettings::Verified),
        _ => {
            error(sink, Code::WrongType, || {
                let message = format!("\"{}\" says not who may reply.", clip(cell.text.trim(), 40));
                Problem::new(Code::WrongType, message).in_field("replySettings").with_remedy(
                    "Write everyone, following, mentioned_users, subscribers or verified.",
                )
            });
            None
        }
    }
}

/// Returns the tags of a row, each once; the elements of a list, else what stands between commas,
/// semicolons and line breaks.
pub(super) fn tags(cells: &FieldCells<'_>, sink: &mut impl Sink) -> Option<Vec<String>> {
    let mut distinct: Vec<String> = Vec::new();
    for cell in cells.all(Field::Tags) {
        let tags: Vec<Cow<'_, str>> = match cell.as_list("tags", sink)? {
            Some(tags) => tags,
            None if cell.is_typed => {
                cell.not_a_list("tags", sink);
                return None;
            }
            None => cell
                .as_text("tags", sink)?
                .split([',', ';', '\n'])
                .map(str::trim)
                .filter(|tag| !tag.is_empty())
                .map(Cow::Borrowed)
                .collect(),
        };
        for tag in tags {
            let tag = tag.trim();
            if !distinct.iter().any(|known| known == tag) {
                distinct.push(tag.to_owned());
            }
        }
    }
    Some(distinct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_in_the_unit_that_it_names() {
        for (text, read) in [
            ("1440", Some(1_440)),
            ("1440.0", Some(1_440)),
            ("1.44e3", Some(1_440)),
            ("1440.5", None),
            ("1 day", Some(1_440)),
            ("24h", Some(1_440)),
            ("7 Days", Some(10_080)),
            ("90 min", Some(90)),
            ("soon", None),
            ("", None),
            ("99999999 weeks", None),
        ] {
            assert_eq!(minutes(text), read, "{text}");
        }
    }

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
