//! Withdrawing. Only the relay's answer proves it; until then the row says what it is to become,
//! and the outbox carries the request.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision};
use roost_core::status::{Actor, Status};
use serde_json::Value;

use super::{Post, PostChange, WithdrawTo};
use crate::error::Error;
use crate::store::{Read, Tx};
use crate::table::{EventKind, NewOutbox, OutboxEnding, OutboxKind};

/// Why the relay did not withdraw a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWithdrawn {
    /// It is being sent, or looked for: it may come back and wait, and is asked about again then.
    UnderWay,
    /// It may be on X, and the relay leaves it to a person: by itself it does nothing more.
    Rests,
    /// It is on X, or a part of it is and the rest follows.
    Out,
}

/// What became of a wish to withdraw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// The post never left this computer: it is done.
    Done(Post),
    /// The relay is to be told; the outbox has the request under this revision.
    Asked(Post),
}

impl Withdrawal {
    /// Returns the post as it is now.
    #[must_use]
    pub fn post(&self) -> &Post {
        match self {
            Self::Done(post) | Self::Asked(post) => post,
        }
    }
}

impl Read<'_> {
    /// Returns what a post was to become by the newest wish about it, when that came too late.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn wish_too_late(&self, id: PostId) -> Result<Option<WithdrawTo>, Error> {
        let kinds = [
            EventKind::WithdrawTooLate,
            EventKind::Withdrawing,
            EventKind::Withdrawn,
            EventKind::Armed,
            EventKind::Edited,
        ];
        let newest = self.newest_event(id, &kinds)?;
        let too_late = newest.filter(|event| event.kind == EventKind::WithdrawTooLate);
        Ok(too_late.and_then(|event| event.change.before?.withdraw_to?))
    }
}

