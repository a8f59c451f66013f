//! The `tweets.js` of an archive that X hands out: what an account posted, with the ids that X gave.
//!
//! Its rows went out already: they have the id of the post on X, and no time at which they are to go out.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json;
use super::limits::Limits;
use crate::error::ImportError;
use crate::table::{Column, Kind, RawTable};

/// How the file begins, before the name of its part.
const START: &str = "window.YTD.";
/// The columns: the text, the id on X, and when it was posted.
const COLUMNS: [&str; 3] = ["content", "tweetId", "createdAt"];

/// A post of the archive; older archives have it without the object around.
#[derive(Debug, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    tweet: Option<Tweet<'a>>,
    #[serde(flatten, borrow)]
    bare: Tweet<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct Tweet<'a> {
    #[serde(borrow)]
    id_str: Option<Cow<'a, str>>,
    #[serde(borrow)]
    full_text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    created_at: Option<Cow<'a, str>>,
    #[serde(default)]
    entities: Entities,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entities {
    urls: Vec<Link>,
    media: Vec<Link>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Link {
    url: String,
    expanded_url: String,
}

/// Returns whether a text is a file of X's archive.
pub(super) fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with(START)
}

/// Reads the posts of the archive.
///
/// # Errors
/// [`ImportError`] where it is another part of the archive, no JSON, or has too many rows.
pub(super) fn read(text: &str, table: &mut RawTable, limits: &Limits) -> Result<(), ImportError> {
    let name = text.trim_start().strip_prefix(START).unwrap_or_default();
    let part = name.split(['.', ' ', '=']).next().unwrap_or_default();
    if !name.is_empty() && !matches!(part, "tweets" | "tweet") {
        return Err(ImportError::Unsupported {
            reason: format!(
                "The file is the part \"{}\" of X's archive, which holds no posts.",
                roost_core::failure::clip(part, 40)
            ),
            remedy: "Take data/tweets.js of the archive.".to_owned(),
        });
    }
    let start = if name.is_empty() { 0 } else { text.find('=').map_or(0, |at| at + 1) };
    let json = text[start..].trim_end().trim_end_matches(';');
    for name in COLUMNS {
        table.columns.push(Column { name: name.to_owned() });
    }
    let cells = json.len() / 60;
    table.reserve(json.len() / 4, cells);
    json::each_value(json, start, text, |line, value| row(table, limits, line, value))
}

fn row(table: &mut RawTable, limits: &Limits, line: u32, value: &str) -> Result<(), ImportError> {
    if table.len() == limits.rows {
        return Err(ImportError::TooManyRows { rows: limits.rows as u64 + 1, limit: limits.rows });
    }
    table.begin_row(line);
    let Ok(entry) = serde_json::from_str::<Entry<'_>>(value) else {
        let shape = serde_json::from_str::<&RawValue>(value).is_ok();
        let words =
            if shape { "The entry is no post of X's archive." } else { json::HALF_A_CHARACTER };
        table.push(0, Kind::Broken, words);
        return Ok(());
    };
    let tweet = entry.tweet.unwrap_or(entry.bare);
    let content = tweet.full_text.or(tweet.text).unwrap_or_default();
    let content = content_of(&content, &tweet.entities);
    if content.len() > limits.cell_bytes {
        table.push(0, Kind::Broken, &limits.cell_message(content.len()));
    } else if !content.is_empty() {
        table.push(0, Kind::Text, &content);
    }
    for (column, text) in [(1, tweet.id_str), (2, tweet.created_at)] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            table.push(column, Kind::Text, &text);
        }
    }
    Ok(())
}

/// Returns a text as a person wrote it: X's short links become the links behind them, those of images go, and
/// the three entities that X writes become the characters that they stand for.
fn content_of(text: &str, entities: &Entities) -> String {
    let mut content = text.to_owned();
    for link in
        entities.urls.iter().filter(|link| is_short(&link.url) && !link.expanded_url.is_empty())
    {
        content = content.replace(&link.url, &link.expanded_url);
    }
    for link in entities.media.iter().filter(|link| is_short(&link.url)) {
        content = content.replace(&link.url, "");
    }
    let content = content.trim_end();
    if !content.contains('&') {
        return content.to_owned();
    }
    content.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn is_short(url: &str) -> bool {
    url.starts_with("https://t.co/") || url.starts_with("http://t.co/")
}
