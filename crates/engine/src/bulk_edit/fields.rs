//! Other words, account, tags, note or state of posts.

use std::collections::HashSet;

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::rewrite::{self, Find, FindOptions, Match};
use roost_core::status::Status;
use roost_store::Read;

use super::ground::Ground;
use super::invalid;
use super::row::Row;
use crate::api::{MatchRef, ReplaceText, RewriteChange, TextMatch};
use crate::{Error, Result, compose};

/// Characters of a note.
const NOTE_CHARS_MAX: usize = 1_000;

/// Changes the posts that can be changed.
pub(super) fn change(
    store: &Read<'_>,
    change: &RewriteChange,
    rows: &mut [Row],
    ground: &Ground,
) -> Result<()> {
    match change {
        RewriteChange::Replace(replace) => {
            let find = find(replace)?;
            let skipped: HashSet<MatchRef> = replace.skip.iter().copied().collect();
            read_contents(store, rows, |_| true)?;
            changeable(rows).for_each(|row| replaced(row, &find, replace, &skipped));
        }
        RewriteChange::Append { text, new_line } => {
            read_contents(store, rows, |_| true)?;
            check_addition(text)?;
            for row in changeable(rows) {
                let mut content = row.content.clone();
                if let Some(last) = content.as_mut().and_then(|it| it.parts.last_mut()) {
                    last.text = rewrite::append(&last.text, text, *new_line);
                }
                row.after.content = content;
            }
        }
        RewriteChange::Prepend { text, new_line } => {
            read_contents(store, rows, |_| true)?;
            check_addition(text)?;
            for row in changeable(rows) {
                let mut content = row.content.clone();
                if let Some(first) = content.as_mut().and_then(|it| it.parts.first_mut()) {
                    first.text = rewrite::prepend(&first.text, text, *new_line);
                }
                row.after.content = content;
            }
        }
        RewriteChange::Split { numbered } => {
            read_contents(store, rows, |_| true)?;
            for row in changeable(rows) {
                let rules = ground.rules(row.account_after());
                let limit = rules.limits.length_for(rules.subscription);
                row.after.content = row.content.as_ref().map(|it| it.split(limit, *numbered));
            }
        }
        RewriteChange::SetAccount { account } => set_account(store, account, rows)?,
        RewriteChange::Tags { add, remove } => tags(store, add, remove, rows)?,
        RewriteChange::SetNote { note } => {
            let note = note.trim();
            if note.chars().count() > NOTE_CHARS_MAX {
                let message = format!("A note has {NOTE_CHARS_MAX} characters at the most.");
                return Err(invalid::field(Code::BadRequest, message, "note"));
            }
            let note = (!note.is_empty()).then(|| note.to_owned());
            changeable(rows).for_each(|row| row.after.note = Some(note.clone()));
        }
        RewriteChange::ToDraft => {
            changeable(rows).for_each(|row| row.after.status = Some(Status::Draft));
        }
        RewriteChange::Schedule => {
            changeable(rows).for_each(|row| row.after.status = Some(Status::Pending));
        }
        RewriteChange::Cancel => {
            changeable(rows).for_each(|row| row.after.status = Some(Status::Cancelled));
        }
        RewriteChange::Delete => changeable(rows).for_each(|row| row.after.is_deleted = true),
    }
    Ok(())
}

fn changeable(rows: &mut [Row]) -> impl Iterator<Item = &mut Row> {
    rows.iter_mut().filter(|row| row.refused.is_none())
}

/// Reads what those posts say of which it is wanted, with one statement.
pub(super) fn read_contents(
    store: &Read<'_>,
    rows: &mut [Row],
    is_wanted: impl Fn(&Row) -> bool,
) -> Result<()> {
    let wanted = |row: &Row| row.refused.is_none() && row.content.is_none() && is_wanted(row);
    let places: Vec<usize> = (0..rows.len()).filter(|place| wanted(&rows[*place])).collect();
    let posts: Vec<_> = places.iter().map(|place| &rows[*place].post).collect();
    if posts.is_empty() {
        return Ok(());
    }
    let contents = store.contents_of(&posts)?;
    for (place, content) in places.into_iter().zip(contents) {
        rows[place].content = Some(content);
    }
    Ok(())
}