impl Tx<'_> {
    /// Withdraws a post: at once when it never left this computer, else by asking the relay.
    /// Returns what came of it.
    ///
    /// # Errors
    /// When the table of statuses does not allow it: nobody withdraws what is being sent.
    pub fn withdraw_post(
        &mut self,
        id: PostId,
        to: WithdrawTo,
        by: Actor,
    ) -> Result<Withdrawal, Error> {
        let before = self.live_post(id)?;
        let goal = to.status();
        // A goal that is reached already needs no leave; a post on its way back keeps its status.
        if before.status != goal && !before.status.allows(goal, by) {
            let from = before.status;
            return Err(Error::Refused { post: id, from, to: goal, actor: by });
        }
        if !before.may_be_on_relay() {
            return Ok(Withdrawal::Done(self.withdrawn(&before, to, by, before.revision)?));
        }
        let mut after = before.clone();
        after.withdraw_to = Some(to);
        if before.withdraw_to.is_none() {
            after.revision = before.revision.next();
            // A decision to send it again that is still here must not be told after this.
            self.supersede_decisions(id)?;
            self.intend(&NewOutbox {
                kind: OutboxKind::Withdraw,
                post_id: Some(id),
                revision: Some(after.revision),
                payload: Value::Null,
                actor: by,
            })?;
        }
        let post = self.change(&before, after, by, EventKind::Withdrawing)?;
        Ok(Withdrawal::Asked(post))
    }

    /// The relay proved that nothing at or below `revision` goes out.
    /// Returns the post as it is now.
    ///
    /// # Errors
    /// When there is no such post, or SQLite cannot write.
    pub fn withdrawal_proven(
        &mut self,
        id: PostId,
        revision: Revision,
        by: Actor,
    ) -> Result<Post, Error> {
        let before = self.expect_post(id)?;
        let goal = before.withdraw_to.filter(|_| before.revision <= revision);
        match goal {
            Some(to) => self.withdrawn(&before, to, by, revision),
            // Armed anew meanwhile: the proof counts, the goal does not.
            None => {
                let mut after = before.clone();
                after.withdrawn_revision =
                    before.withdrawn_revision.max(revision.min(before.revision));
                self.change(&before, after, by, EventKind::Withdrawn)
            }
        }
    }

    /// The relay did not withdraw it. While it is under way the wish stands, and the relay is asked
    /// again at `again_at`, or as soon as it tells that the post came back: a call that X refuses
    /// for now must not make a post that was to be cancelled wait for the next one.
    /// Returns the post as it is now.
    ///
    /// # Errors
    /// When there is no such post, or SQLite cannot write.
    pub fn withdrawal_too_late(
        &mut self,
        id: PostId,
        why: NotWithdrawn,
        again_at: UnixMillis,
    ) -> Result<Post, Error> {
        let before = self.expect_post(id)?;
        let mut after = before.clone();
        match (why, before.withdraw_to) {
            (NotWithdrawn::UnderWay, Some(_)) => {
                self.put_off_withdrawals(id, again_at)?;
                self.note_too_late(&before)?;
                return Ok(before);
            }
            (NotWithdrawn::Rests, Some(to)) if may_rest(&before, to) => {
                return self.let_rest(&before, to);
            }
            _ => {}
        }
        after.withdraw_to = None;
        self.end_withdrawals(id, OutboxEnding::Refused)?;
        self.change(&before, after, Actor::Relay, EventKind::WithdrawTooLate)
    }

    /// Says once for each wish that it came too late, although the row stays as it is.
    fn note_too_late(&mut self, post: &Post) -> Result<(), Error> {
        let said = self.events(post.id)?.into_iter().any(|event| {
            event.kind == EventKind::WithdrawTooLate && event.revision == post.revision
        });
        if said {
            return Ok(());
        }
        let (post, kind) = ((post.id, post.revision), EventKind::WithdrawTooLate);
        self.append_event(post, Actor::Relay, kind, &PostChange::default())
    }

    /// A person who was asked to check the post said to leave it; nothing was proven about X.
    fn let_rest(&mut self, before: &Post, to: WithdrawTo) -> Result<Post, Error> {
        let mut after = before.clone();
        after.status = to.status();
        after.withdrawn_revision = before.revision;
        after.withdraw_to = None;
        after.error_code = None;
        after.error_message = None;
        if to == WithdrawTo::Deleted {
            after.deleted_at = Some(self.now());
        }
        self.end_withdrawals(before.id, OutboxEnding::Done)?;
        self.change(before, after, Actor::Person, EventKind::Status)
    }

    /// Brings a withdrawn post to its goal.
    pub(super) fn withdrawn(
        &mut self,
        before: &Post,
        to: WithdrawTo,
        by: Actor,
        revision: Revision,
    ) -> Result<Post, Error> {
        let goal = to.status();
        let before = &self.let_go(before, goal, by)?;
        let mut after = before.clone();
        after.revision = before.revision.max(revision);
        if before.offered_revision > Revision(0) {
            after.withdrawn_revision = after.revision;
        }
        // What is pending is armed, and an arming stands above every withdrawal.
        if goal == Status::Pending && before.offered_revision > Revision(0) {
            after.revision = after.revision.next();
        }
        after.status = goal;
        after.withdraw_to = None;
        after.held_until = None;
        after.error_code = None;
        after.error_message = None;
        after.qstash_message_id = None;
        after.synced_at = None;
        if to == WithdrawTo::Deleted {
            after.deleted_at = Some(self.now());
        }
        self.end_withdrawals(before.id, OutboxEnding::Done)?;
        if let Some(message) = &before.qstash_message_id {
            self.intend_message_gone(before.id, message, by)?;
        }
        let by = if before.status.allows(goal, by) { by } else { Actor::Person };
        self.change(before, after, by, EventKind::Withdrawn)
    }

    /// Where the wish alone could not change the status any more (the relay had begun, and took it
    /// back), the relay's word cancels the post first.
    fn let_go(&mut self, before: &Post, goal: Status, by: Actor) -> Result<Post, Error> {
        let person_may = before.status.allows(goal, Actor::Person);
        if before.status == goal || before.status.allows(goal, by) || person_may {
            return Ok(before.clone());
        }
        let cancelled = Post { status: Status::Cancelled, ..before.clone() };
        self.change(before, cancelled, Actor::Relay, EventKind::Outcome)
    }
}

/// Whether a person who was asked what became of the post wants no more of it.
const fn may_rest(post: &Post, to: WithdrawTo) -> bool {
    matches!(post.status, Status::Unknown | Status::Partial)
        && matches!(to, WithdrawTo::Cancelled | WithdrawTo::Deleted)
}
