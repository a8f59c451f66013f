//! Whole imports: in with one transaction, out with one.

mod aside;
mod prepare;
mod restore;
mod undo;
mod update;

use std::borrow::Borrow;
use std::collections::HashMap;

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use roost_core::status::{Actor, Status};

use super::NewPost;
use crate::bulk;
use crate::error::Error;
use crate::store::Tx;
use crate::table::{EventKind, ImportBatch, ImportTally, Label, NewImport};
use prepare::{Common, Prepared, each_chunk};
pub use restore::{NotRestored, Restored};
pub use undo::{UndoneImport, UndonePosts};
pub use update::PostUpdate;

/// What an import did.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The import, with its counts.
    pub import: ImportBatch,
    /// Posts that it was to change and that are as they were: they went out meanwhile, or were changed,
    /// or are gone. Each with where it stands.
    pub not_updated: Vec<(PostId, Option<Status>)>,
}

impl Tx<'_> {
    /// Takes in an import: all rows, or none. First waiting posts are changed, then posts are made, in
    /// their order. The iterator is read by a thread of its own when it has more than a few hundred posts.
    /// Returns what was imported.
    ///
    /// # Errors
    /// When any row breaks a rule, or SQLite cannot write; nothing of the import stays then.
    pub fn import_posts<I>(
        &mut self,
        new: &NewImport,
        updates: &[PostUpdate],
        posts: I,
        by: Actor,
    ) -> Result<Imported, Error>
    where
        I: IntoIterator<Item: Borrow<NewPost>, IntoIter: Send>,
    {
        self.label.get_or_insert(Label::Import);
        self.step.import = Some(new.id);
        self.insert_import(new)?;
        let first_event = self.last_event()? + 1;
        let not_updated = self.update_posts(updates, by)?;
        let mut tally = ImportTally {
            first_event,
            updated: u64::try_from(self.last_event()? + 1 - first_event).unwrap_or_default(),
            ..ImportTally::default()
        };
        let common = Common { import: new.id, now: self.now, prices: self.prices()?, by };
        let aside = self.set_indexes_aside(new.found, "")?;
        let mut tags = HashMap::new();
        each_chunk(posts.into_iter(), common, |chunk| {
            chunk.iter().for_each(|it| count(&mut tally, it));
            self.insert_chunk(&chunk, &mut tags, by)
        })?;
        self.put_indexes_back(aside)?;
        self.count_import(new.id, &tally)?;
        let import = self.import(new.id)?.ok_or_else(|| Error::not_found("import", new.id))?;
        Ok(Imported { import, not_updated })
    }

    /// Inserts posts with their events, parts and tags. `tags` are the ids of those that were met.
    fn insert_chunk(
        &mut self,
        chunk: &[Prepared],
        tags: &mut HashMap<String, i64>,
        by: Actor,
    ) -> Result<(), Error> {
        let first_seq = self.insert_rows(chunk, |it| &it.post)?;
        self.append_events((EventKind::Imported, by), chunk, |it| {
            (it.post.id, Revision(1), it.event.as_str())
        })?;
        let mut part_rows = Vec::new();
        let mut tag_rows = Vec::new();
        for (seq, it) in (first_seq..).zip(chunk) {
            let id = it.post.id;
            let parts = (0_u32..).zip(&it.parts);
            part_rows.extend(parts.map(|(place, part)| (id, place, part)));
            for tag in self.tag_ids(&it.tags, tags)? {
                tag_rows.push((id, tag, seq));
            }
        }
        const PARTS: (&str, usize) = ("post_part (post_id, position, text, beyond_text)", 4);
        bulk::insert(self.connection, PARTS, &part_rows, |(id, place, part), values| {
            values.next(id.to_string())?;
            values.next(place)?;
            values.next(&part.0)?;
            values.next(&part.1)
        })?;
        const TAGS: (&str, usize) = ("post_tag (post_id, tag_id, seq)", 3);
        bulk::insert(self.connection, TAGS, &tag_rows, |(id, tag, seq), values| {
            values.next(id.to_string())?;
            values.next(tag)?;
            values.next(seq)
        })?;
        Ok(())
    }
}

/// Counts a post into what its import says of itself.
fn count(tally: &mut ImportTally, it: &Prepared) {
    let Prepared { post, .. } = it;
    tally.imported += 1;
    tally.cost_micros = tally.cost_micros.saturating_add(post.cost_micros);
    if post.status == Status::Draft {
        tally.drafts += 1;
        return;
    }
    let Some(at) = post.schedule.as_ref().map(|schedule| schedule.at) else { return };
    let or = |known: Option<UnixMillis>, pick: fn(UnixMillis, UnixMillis) -> UnixMillis| {
        Some(known.map_or(at, |known| pick(known, at)))
    };
    tally.first_at = or(tally.first_at, UnixMillis::min);
    tally.last_at = or(tally.last_at, UnixMillis::max);
}