fn find(replace: &ReplaceText) -> Result<Find> {
    let options = FindOptions {
        is_regex: replace.is_regex,
        matches_case: replace.matches_case,
        is_whole_word: replace.is_whole_word,
    };
    Find::new(&replace.find, options).map_err(|error| {
        invalid::field(Code::BadRequest, invalid::sentence(&error.to_string()), "find")
    })
}

fn check_addition(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(invalid::field(Code::TextMissing, "There are no words to add.", "text"));
    }
    Ok(())
}

fn replaced(row: &mut Row, find: &Find, asked: &ReplaceText, skipped: &HashSet<MatchRef>) {
    let Some(mut content) = row.content.clone() else { return };
    for (part, number) in content.parts.iter_mut().zip(0_u32..) {
        let matches = find.matches(&part.text, &asked.replacement);
        let is_skipped = |place: usize| {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            skipped.contains(&MatchRef { post: row.post.id, part: number, number: place })
        };
        row.matches.extend(shown(row.post.id, number, &part.text, &matches, skipped));
        part.text = rewrite::replace(&part.text, &matches, |place| !is_skipped(place));
    }
    row.after.content = Some(content);
}

fn shown(
    post: PostId,
    part: u32,
    text: &str,
    matches: &[Match],
    skipped: &HashSet<MatchRef>,
) -> Vec<TextMatch> {
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let (mut byte, mut unit) = (0, 0);
    let shown = |(found, number): (&Match, u32)| {
        let start = unit + units(&text[byte..found.at.start]);
        let end = start + units(&text[found.at.clone()]);
        (byte, unit) = (found.at.end, end);
        TextMatch {
            part,
            number,
            start,
            end,
            found: text[found.at.clone()].to_owned(),
            replacement: found.replacement.clone(),
            is_skipped: skipped.contains(&MatchRef { post, part, number }),
        }
    };
    matches.iter().zip(0_u32..).map(shown).collect()
}

fn set_account(store: &Read<'_>, name: &str, rows: &mut [Row]) -> Result<()> {
    let mut problems = Vec::new();
    let found = compose::account(store, Some(name), &store.accounts()?, &mut problems)?;
    let Some(account) = found.map(|account| account.x_user_id) else {
        return Err(Error::Invalid(problems));
    };
    changeable(rows).for_each(|row| row.after.account = Some(account.clone()));
    Ok(())
}

/// Puts tags on and takes others off; a tag is the same in capital and small letters.
fn tags(store: &Read<'_>, add: &[String], remove: &[String], rows: &mut [Row]) -> Result<()> {
    let trimmed = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    };
    let (add, remove) = (trimmed(add), trimmed(remove));
    if add.is_empty() && remove.is_empty() {
        let message = "There are no tags to put on or to take off.";
        return Err(invalid::field(Code::TagInvalid, message, "tags"));
    }
    let ids: Vec<PostId> = rows.iter().map(|row| row.post.id).collect();
    let mut known = store.tags_of_posts(&ids)?;
    for row in rows.iter_mut() {
        row.tags = Some(known.remove(&row.post.id).unwrap_or_default());
    }
    let is_in = |names: &[String], tag: &str| names.iter().any(|it| it.eq_ignore_ascii_case(tag));
    for row in changeable(rows) {
        let mut tags = row.tags.clone().unwrap_or_default();
        tags.retain(|tag| !is_in(&remove, tag));
        for tag in &add {
            if !is_in(&tags, tag) {
                tags.push(tag.clone());
            }
        }
        // As the store keeps them.
        tags.sort_by_key(|tag| tag.to_ascii_lowercase());
        row.after.tags = Some(tags);
    }
    Ok(())
}
