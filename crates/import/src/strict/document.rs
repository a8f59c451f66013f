//! The outermost shape of a file: a list of posts, or an object that holds one.
//!
//! Values are cut out as they stand in the text and read later, so that each row knows its line
//! and one bad row spoils no other.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::ImportError;
use super::fields::{kind, nearest};
use super::syntax;

/// Fields that one object may have before the rest is no longer looked at.
const MEMBERS_MAX: usize = 64;
/// What people call the list of posts.
const POSTS_ALIASES: &[&str] = &["tweets", "items", "data", "rows", "entries", "queue", "schedule"];

/// A file whose outermost shape is right.
#[derive(Debug)]
pub(super) struct Document<'t> {
    /// Fields of the file beside the posts: `timezone`, `account`, and what should not be there.
    pub(super) members: FileMembers<'t>,
    /// The rows as they stand in the text.
    pub(super) rows: Vec<RawRow<'t>>,
}

/// A row as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawRow<'t> {
    /// Its place in the file, from 1.
    pub(super) number: u32,
    /// The line on which it begins, from 1.
    pub(super) line: u32,
    /// The value.
    pub(super) value: &'t RawValue,
}

/// The fields of an object as they stand in the text; at most [`MEMBERS_MAX`].
pub(super) struct Members<'t>(pub(super) Vec<(String, &'t RawValue)>);

/// Fields of the file beside the posts, as they stand in the text.
type FileMembers<'t> = Vec<(String, &'t RawValue)>;

/// The elements of a list as they stand in the text: all are counted, the first ones kept.
struct Elements<'t> {
    kept: Vec<&'t RawValue>,
    total: u64,
}

/// Cuts a file into rows.
pub(super) fn read(text: &str, max_rows: usize) -> Result<Document<'_>, ImportError> {
    let whole = syntax::check(text)?;
    let (mut members, posts) = match whole.get().as_bytes().first() {
        Some(b'[') => (Vec::new(), whole),
        Some(b'{') => split_posts(whole)?,
        _ => {
            let reason = format!("The file holds {}; an import is a list of posts.", kind(whole));
            return Err(wrong_shape(reason, None, None));
        }
    };
    members.retain(|(name, _)| name != "$schema");
    let elements = elements(posts, max_rows)?;
    Ok(Document { members, rows: number_rows(text, elements) })
}

/// Takes the list of posts out of the fields of the file.
fn split_posts(whole: &RawValue) -> Result<(FileMembers<'_>, &RawValue), ImportError> {
    let Ok(Members(mut members)) = serde_json::from_str::<Members<'_>>(whole.get()) else {
        let reason = "A field of the file has a name with a broken \\u escape.".to_owned();
        return Err(wrong_shape(reason, None, Some("Correct the name.".to_owned())));
    };
    let Some(at) = members.iter().position(|(name, _)| name == "posts") else {
        return Err(without_posts(&members));
    };
    let (_, posts) = members.remove(at);
    if members.iter().any(|(name, _)| name == "posts") {
        let reason = "The field \"posts\" is there twice.".to_owned();
        let remedy = "Put all posts into one list.".to_owned();
        return Err(wrong_shape(reason, Some("posts"), Some(remedy)));
    }
    if posts.get().starts_with('[') {
        return Ok((members, posts));
    }
    let reason = format!("The field \"posts\" holds {}; a list is expected.", kind(posts));
    Err(wrong_shape(reason, Some("posts"), None))
}

fn without_posts(members: &[(String, &RawValue)]) -> ImportError {
    let reason = "The file is an object without the field \"posts\".".to_owned();
    if members.iter().any(|(name, _)| name == "content" || name == "thread") {
        let remedy = "It looks like a single post: put it into a list, [ … ].".to_owned();
        return wrong_shape(reason, Some("posts"), Some(remedy));
    }
    let meant =
        members.iter().find(|(name, _)| nearest(name, &[("posts", POSTS_ALIASES)]).is_some()).map(
            |(name, _)| format!("Rename \"{}\" to \"posts\".", roost_core::failure::clip(name, 40)),
        );
    wrong_shape(reason, Some("posts"), meant)
}

fn wrong_shape(reason: String, field: Option<&str>, remedy: Option<String>) -> ImportError {
    let usual = roost_core::failure::Code::FileWrongShape.remedy();
    ImportError::WrongShape {
        reason,
        field: field.map(str::to_owned),
        remedy: remedy.unwrap_or_else(|| usual.to_owned()),
    }
}

fn elements(posts: &RawValue, limit: usize) -> Result<Vec<&RawValue>, ImportError> {
    let mut deserializer = serde_json::Deserializer::from_str(posts.get());
    let elements = deserializer
        .deserialize_seq(ElementsVisitor { limit, life: PhantomData })
        .map_err(|error| wrong_shape(format!("The list of posts: {error}."), None, None))?;
    if elements.total > limit as u64 {
        return Err(ImportError::TooManyRows { rows: elements.total, limit });
    }
    Ok(elements.kept)
}

fn number_rows<'t>(text: &'t str, elements: Vec<&'t RawValue>) -> Vec<RawRow<'t>> {
    let (mut counted, mut line) = (0, 1);
    (1..)
        .zip(elements)
        .map(|(number, value)| {
            // A raw value is a slice of the text: the distance of their starts is its place.
            let start = value.get().as_ptr().addr() - text.as_ptr().addr();
            line += syntax::line_at(&text.as_bytes()[counted..], start - counted) - 1;
            counted = start;
            RawRow { number, line, value }
        })
        .collect()
}

struct ElementsVisitor<'t> {
    limit: usize,
    life: PhantomData<&'t ()>,
}

impl<'t> Visitor<'t> for ElementsVisitor<'t> {
    type Value = Elements<'t>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of posts")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Elements { kept: Vec::new(), total: 0 };
        while elements.kept.len() < self.limit
            && let Some(element) = list.next_element()?
        {
            elements.kept.push(element);
        }
        elements.total = elements.kept.len() as u64;
        while list.next_element::<IgnoredAny>()?.is_some() {
            elements.total += 1;
        }
        Ok(elements)
    }
}

struct MembersVisitor;

impl<'t> Visitor<'t> for MembersVisitor {
    type Value = Members<'t>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
        let mut members = Vec::new();
        while members.len() < MEMBERS_MAX
            && let Some(member) = map.next_entry()?
        {
            members.push(member);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Members(members))
    }
}

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}
