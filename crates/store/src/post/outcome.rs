//! What the relay tells of a post. It may be told twice, late, and about an older revision.

use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, Revision, TweetId};
use roost_core::status::{Actor, Status};

use super::{LateEdit, Post, PostChange, PostFields};
use crate::error::Error;
use crate::store::Tx;
use crate::table::EventKind;

/// The relay's word on one post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The highest revision that the relay knows.
    pub revision: Revision,
    /// Where the post stands, as a person sees it.
    pub status: Status,
    /// The relay's own word for that, for the receipt: `claimed`, `sending` …; empty when it is not
    /// known.
    pub state: String,
    /// Its id on X, when known.
    pub tweet_id: Option<TweetId>,
    /// Of a thread: the ids on X of the parts that are there, from the first on.
    pub live: Vec<TweetId>,
    /// Why it failed or waits.
    pub code: Option<String>,
    /// The same in plain words.
    pub message: Option<String>,
    /// Until when the relay waits.
    pub until: Option<UnixMillis>,
    /// Calls to X so far.
    pub attempts: u32,
    /// When X took it.
    pub posted_at: Option<UnixMillis>,
    /// When the relay noted this.
    pub at: UnixMillis,
}

/// What became of the relay's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// The row changed.
    Changed {
        /// As it was.
        before: Box<Post>,
        /// As it is.
        after: Box<Post>,
        /// The edit that came too late for it, when that was noticed now.
        late: Option<Box<LateEdit>>,
    },
    /// It was known, or speaks of a revision that this store has left behind.
    Unchanged,
    /// The table of statuses does not allow it; the row stays, and the engine should look closer.
    Refused {
        /// What the row is.
        from: Status,
        /// What the relay said.
        to: Status,
    },
    /// This store has no such post.
    NotOurs,
}

impl Tx<'_> {
    /// Applies the relay's word to a post. Returns whether it changed the post.
    ///
    /// A word about an older revision counts when it says that something went out or may have, or
    /// when nothing newer stands on the relay: a stale "waiting" never takes back an edit or a
    /// withdrawal, and a stale "sending" no withdrawal that was proven. Where an edit came too late, the row shows again what is being sent. "Queued"
    /// is the scheduler's to give, so the relay's alone never makes a pending post queued.
    ///
    /// A word that changes nothing in the row is noted in the receipt all the same, at its own time:
    /// it may be heard long after what followed it.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn record_outcome(&mut self, id: PostId, outcome: &Outcome) -> Result<Recorded, Error> {
        let Some(before) = self.post(id)? else { return Ok(Recorded::NotOurs) };
        let revision = before.revision;
        let recorded = self.taken_in(before, outcome)?;
        let changed = matches!(recorded, Recorded::Changed { .. });
        if !changed {
            self.note_step((id, revision), outcome)?;
        }
        let has_new_parts = self.parts_posted(id, &outcome.live)?;
        if has_new_parts {
            let post = self.expect_post(id)?;
            self.charge_for_parts(&post, outcome.at)?;
        }
        if has_new_parts && !changed {
            let post = self.expect_post(id)?;
            return Ok(Recorded::Changed {
                before: Box::new(post.clone()),
                after: Box::new(post),
                late: None,
            });
        }
        Ok(recorded)
    }

    /// Notes a step of the relay that the row has left behind, or that it does not show, once.
    fn note_step(&mut self, post: (PostId, Revision), outcome: &Outcome) -> Result<(), Error> {
        // A withdrawal stands in the receipt with its proof.
        if outcome.state.is_empty() || outcome.status == Status::Cancelled {
            return Ok(());
        }
        if self.is_told(post.0, outcome.at, &outcome.state)? {
            return Ok(());
        }
        let after = PostFields {
            status: Some(outcome.status),
            error_code: outcome.code.clone().map(Some),
            error_message: outcome.message.clone().map(Some),
            tweet_id: outcome.tweet_id.clone().map(Some),
            ..PostFields::default()
        };
        let mut change = PostChange { after, ..PostChange::default() };
        outcome.mark(&mut change);
        let post = (post.0, outcome.revision.min(post.1));
        self.append_event_at(post, Actor::Relay, EventKind::Outcome, &change, Some(outcome.at))
    }

    fn taken_in(&mut self, before: Post, outcome: &Outcome) -> Result<Recorded, Error> {
        let (id, to) = (before.id, outcome.status);
        if to == Status::Cancelled && before.withdraw_to.is_some() {
            return self.recorded_withdrawal(before, outcome);
        }
        if before.withdraw_to.is_some() && came_back(to) {
            self.put_off_withdrawals(id, self.now())?;
        }
        if is_at_rest(&before, outcome) {
            return Ok(Recorded::Unchanged);
        }
        let older = outcome.revision < before.revision;
        let left_behind = older && !went_out(to) && !speaks_of_the_newest(&before, outcome);
        let only_staged = to == Status::Queued
            && (before.qstash_message_id.is_none() || before.status == Status::Pending);
        if left_behind || only_staged || is_proven_over(&before, outcome) {
            return Ok(Recorded::Unchanged);
        }
        if !before.status.allows(to, Actor::Relay) {
            // The same word again is no contradiction.
            let same = before.status == to;
            let refused = Recorded::Refused { from: before.status, to };
            return Ok(if same { Recorded::Unchanged } else { refused });
        }
        let mut after = told(&before, outcome);
        let (mut sent, mut late) = (None, None);
        // A withdrawal that is on its way may still win, and then the edit stands.
        let as_sent = match () {
            () if older && went_out(to) && after.withdraw_to.is_none() => {
                Some(self.as_sent(&after, outcome.revision)?)
            }
            () if to == Status::Posted => self.as_due_when_posted(&after)?,
            () => None,
        };
        if let Some(as_sent) = as_sent {
            (after, sent, late) = (as_sent.post, Some(as_sent.content), as_sent.late);
        }
        let (by, kind) = (Actor::Relay, EventKind::Outcome);
        let after = self.change_as_told(&before, after, sent.as_ref(), by, kind, Some(outcome))?;
        let late = late.map(|late| self.keep_late(&before, late, outcome)).transpose()?;
        Ok(recorded(before, after, late))
    }

    fn recorded_withdrawal(&mut self, before: Post, outcome: &Outcome) -> Result<Recorded, Error> {
        if outcome.revision < before.revision {
            return Ok(Recorded::Unchanged);
        }
        let after = self.withdrawal_proven(before.id, outcome.revision, Actor::Relay)?;
        Ok(recorded(before, after, None))
    }
}

