//! The one door through which a post changes: it asks the table of statuses, writes the row, and
//! appends the event, in one transaction.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::Content;
use roost_core::status::{Actor, Status};

use super::post_change::{PostChange, Whole};
use super::unsaved_edit::is_on_x;
use super::{Outcome, Post};
use crate::error::Error;
use crate::store::Tx;
use crate::table::{EventKind, OutboxEnding};

/// Why a post goes to another status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reason {
    /// A word of the closed set of codes.
    pub code: Option<String>,
    /// The same in plain words.
    pub message: Option<String>,
    /// Until when it waits, for [`Status::Held`].
    pub until: Option<UnixMillis>,
}

/// What is written of a post beside its row; what is none stays.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside<'b> {
    /// What it says.
    pub(super) content: Option<&'b Content>,
    /// Its tags.
    pub(super) tags: Option<&'b [String]>,
}

impl<'b> From<Option<&'b Content>> for Beside<'b> {
    fn from(content: Option<&'b Content>) -> Self {
        Self { content, tags: None }
    }
}

impl Tx<'_> {
    /// Writes `after` in the place of `before`, when `by` may. A change of nothing writes nothing.
    pub(super) fn change(
        &mut self,
        before: &Post,
        after: Post,
        by: Actor,
        kind: EventKind,
    ) -> Result<Post, Error> {
        self.change_as_told(before, after, None, by, kind, None)
    }

    /// [`Tx::change`] to another content as well, where one is given; and by a word of the relay: the
    /// event then has the relay's time, and says what else the word said.
    pub(super) fn change_as_told(
        &mut self,
        before: &Post,
        after: Post,
        content: Option<&Content>,
        by: Actor,
        kind: EventKind,
        word: Option<&Outcome>,
    ) -> Result<Post, Error> {
        allowed(before, &after, by)?;
        self.put(before, after, content.into(), by, kind, word)
    }

    /// [`Tx::change_as_told`] without asking the table of statuses: a store that was put back takes the
    /// relay's word for whatever happened since.
    pub(super) fn change_unasked(
        &mut self,
        before: &Post,
        after: Post,
        content: Option<&Content>,
        kind: EventKind,
        word: Option<&Outcome>,
    ) -> Result<Post, Error> {
        self.put(before, after, content.into(), Actor::Relay, kind, word)
    }

    /// Writes another content and other tags with the row, where they are given.
    pub(super) fn change_whole(
        &mut self,
        before: &Post,
        after: Post,
        beside: Beside<'_>,
        by: Actor,
        kind: EventKind,
    ) -> Result<Post, Error> {
        allowed(before, &after, by)?;
        self.put(before, after, beside, by, kind, None)
    }

    fn put(
        &mut self,
        before: &Post,
        mut after: Post,
        beside: Beside<'_>,
        by: Actor,
        kind: EventKind,
        word: Option<&Outcome>,
    ) -> Result<Post, Error> {
        after.synced_to_qstash = after.qstash_message_id.is_some();
        after.updated_at = before.updated_at;
        let id = before.id;
        let old_content = match beside.content {
            Some(content) => {
                after.say(content, &self.prices()?);
                Some(self.content(before)?)
            }
            None => None,
        };
        let tags = match beside.tags {
            Some(names) => {
                let old = self.tags_of(id)?;
                self.replace_tags(id, names)?;
                Some((old, self.tags_of(id)?))
            }
            None => None,
        };
        let (old_tags, new_tags) =
            tags.as_ref().map(|(old, new)| (old.as_slice(), new.as_slice())).unzip();
        let was = Whole { post: before, content: old_content.as_ref(), tags: old_tags };
        let is = Whole { post: &after, content: beside.content, tags: new_tags };
        // Damaged words that are written anew differ in what no event tells: their hash.
        let is_mended = before.body_hash != after.body_hash;
        let change = PostChange::between(was, is).or_else(|| is_mended.then(PostChange::default));
        let Some(mut change) = change else { return Ok(after) };
        let is_seen = old_tags != new_tags || !before.looks_like(&after);
        after.version = if is_seen { before.version.next() } else { before.version };
        after.updated_at = self.now;
        self.update_row(&after)?;
        if let Some(content) =
            beside.content.filter(|content| old_content.as_ref() != Some(content))
        {
            self.replace_parts(id, content)?;
        }
        if let Some(word) = word {
            word.mark(&mut change);
        }
        let happened_at = word.map(|word| word.at);
        self.append_event_at((id, after.revision), by, kind, &change, happened_at)?;
        let is_new_on_x = (before.status, &before.tweet_id) != (after.status, &after.tweet_id);
        if is_new_on_x && (after.status == Status::Posted || after.tweet_id.is_some()) {
            let at = after.posted_at.or(happened_at).unwrap_or(self.now);
            self.charge_for_parts(&after, at)?;
            if is_on_x(after.status) && !is_on_x(before.status) {
                self.end_unsaved_edit(&after, at)?;
            }
        }
        // A request to withdraw lives as long as its wish. Left open, it would be told for ever: no
        // answer of the relay fits a post that is not to be withdrawn.
        if before.withdraw_to.is_some() && after.withdraw_to.is_none() {
            self.end_withdrawals(id, OutboxEnding::Superseded)?;
        }
        Ok(after)
    }

    /// Notes what a person decided about a post that needs a check. Its row stays as it is until the
    /// relay has acted; a second decision that is based on the same version is refused.
    ///
    /// # Errors
    /// When there is no such post, or SQLite cannot write.
    pub fn note_decision(&mut self, id: PostId, decision: &str) -> Result<(), Error> {
        let before = self.expect_post(id)?;
        self.update_row(&Post { version: before.version.next(), ..before.clone() })?;
        let change = PostChange { decision: Some(decision.to_owned()), ..PostChange::default() };
        self.append_event((id, before.revision), Actor::Person, EventKind::Decided, &change)
    }

    /// Moves a post to another status: missed by the late policy, held for a question, a draft
    /// again. For handing over, withdrawing and results there are functions of their own.
    /// Returns the post as it is now.
    ///
    /// # Errors
    /// When there is no such post, it is in the trash, the table of statuses does not allow it, or
    /// the relay may still send it and the move would hide that.
    pub fn set_status(
        &mut self,
        id: PostId,
        to: Status,
        by: Actor,
        reason: &Reason,
    ) -> Result<Post, Error> {
        let before = self.live_post(id)?;
        // Nobody here concludes about a post that was handed over: the relay is asked.
        let concludes =
            matches!(to, Status::Draft | Status::Cancelled | Status::Missed | Status::Failed);
        if before.may_be_on_relay() && concludes && by != Actor::Relay {
            return Err(Error::StillHandedOver { post: id });
        }
        let mut after = before.clone();
        after.status = to;
        after.error_code.clone_from(&reason.code);
        after.error_message.clone_from(&reason.message);
        after.held_until = reason.until;
        if to == Status::Failed && before.status != Status::Failed {
            after.failed_at = Some(self.now());
        }
        self.change(&before, after, by, EventKind::Status)
    }

    /// A post that is there and not in the trash.
    pub(super) fn live_post(&self, id: PostId) -> Result<Post, Error> {
        let post = self.expect_post(id)?;
        if post.deleted_at.is_some() { Err(Error::Deleted { post: id }) } else { Ok(post) }
    }
}

/// Asks the table of statuses.
fn allowed(before: &Post, after: &Post, by: Actor) -> Result<(), Error> {
    let (from, to) = (before.status, after.status);
    if from == to || from.allows(to, by) {
        return Ok(());
    }
    Err(Error::Refused { post: before.id, from, to, actor: by })
}
