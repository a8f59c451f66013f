//! A selected post, and what is to become of it.

use roost_core::failure::Problem;
use roost_core::id::XUserId;
use roost_core::post::Content;
use roost_core::reschedule::PlannedTime;
use roost_core::status::Status;
use roost_store::{Edit, Post, Schedule};

use crate::api::{HandoverChange, TextMatch};

/// A selected post.
pub(super) struct Row {
    pub(super) post: Post,
    /// Its time; a draft may have none.
    pub(super) time: Option<PlannedTime>,
    /// What it says, where that matters.
    pub(super) content: Option<Content>,
    /// Its tags, where they matter.
    pub(super) tags: Option<Vec<String>>,
    /// What it is to be.
    pub(super) after: After,
    /// What it costs then, in micro-dollars.
    pub(super) cost_after: i64,
    pub(super) matches: Vec<TextMatch>,
    pub(super) handover: HandoverChange,
    /// Why it can't be changed.
    pub(super) refused: Option<Problem>,
    pub(super) warnings: Vec<Problem>,
}

/// What changes of a post; what is none stays.
#[derive(Default)]
pub(super) struct After {
    pub(super) time: Option<PlannedTime>,
    pub(super) content: Option<Content>,
    pub(super) account: Option<XUserId>,
    pub(super) tags: Option<Vec<String>>,
    pub(super) note: Option<Option<String>>,
    /// Draft, pending or cancelled.
    pub(super) status: Option<Status>,
    /// It goes to the trash.
    pub(super) is_deleted: bool,
}

impl Row {
    pub(super) fn of(post: Post, time: Option<PlannedTime>) -> Self {
        Self {
            cost_after: post.cost_micros,
            post,
            time,
            content: None,
            tags: None,
            after: After::default(),
            matches: Vec::new(),
            handover: HandoverChange::None,
            refused: None,
            warnings: Vec::new(),
        }
    }

    /// Forgets what is to become of it where it is so already.
    pub(super) fn drop_what_stays(&mut self) {
        let Self { after, post, time, content, tags, .. } = self;
        after.time = after.time.take().filter(|is| Some(is) != time.as_ref());
        after.content = after.content.take().filter(|is| Some(is) != content.as_ref());
        after.account = after.account.take().filter(|is| Some(is) != post.account.as_ref());
        after.tags = after.tags.take().filter(|is| Some(is) != tags.as_ref());
        after.note = after.note.take().filter(|is| *is != post.note);
        // What waits for its time is scheduled, handed over or not.
        let is_scheduled = matches!(post.status, Status::Queued | Status::Held);
        let is_so =
            |status: Status| status == post.status || (status == Status::Pending && is_scheduled);
        after.status = after.status.filter(|status| !is_so(*status));
    }

    /// Returns whether something of the post changes.
    pub(super) fn is_changed(&self) -> bool {
        let After { tags, note, .. } = &self.after;
        self.refused.is_none() && (self.touches_delivery() || tags.is_some() || note.is_some())
    }

    /// Returns whether what goes out changes, rather than how the person sorts it.
    pub(super) fn touches_delivery(&self) -> bool {
        let After { time, content, account, tags: _, note: _, status, is_deleted } = &self.after;
        let is_moved = account.is_some() || status.is_some() || *is_deleted;
        time.is_some() || content.is_some() || is_moved
    }

    /// Returns whether it is not to go out any more, rather than later or otherwise.
    pub(super) fn is_taken_back(&self) -> bool {
        let is_out = matches!(self.post.status, Status::Posted | Status::Partial);
        (self.after.is_deleted && !is_out) || self.after.status == Some(Status::Cancelled)
    }

    /// Returns the time that it has then.
    pub(super) fn time_after(&self) -> Option<&PlannedTime> {
        self.after.time.as_ref().or(self.time.as_ref())
    }

    /// Returns the account that it has then.
    pub(super) fn account_after(&self) -> Option<&XUserId> {
        self.after.account.as_ref().or(self.post.account.as_ref())
    }

    /// Returns where it stands then: what was handed over and changes is pending again.
    pub(super) fn status_after(&self) -> Status {
        match (self.after.status, self.post.status) {
            (Some(status), _) => status,
            // In the trash it is what it was.
            (None, status) if self.after.is_deleted => status,
            (None, Status::Queued | Status::Held) if self.touches_delivery() => Status::Pending,
            (None, status) => status,
        }
    }

    /// Returns whether it waits for its time then.
    pub(super) fn is_armed_after(&self) -> bool {
        let waits = matches!(self.status_after(), Status::Pending | Status::Queued | Status::Held);
        waits && !self.after.is_deleted
    }

    /// Returns whether the relay has to let go of it before it is a draft.
    pub(super) fn is_withdrawn_to_draft(&self) -> bool {
        self.after.status == Some(Status::Draft) && self.post.may_be_on_relay()
    }

    /// Returns the change as the store makes it.
    pub(super) fn edit(&self) -> Edit {
        let After { time, content, account, tags, note, status, is_deleted: _ } = &self.after;
        Edit {
            content: content.clone(),
            schedule: time.as_ref().map(|time| Some(schedule(time))),
            account: account.clone().map(Some),
            tags: tags.clone(),
            note: note.clone(),
            status: *status,
            ..Edit::default()
        }
    }
}

fn schedule(time: &PlannedTime) -> Schedule {
    Schedule { at: time.at, wall_time: time.wall.to_string(), zone: time.zone.name().to_owned() }
}
