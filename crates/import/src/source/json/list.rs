//! Where in a JSON file its posts stand: it is a list of them, holds one, or holds an object that does.

use roost_core::failure::{Code, Problem, clip};
use strsim::jaro_winkler;

use super::text;
use super::walk::{Value, Walk};
use crate::error::ImportError;
use crate::fault::Shape;
use crate::table::Reading;

/// What people call the list of posts.
const POSTS_ALIASES: &[&str] = &[
    "tweets",
    "items",
    "data",
    "rows",
    "entries",
    "queue",
    "schedule",
    "records",
    "results",
    "calendar",
    "content",
    "scheduled",
    "drafts",
    "threads",
    "messages",
    "updates",
    "values",
];
/// What tells an object from a list of posts: it is one.
const POST_FIELDS: &[&str] = &["content", "thread", "text", "tweet", "full_text"];
/// Below this likeness (Jaro–Winkler, 0 to 1) a name is not taken for `posts`.
const LIKENESS_MIN: f64 = 0.84;
/// Fields of an object that are looked at to find the list.
const MEMBERS_MAX: usize = 64;
/// Characters of a field's name that a message repeats.
const NAME_CHARACTERS_MAX: usize = 40;

/// Where the posts stand.
#[derive(Debug)]
pub(super) struct Found<'t> {
    /// Where the list begins, or the only post, in bytes.
    pub(super) at: usize,
    /// Lists and objects around it.
    pub(super) depth: usize,
    /// The fields beside it.
    pub(super) members: Vec<(String, Value<'t>)>,
    /// What a person should know of it.
    pub(super) note: Option<Problem>,
}

type Members<'t> = Vec<(String, Value<'t>)>;

/// Finds the posts of a file: those of the list that a person chose, where one was chosen.
///
/// # Errors
/// [`ImportError::WrongShape`] where there is no list, and [`ImportError::ListNeeded`] where there are
/// several that may be meant.
pub(super) fn find<'t>(
    text: &'t str,
    chosen: Option<&str>,
    reading: &mut Reading,
) -> Result<Found<'t>, ImportError> {
    let mut walk = Walk::new(text, 0, 0);
    let at = walk.place();
    match walk.shape() {
        Shape::List => return Ok(Found { at, depth: 0, members: Vec::new(), note: None }),
        Shape::Object => {}
        shape => {
            let words = shape.words();
            let reason = format!("The file holds {words}; an import is a list of posts.");
            return Err(wrong_shape(reason, None, None));
        }
    }
    let members = members(&mut walk)?;
    if chosen.is_none()
        && let Some(found) = named_posts(&members)?
    {
        return Ok(found);
    }
    if chosen.is_none() && members.iter().any(|(name, _)| POST_FIELDS.contains(&name.as_str())) {
        let note = Problem::new(Code::FileListFound, "The file is a single post, not a list.");
        return Ok(Found { at, depth: 0, members: Vec::new(), note: Some(note) });
    }
    other_name(text, members, chosen, reading)
}

fn members<'t>(walk: &mut Walk<'t>) -> Result<Members<'t>, ImportError> {
    let mut members = Vec::new();
    walk.enter();
    while walk.next() {
        let key = walk.key();
        let value = walk.value()?;
        if members.len() < MEMBERS_MAX {
            members.push((name(key), value));
        }
    }
    Ok(members)
}

/// Returns the name that a key says; half a character in it is left out.
pub(super) fn name(key: &str) -> String {
    let mut name = String::with_capacity(key.len());
    if text::unescape(key, &mut name).is_err() {
        key.clone_into(&mut name);
    }
    name
}

/// Finds the list that is called `posts`, as the schema has it.
fn named_posts<'t>(members: &Members<'t>) -> Result<Option<Found<'t>>, ImportError> {
    let mut named = members.iter().filter(|(name, _)| name == "posts");
    let Some((_, posts)) = named.next() else {
        return Ok(None);
    };
    if named.next().is_some() {
        let reason = "The field \"posts\" is there twice.".to_owned();
        let remedy = "Put all posts into one list.".to_owned();
        return Err(wrong_shape(reason, Some("posts"), Some(remedy)));
    }
    if posts.shape != Shape::List {
        let words = posts.shape.words();
        let reason = format!("The field \"posts\" holds {words}; a list is expected.");
        return Err(wrong_shape(reason, Some("posts"), None));
    }
    let beside = members.iter().filter(|(name, _)| name != "posts").cloned().collect();
    Ok(Some(Found { at: posts.start, depth: 1, members: beside, note: None }))
}

