//! Editing and arming. An edit of what was handed over takes a fresh revision and goes back to
//! pending; the old scheduler message is written down to be deleted.

use roost_core::id::{PostId, Revision, XUserId};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};

use super::change::Beside;
use super::new::whole;
use super::{Occurrence, OwnId, Post, Schedule};
use crate::error::Error;
use crate::store::Tx;
use crate::table::EventKind;

/// What to change; what is none stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// Something else to say.
    pub content: Option<Content>,
    /// Another time, or none: then the post becomes a draft.
    pub schedule: Option<Option<Schedule>>,
    /// Another account.
    pub account: Option<Option<XUserId>>,
    /// Other tags.
    pub tags: Option<Vec<String>>,
    /// Draft or pending, when the status is to change with it.
    pub status: Option<Status>,
    /// Another id of the person's own, or none.
    pub own_id: Option<Option<OwnId>>,
    /// Another note to oneself, or none.
    pub note: Option<Option<String>>,
    /// Another time of a series that it is made for, or none.
    pub occurrence: Option<Option<Occurrence>>,
    /// Another number of minutes after its parent, of a follow-up.
    pub follow_up_minutes: Option<u32>,
    /// Whether it is the change that is kept beside the post, which ends with it.
    pub ends_unsaved: bool,
}

impl Edit {
    /// Returns whether it changes what goes out, rather than how the person sorts it.
    #[must_use]
    pub fn touches_delivery(&self) -> bool {
        self.content.is_some()
            || self.schedule.is_some()
            || self.account.is_some()
            || self.status.is_some()
            || self.follow_up_minutes.is_some()
    }

    /// Returns a post as it is after an edit of what goes out.
    ///
    /// # Errors
    /// When it is being sent, was sent or may have been, or the relay has to let go of it first.
    pub(super) fn edited(&self, before: &Post) -> Result<Post, Error> {
        let mut after = before.clone();
        self.sort(&mut after);
        if !self.touches_delivery() {
            return Ok(after);
        }
        if matches!(
            before.status,
            Status::Sending | Status::Posted | Status::Partial | Status::Unknown
        ) {
            return Err(Error::NotEditable { post: before.id, status: before.status });
        }
        if let Some(schedule) = &self.schedule {
            after.schedule =
                schedule.clone().map(|schedule| Schedule { at: whole(schedule.at), ..schedule });
        }
        if let Some(account) = &self.account {
            after.account.clone_from(account);
        }
        if let (Some(minutes), Some(tie)) = (self.follow_up_minutes, &mut after.follow_up) {
            tie.after_minutes = minutes;
        }
        after.status = match (self.status, before.status) {
            (Some(status), _) => status,
            _ if after.schedule.is_none() && before.status != Status::Cancelled => Status::Draft,
            (None, Status::Queued | Status::Held) => Status::Pending,
            (None, status) => status,
        };
        if before.may_be_on_relay() && !matches!(after.status, Status::Pending) {
            return Err(Error::StillHandedOver { post: before.id });
        }
        Ok(after)
    }

    /// Makes a row say what the person sorts it by, tags aside.
    fn sort(&self, post: &mut Post) {
        if let Some(own_id) = &self.own_id {
            post.own_id.clone_from(own_id);
        }
        if let Some(note) = &self.note {
            post.note.clone_from(note);
        }
        if let Some(occurrence) = &self.occurrence {
            post.occurrence.clone_from(occurrence);
        }
    }
}

impl Tx<'_> {
    /// Edits a post. Queued and waiting ones go back to pending under a fresh revision; a post
    /// that becomes a draft while the relay may hold it must be withdrawn instead.
    /// Returns the post as it is now.
    ///
    /// # Errors
    /// When it is being sent, was sent or may have been; when it is in the trash; when the status
    /// asked for is not allowed.
    pub fn edit_post(&mut self, id: PostId, edit: &Edit, by: Actor) -> Result<Post, Error> {
        let before = self.live_post(id)?;
        if edit.ends_unsaved {
            self.drop_unsaved_edit(id)?;
        }
        self.edit_read_post(&before, edit, by)
    }

    /// [`Tx::edit_post`] of a post that this transaction read already: of many, none is read twice.
    /// Returns the post as it is now.
    ///
    /// # Errors
    /// As [`Tx::edit_post`].
    pub fn edit_read_post(&mut self, before: &Post, edit: &Edit, by: Actor) -> Result<Post, Error> {
        if before.deleted_at.is_some() {
            return Err(Error::Deleted { post: before.id });
        }
        let beside = Beside { content: edit.content.as_ref(), tags: edit.tags.as_deref() };
        let after = edit.edited(before)?;
        if edit.touches_delivery() {
            return self.rearm(before, after, beside, by, EventKind::Edited);
        }
        self.change_whole(before, after, beside, by, EventKind::Tagged)
    }

    /// Arms a post anew: restore, retry, resume, another scheduler. It becomes pending under a
    /// fresh revision, at its old time unless another is given. Returns the post as it is now.
    ///
    /// # Errors
    /// When the table of statuses does not allow it, or it is in the trash.
    pub fn arm_post(
        &mut self,
        id: PostId,
        schedule: Option<Schedule>,
        by: Actor,
    ) -> Result<Post, Error> {
        let before = self.live_post(id)?;
        let mut after = before.clone();
        after.status = Status::Pending;
        if let Some(schedule) = schedule {
            after.schedule = Some(Schedule { at: whole(schedule.at), ..schedule });
        }
        self.rearm(&before, after, Beside::default(), by, EventKind::Armed)
    }

    /// Takes a revision above `highest`, the one that the relay knows, so that the post can be
    /// staged again. Returns the post as it is now.
    ///
    /// # Errors
    /// As [`Tx::arm_post`].
    pub fn arm_above(&mut self, id: PostId, highest: Revision, by: Actor) -> Result<Post, Error> {
        let before = self.live_post(id)?;
        let mut after = before.clone();
        after.status = Status::Pending;
        after.revision = before.revision.max(highest);
        self.rearm(&before, after, Beside::default(), by, EventKind::Armed)
    }

    /// A fresh revision without the traces of the one before; its message is to be deleted, and a
    /// withdrawal that is on its way has lost its purpose.
    fn rearm(
        &mut self,
        before: &Post,
        mut after: Post,
        beside: Beside<'_>,
        by: Actor,
        kind: EventKind,
    ) -> Result<Post, Error> {
        after.revision = after.revision.next();
        after.qstash_message_id = None;
        after.synced_at = None;
        after.held_until = None;
        after.withdraw_to = None;
        if matches!(after.status, Status::Pending | Status::Draft) {
            after.error_code = None;
            after.error_message = None;
            after.failed_at = None;
        }
        let post = self.change_whole(before, after, beside, by, kind)?;
        if let Some(message) = &before.qstash_message_id {
            self.intend_message_gone(before.id, message, by)?;
        }
        Ok(post)
    }
}