pub(super) fn recorded(before: Post, after: Post, late: Option<LateEdit>) -> Recorded {
    if before == after {
        Recorded::Unchanged
    } else {
        let (before, after) = (Box::new(before), Box::new(after));
        Recorded::Changed { before, after, late: late.map(Box::new) }
    }
}

impl Outcome {
    /// Adds to an event what the row does not keep of this word.
    pub(super) fn mark(&self, change: &mut PostChange) {
        change.state = Some(self.state.clone()).filter(|state| !state.is_empty());
        change.live.clone_from(&self.live);
    }
}

/// Whether something is or may be on X: such a word counts under any revision.
pub(super) const fn went_out(status: Status) -> bool {
    matches!(status, Status::Sending | Status::Posted | Status::Partial | Status::Unknown)
}

/// Whether the relay has its hands off X: what came too late to be withdrawn may be asked about
/// again.
const fn came_back(status: Status) -> bool {
    matches!(status, Status::Queued | Status::Held | Status::Unknown | Status::Partial)
}

/// Whether the relay says again that a post needs a check which a person let rest, and nothing was
/// called for since.
fn is_at_rest(before: &Post, outcome: &Outcome) -> bool {
    before.status == Status::Cancelled
        && matches!(outcome.status, Status::Unknown | Status::Partial)
        && outcome.revision < before.withdrawn_revision
        && outcome.attempts <= before.retry_count
        && before.retry_count > 0
}

/// Whether the relay tells late that it was sending a revision which it has withdrawn since: that was proven,
/// so the call came to nothing, and nothing follows from it any more.
fn is_proven_over(before: &Post, outcome: &Outcome) -> bool {
    outcome.status == Status::Sending && outcome.revision <= before.withdrawn_revision
}

/// Whether a word about an older revision is about the newest that the relay has: an edit or a
/// withdrawal took a revision here, and came too late there.
fn speaks_of_the_newest(before: &Post, outcome: &Outcome) -> bool {
    match before.status {
        // Only the relay's word makes a post so, and only its next one ends it. What it sends it
        // never calls withdrawn: that would be an older word still.
        Status::Sending => outcome.status != Status::Cancelled,
        Status::Queued | Status::Held => {
            before.withdraw_to.is_none() && outcome.revision >= before.offered_revision
        }
        _ => false,
    }
}

/// Whether the relay says that a post failed or was missed, which is known, and not why. A relay that lost
/// its ledger heard it from this store, and keeps no reasons of others.
fn only_repeats(before: &Post, outcome: &Outcome) -> bool {
    outcome.code.is_none()
        && outcome.status == before.status
        && matches!(outcome.status, Status::Failed | Status::Missed)
        && outcome.revision <= before.revision
}

/// The row as the relay's word makes it.
pub(super) fn told(before: &Post, outcome: &Outcome) -> Post {
    let mut after = before.clone();
    after.status = outcome.status;
    after.revision = before.revision.max(outcome.revision);
    after.offered_revision = before.offered_revision.max(outcome.revision);
    after.retry_count = outcome.attempts.max(before.retry_count);
    after.held_until = outcome.until.filter(|_| outcome.status == Status::Held);
    if !only_repeats(before, outcome) {
        after.error_code.clone_from(&outcome.code);
        after.error_message.clone_from(&outcome.message);
    }
    if let Some(tweet) = &outcome.tweet_id {
        after.tweet_id = Some(tweet.clone());
    }
    match outcome.status {
        Status::Posted => {
            after.posted_at = before.posted_at.or(outcome.posted_at).or(Some(outcome.at));
            after.failed_at = None;
        }
        Status::Partial => after.posted_at = before.posted_at.or(outcome.posted_at),
        Status::Failed => after.failed_at = before.failed_at.or(Some(outcome.at)),
        Status::Cancelled => after.withdrawn_revision = after.revision,
        _ => {}
    }
    // While it is being sent, the relay may still come back from X and withdraw it.
    if outcome.status.is_decided() {
        after.withdraw_to = None;
    }
    // What went out after all, or still may, does not stay out of sight.
    if went_out(outcome.status) || outcome.status.is_live_on_relay() {
        after.deleted_at = None;
    }
    after
}
