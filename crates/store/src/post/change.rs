//! The one door through which a post changes: it asks the table of statuses, writes the row, and
//! appends the event, in one transaction.

use roost_core::clock::UnixMillis;
use roost_core::id::PostId;
use roost_core::post::{BodyHash, Content};
use roost_core::status::{Actor, Status};
use serde_json::{Map, Value};

use super::{Outcome, Post, content_event};
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

/// Fields that say nothing of their own in an event: they follow from others.
pub(super) const DERIVED: [&str; 4] = ["updated_at", "synced_to_qstash", "seq", "version"];

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
        if before.status != after.status && !before.status.allows(after.status, by) {
            let (from, to) = (before.status, after.status);
            return Err(Error::Refused { post: before.id, from, to, actor: by });
        }
        self.put(before, after, content, by, kind, word)
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
        self.put(before, after, content, Actor::Relay, kind, word)
    }

    fn put(
        &mut self,
        before: &Post,
        mut after: Post,
        content: Option<&Content>,
        by: Actor,
        kind: EventKind,
        word: Option<&Outcome>,
    ) -> Result<Post, Error> {
        after.synced_to_qstash = after.qstash_message_id.is_some();
        after.updated_at = before.updated_at;
        let contents = match content {
            Some(content) => {
                after.say(content);
                Some((self.content(before)?, content))
            }
            None => None,
        };
        let contents = contents.as_ref().map(|(old, new)| (old, *new));
        after.version =
            if before.looks_like(&after) { before.version } else { before.version.next() };
        let Some((old, mut new)) = difference(before, &after, contents)? else { return Ok(after) };
        after.updated_at = self.now;
        self.update_row(&after)?;
        if let Some((_, content)) = contents.filter(|(old, new)| old != new) {
            self.replace_parts(after.id, content)?;
        }
        if let Some(word) = word {
            word.mark(&mut new);
        }
        let happened_at = word.map(|word| word.at);
        let post = (after.id, after.revision);
        self.append_event_at(post, by, kind, (Some(&old), Some(&new)), happened_at)?;
        // A request to withdraw lives as long as its wish. Left open, it would be told for ever: no
        // answer of the relay fits a post that is not to be withdrawn.
        if before.withdraw_to.is_some() && after.withdraw_to.is_none() {
            self.end_withdrawals(after.id, OutboxEnding::Superseded)?;
        }
        Ok(after)
    }

    /// Notes that a person decided about a post, though its row stays as it is until the relay has
    /// acted: a second decision that is based on the same version is refused.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn raise_version(&mut self, id: PostId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE scheduled_post SET version = version + 1 WHERE id = ?1")?
            .execute([id.to_string()])?;
        Ok(())
    }

    fn update_row(&mut self, post: &Post) -> Result<(), Error> {
        let schedule = post.schedule.as_ref();
        self.connection
            .prepare_cached(
                "UPDATE scheduled_post SET account_id = :account, content = :content,
                     content_hash = :key, body_hash = :hash, cost_micros = :cost,
                     has_link = :has_link, scheduled_at = :scheduled_at,
                     wall_time = :wall_time, zone = :zone, status = :status,
                     revision = :revision, version = max(version, :version),
                     offered_revision = :offered,
                     withdrawn_revision = :withdrawn, withdraw_to = :withdraw_to,
                     qstash_message_id = :message, synced_at = :synced_at,
                     held_until = :held_until, tweet_id = :tweet, error_code = :error_code,
                     error_message = :error_message, retry_count = :retry_count,
                     posted_at = :posted_at, failed_at = :failed_at, updated_at = :updated_at,
                     deleted_at = :deleted_at, gone_from_x_at = :gone_from_x_at
                 WHERE seq = :seq",
            )?
            .execute(rusqlite::named_params! {
                ":seq": post.seq,
                ":account": post.account.as_ref().map(|account| &account.0),
                ":content": post.content,
                ":key": post.duplicate_key.0.as_slice(),
                ":hash": post.body_hash.map(BodyHash::to_bytes),
                ":cost": post.cost_micros,
                ":has_link": post.has_link,
                ":scheduled_at": schedule.map(|schedule| schedule.at.0),
                ":wall_time": schedule.map(|schedule| &schedule.wall_time),
                ":zone": schedule.map(|schedule| &schedule.zone),
                ":status": post.status.as_str(),
                ":revision": post.revision.0,
                ":version": post.version.0,
                ":offered": post.offered_revision.0,
                ":withdrawn": post.withdrawn_revision.0,
                ":withdraw_to": post.withdraw_to.map(super::WithdrawTo::as_str),
                ":message": post.qstash_message_id,
                ":synced_at": post.synced_at.map(|at| at.0),
                ":held_until": post.held_until.map(|at| at.0),
                ":tweet": post.tweet_id.as_ref().map(|tweet| &tweet.0),
                ":error_code": post.error_code,
                ":error_message": post.error_message,
                ":retry_count": post.retry_count,
                ":posted_at": post.posted_at.map(|at| at.0),
                ":failed_at": post.failed_at.map(|at| at.0),
                ":updated_at": post.updated_at.0,
                ":deleted_at": post.deleted_at.map(|at| at.0),
                ":gone_from_x_at": post.gone_from_x_at.map(|at| at.0),
            })?;
        Ok(())
    }

    /// Moves a post to another status: missed by the late policy, held for a question, a draft
    /// again. For handing over, withdrawing and results there are functions of their own.
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

/// Returns the fields that differ, as they were and as they are; `None` when none does. Damaged words
/// that are written anew differ in what no event tells: their hash.
fn difference(
    before: &Post,
    after: &Post,
    contents: Option<(&Content, &Content)>,
) -> Result<Option<(Value, Value)>, Error> {
    let is_mended = before.body_hash != after.body_hash;
    let (Value::Object(before), Value::Object(after)) =
        (serde_json::to_value(before)?, serde_json::to_value(after)?)
    else {
        return Ok(None);
    };
    let mut old = Map::new();
    let mut new = Map::new();
    for (name, value) in after {
        let was = before.get(&name).cloned().unwrap_or_default();
        if was != value && !DERIVED.contains(&name.as_str()) {
            old.insert(name.clone(), was);
            new.insert(name, value);
        }
    }
    if let Some(contents) = contents {
        content_event::add_changed(contents, &mut old, &mut new)?;
    }
    Ok((!new.is_empty() || is_mended).then_some((Value::Object(old), Value::Object(new))))
}
