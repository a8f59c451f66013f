//! An edit that came too late: the row shows again what the relay sends, what was meant is kept as a
//! draft, and comes back into the post when nothing went out after all.

use roost_core::id::{PostId, Revision};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};

use super::{Edit, LateEdit, Meant, NewPost, Outcome, Post, PostChange};
use crate::error::Error;
use crate::store::{Read, Tx};
use crate::table::{EventKind, PostEvent};

/// How far the clocks of X, the relay and this computer may be apart before a post counts as having gone out
/// ahead of its time, in milliseconds.
const CLOCKS_APART_MS: i64 = 60_000;

/// A post as it was sent.
pub(super) struct AsSent {
    /// Its row, with the time and the account that it had.
    pub(super) post: Post,
    /// What it said.
    pub(super) content: Content,
    /// The edit that is lost by it, if one is.
    pub(super) late: Option<LateEdit>,
}

/// What of a post edits changed that the relay never took.
#[derive(Debug, Default)]
struct Touched {
    content: bool,
    time: bool,
    account: bool,
}

impl Read<'_> {
    /// Returns the edit of a post that came too late, unless it was changed since.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn late_edit(&self, id: PostId) -> Result<Option<LateEdit>, Error> {
        let kinds = [EventKind::EditTooLate, EventKind::Edited, EventKind::Armed];
        let newest = self.newest_event(id, &kinds)?;
        let Some(told) = newest.filter(|event| event.kind == EventKind::EditTooLate) else {
            return Ok(None);
        };
        Ok(told.change.late)
    }
}

