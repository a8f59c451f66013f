//! Posts that an import changed, given back what it took from them.

use roost_core::id::{ImportId, PostId};
use roost_core::status::{Actor, Status};

use crate::error::Error;
use crate::post::{Edit, Post, PostChange};
use crate::store::{Read, Tx};
use crate::table::{ImportBatch, PostEvent};

/// Why a post that an import changed stays as it is when the import is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRestored {
    /// It is in the trash, or gone for good.
    Gone,
    /// It went out, wholly or in part, or is being sent, or may have been: it stands there.
    Out(Status),
    /// The relay has it, and has to let go of it first.
    HandedOver,
    /// It was changed since.
    ChangedSince,
}

/// The posts that an import changed, once it is undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Posts that are as they were before.
    pub restored: Vec<PostId>,
    /// Posts that stay as they are, each with the reason.
    pub not_restored: Vec<(PostId, NotRestored)>,
}

impl Read<'_> {
    /// Returns which posts undoing an import would give back what they were, and why others stay.
    ///
    /// # Errors
    /// When there is no such import, or SQLite cannot read.
    pub fn posts_to_restore(&self, id: ImportId) -> Result<Restored, Error> {
        let import = self.import(id)?.ok_or_else(|| Error::not_found("import", id))?;
        let mut restored = Restored::default();
        for event in self.updates_of(&import)? {
            match self.way_back(&event)? {
                Ok(_) => restored.restored.push(event.post_id),
                Err(reason) => restored.not_restored.push((event.post_id, reason)),
            }
        }
        Ok(restored)
    }

    /// Returns the events by which an import changed posts.
    fn updates_of(&self, import: &ImportBatch) -> Result<Vec<PostEvent>, Error> {
        let Some(first) = import.first_event else { return Ok(Vec::new()) };
        let count = u32::try_from(import.updated).unwrap_or(u32::MAX);
        self.events_after(first - 1, count)
    }

    /// Returns the edit that takes a change of a post back, or why there is none.
    fn way_back(&self, event: &PostEvent) -> Result<Result<Edit, NotRestored>, Error> {
        let post = self.post(event.post_id)?.filter(|post| post.deleted_at.is_none());
        let Some(post) = post else { return Ok(Err(NotRestored::Gone)) };
        if matches!(
            post.status,
            Status::Sending | Status::Posted | Status::Partial | Status::Unknown
        ) {
            return Ok(Err(NotRestored::Out(post.status)));
        }
        let Some(edit) = self.edit_back(&post, &event.change)? else {
            return Ok(Err(NotRestored::ChangedSince));
        };
        Ok(match edit.edited(&post) {
            Err(Error::StillHandedOver { .. }) => Err(NotRestored::HandedOver),
            Err(Error::NotEditable { status, .. }) => Err(NotRestored::Out(status)),
            Err(error) => return Err(error),
            Ok(_) => Ok(edit),
        })
    }

    /// Returns the edit that takes a change back; none when the post is not what the change made of it.
    fn edit_back(&self, post: &Post, change: &PostChange) -> Result<Option<Edit>, Error> {
        let Some(before) = &change.before else { return Ok(None) };
        let content = self.content(post)?;
        let tags = self.tags_of(post.id)?;
        if !change.after.is_said_by(post, &content, &tags) {
            return Ok(None);
        }
        Ok(Some(Edit {
            content: before.has_content().then(|| before.over(content)),
            schedule: before.schedule.clone(),
            account: before.account.clone(),
            tags: before.tags.clone(),
            // What was a draft is one again, and what waited waits.
            status: before
                .status
                .filter(|status| matches!(status, Status::Draft | Status::Pending)),
            own_id: before.own_id.clone(),
            note: before.note.clone(),
            occurrence: before.occurrence.clone(),
            follow_up_minutes: before.follow_up.flatten().map(|tie| tie.after_minutes),
            ends_unsaved: false,
        }))
    }
}

impl Tx<'_> {
    /// Gives posts back what an import took from them.
    pub(super) fn restore_updated(
        &mut self,
        import: &ImportBatch,
        by: Actor,
    ) -> Result<Restored, Error> {
        let mut restored = Restored::default();
        for event in self.updates_of(import)? {
            let id = event.post_id;
            match self.way_back(&event)? {
                Ok(edit) if self.edit_if_possible(id, &edit, by)? => restored.restored.push(id),
                Ok(_) => restored.not_restored.push((id, NotRestored::ChangedSince)),
                Err(reason) => restored.not_restored.push((id, reason)),
            }
        }
        Ok(restored)
    }
}