/// Finds the list under another name, here or in an object one level down.
fn other_name<'t>(
    text: &'t str,
    members: Members<'t>,
    chosen: Option<&str>,
    reading: &mut Reading,
) -> Result<Found<'t>, ImportError> {
    let mut lists = Vec::new();
    for (name, value) in &members {
        match value.shape {
            Shape::List => lists.push((name.clone(), value.start, 1, None)),
            Shape::Object => {
                let inner = self::members(&mut Walk::new(text, value.start, 1))?;
                for (inner_name, inner_value) in &inner {
                    if inner_value.shape == Shape::List {
                        let path = format!("{name}.{inner_name}");
                        lists.push((path, inner_value.start, 2, Some(inner.clone())));
                    }
                }
            }
            _ => {}
        }
    }
    let names: Vec<String> = lists.iter().map(|(path, ..)| path.clone()).collect();
    let place = match chosen {
        Some(chosen) => {
            let place = names.iter().position(|name| name == chosen);
            let Some(place) = place else {
                return Err(ImportError::NoSuchList { name: chosen.to_owned(), names });
            };
            Some(place)
        }
        None => choose(&lists)?,
    };
    let Some((path, at, depth, inner)) = place.map(|at| lists.swap_remove(at)) else {
        return Err(without_posts(&members));
    };
    if names.len() > 1 {
        reading.lists = names;
        reading.list = Some(path.clone());
    }
    let path = clip(&path, NAME_CHARACTERS_MAX);
    let note = Problem::new(Code::FileListFound, format!("The posts were taken from \"{path}\"."));
    let outer = members.into_iter().filter(|(_, value)| value.shape == Shape::Text);
    let members = inner.into_iter().flatten().chain(outer);
    let beside = members.filter(|(_, value)| value.start != at).collect();
    Ok(Found { at, depth, members: beside, note: Some(note) })
}

type Candidate<'t> = (String, usize, usize, Option<Members<'t>>);

/// Chooses among lists: the one whose name says posts, or the only one.
fn choose(lists: &[Candidate<'_>]) -> Result<Option<usize>, ImportError> {
    let last_name = |at: &usize| lists[*at].0.rsplit('.').next().unwrap_or_default();
    let named: Vec<_> = (0..lists.len()).filter(|at| says_posts(last_name(at))).collect();
    match (named.as_slice(), lists.len()) {
        ([at], _) => Ok(Some(*at)),
        ([], 0) => Ok(None),
        ([], 1) => Ok(Some(0)),
        _ => {
            let names = lists.iter().map(|(path, ..)| path.clone()).collect();
            Err(ImportError::ListNeeded { names })
        }
    }
}

fn says_posts(name: &str) -> bool {
    let name = name.to_lowercase();
    POSTS_ALIASES.contains(&name.as_str()) || jaro_winkler(&name, "posts") >= LIKENESS_MIN
}

fn without_posts(members: &Members<'_>) -> ImportError {
    let reason = "The file is an object without a list of posts.".to_owned();
    let meant = members.iter().find(|(name, _)| says_posts(name)).map(|(name, value)| {
        let (name, words) = (clip(name, NAME_CHARACTERS_MAX), value.shape.words());
        format!("The field \"{name}\" holds {words}: make it a list.")
    });
    wrong_shape(reason, Some("posts"), meant)
}

fn wrong_shape(reason: String, field: Option<&str>, remedy: Option<String>) -> ImportError {
    let usual = Code::FileWrongShape.remedy();
    ImportError::WrongShape {
        reason,
        field: field.map(str::to_owned),
        remedy: remedy.unwrap_or_else(|| usual.to_owned()),
    }
}