impl Tx<'_> {
    /// Returns `post` with what it said, the time and the account that it had at `revision`: edits
    /// above it never reached X. What they meant is to be kept by [`Tx::keep_late`].
    pub(super) fn as_sent(&mut self, post: &Post, revision: Revision) -> Result<AsSent, Error> {
        let mut sent = post.clone();
        let edited = self.content(post)?;
        let mut content = edited.clone();
        let events = self.events(post.id)?;
        // What the relay did is noted as it is heard, so that older revisions stand in between.
        for event in events.iter().rev().filter(|event| event.revision > revision) {
            let Some(old) = &event.change.before else { continue };
            content = old.over(content);
            if let Some(schedule) = &old.schedule {
                sent.schedule.clone_from(schedule);
            }
            if let Some(account) = &old.account {
                sent.account.clone_from(account);
            }
        }
        let meant = Meant::of(post, edited);
        let as_sent = Meant::of(&sent, content.clone());
        let late = lost(&touched(&events, revision), &meant, &as_sent);
        let late = late.then_some(LateEdit { draft: None, meant, sent: as_sent });
        Ok(AsSent { post: sent, content, late })
    }

    /// Returns a post that went out well before the time that it has now, with the time that it had then: it
    /// was moved while no relay heard of it, and one that lost its ledger found it on X under the newest
    /// revision. `None` where it went out at its time, or never had an earlier one.
    pub(super) fn as_due_when_posted(&mut self, post: &Post) -> Result<Option<AsSent>, Error> {
        let (Some(posted_at), Some(due)) = (post.posted_at, &post.schedule) else {
            return Ok(None);
        };
        if posted_at.0.saturating_add(CLOCKS_APART_MS) >= due.at.0 {
            return Ok(None);
        }
        let events = self.events(post.id)?;
        let mut former = events.iter().rev().filter_map(|event| {
            event.change.before.as_ref().and_then(|before| before.schedule.clone()).flatten()
        });
        let Some(former) = former.find(|schedule| schedule.at <= posted_at) else {
            return Ok(None);
        };
        let content = self.content(post)?;
        let sent = Post { schedule: Some(former), ..post.clone() };
        let meant = Meant::of(post, content.clone());
        let late = LateEdit { draft: None, meant, sent: Meant::of(&sent, content.clone()) };
        Ok(Some(AsSent { post: sent, content, late: Some(late) }))
    }

    /// Keeps what a late edit meant: its words, or its account, as a draft; and says so in the
    /// receipt.
    pub(super) fn keep_late(
        &mut self,
        edited: &Post,
        late: LateEdit,
        word: &Outcome,
    ) -> Result<LateEdit, Error> {
        let LateEdit { meant, sent, .. } = late;
        let only_moved = meant.content == sent.content && meant.account == sent.account;
        let draft = if only_moved { None } else { Some(self.late_draft(edited, &meant)?) };
        let late = LateEdit { draft, meant, sent };
        let change = PostChange { late: Some(late.clone()), ..PostChange::default() };
        let (post, kind) = ((edited.id, edited.revision), EventKind::EditTooLate);
        self.append_event_at(post, Actor::Relay, kind, &change, Some(word.at))?;
        Ok(late)
    }

    /// Makes a draft of what a change meant that came too late.
    pub(super) fn late_draft(&mut self, edited: &Post, meant: &Meant) -> Result<PostId, Error> {
        let id = PostId::new(self.now);
        let draft = NewPost {
            account: meant.account.clone(),
            schedule: meant.schedule.clone(),
            tags: self.tags_of(edited.id)?,
            late_edit_of: Some(edited.id),
            ..NewPost::draft(id, meant.content.clone())
        };
        self.create_post(&draft, Actor::Engine)?;
        Ok(id)
    }

    /// The call for which an edit came too late came to nothing, and the post waits again: the edit
    /// counts after all, under a fresh revision, and its draft goes. Returns the post when it was
    /// edited; not when the person changed, scheduled or deleted the draft meanwhile.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn edit_after_all(&mut self, id: PostId) -> Result<Option<Post>, Error> {
        let Some(late) = self.late_edit(id)? else { return Ok(None) };
        if let Some(draft) = late.draft {
            let untouched = |draft: &Post| {
                draft.status == Status::Draft
                    && draft.revision == Revision(1)
                    && draft.deleted_at.is_none()
            };
            if !self.post(draft)?.as_ref().is_some_and(untouched) {
                return Ok(None);
            }
            self.delete_post(draft, Actor::Engine)?;
        }
        let (meant, sent) = (late.meant, late.sent);
        let edit = Edit {
            content: (meant.content != sent.content).then_some(meant.content),
            schedule: (meant.schedule != sent.schedule).then_some(meant.schedule),
            account: (meant.account != sent.account).then_some(meant.account),
            ..Edit::default()
        };
        self.edit_post(id, &edit, Actor::Engine).map(Some)
    }

    /// Notes that a post which was on X is deleted there. Returns the post as it is now.
    ///
    /// # Errors
    /// When there is no such post, or SQLite cannot write.
    pub fn gone_from_x(&mut self, id: PostId) -> Result<Post, Error> {
        let before = self.expect_post(id)?;
        let mut after = before.clone();
        after.gone_from_x_at = before.gone_from_x_at.or(Some(self.now()));
        if before.gone_from_x_at.is_none() {
            self.charge_for_deletion(&before)?;
        }
        self.change(&before, after, Actor::Person, EventKind::GoneFromX)
    }
}

/// What the edits above `revision` changed, all but the relay's own.
fn touched(events: &[PostEvent], revision: Revision) -> Touched {
    let mut touched = Touched::default();
    let edits = events.iter().filter(|event| {
        event.kind == EventKind::Edited && event.actor != Actor::Relay && event.revision > revision
    });
    for old in edits.filter_map(|event| event.change.before.as_ref()) {
        touched.content |= old.has_content();
        touched.time |= old.schedule.is_some();
        touched.account |= old.account.is_some();
    }
    touched
}

/// Whether something that an edit meant is not what was sent.
fn lost(touched: &Touched, meant: &Meant, sent: &Meant) -> bool {
    (touched.content && meant.content != sent.content)
        || (touched.time && meant.schedule != sent.schedule)
        || (touched.account && meant.account != sent.account)
}
