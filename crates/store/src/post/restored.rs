//! A store that was put back from a backup. It has forgotten what happened since: posts were sent,
//! changed, cancelled. Until it has asked the relay about every post it arms none, and what the
//! relay knows wins over what the backup says, but for what the person did after the restore.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::post::{Content, FollowUp};
use roost_core::status::{Actor, Status};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::outcome::{Recorded, recorded, told, went_out};
use super::{NewPost, Outcome, Post, Schedule, WithdrawTo};
use crate::error::Error;
use crate::store::{Read, Tx};
use crate::table::EventKind;

const KEY: &str = "restored";

/// Statuses in which something may have left this computer since the backup was made.
const LIVE: &str = "('pending', 'queued', 'held', 'sending')";

/// The mark of a store that was put back and has not asked the relay yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoredMark {
    /// When it was put back.
    pub at: UnixMillis,
    /// The last event of the backup: what comes after it happened here after the restore.
    #[serde(default)]
    pub after_event: Option<i64>,
    /// Whether it came from another computer, or came back from one: not from a backup.
    #[serde(default)]
    pub is_move: bool,
}

/// What a relay holds of a post: the text that goes out, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct RelayBody {
    /// What it says.
    pub content: Content,
    /// The account.
    pub account: Option<XUserId>,
    /// When it is due.
    pub schedule: Option<Schedule>,
    /// The post that it follows as a reply, and how long after it.
    pub follow_up: Option<FollowUp>,
}

/// Marks a file that is being put back, before it stands in its place.
pub(crate) fn mark(connection: &Connection, now: UnixMillis, is_move: bool) -> Result<(), Error> {
    let mark = serde_json::to_string(&RestoredMark { at: now, after_event: None, is_move })?;
    connection.execute(
        "INSERT INTO setting (key, value, updated_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (key) DO UPDATE SET value = ?2, updated_at = ?3",
        (KEY, mark, now.0),
    )?;
    Ok(())
}

fn read_mark(connection: &Connection) -> Result<Option<RestoredMark>, Error> {
    let sql = "SELECT value FROM setting WHERE key = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let text: Option<String> = statement.query_row([KEY], |row| row.get(0)).optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// At the first opening after the restore, in the newest format: notes that whatever could leave may
/// have left, and that numbers which others have seen never come again.
pub(crate) fn prepare(connection: &Connection, now: UnixMillis) -> Result<(), Error> {
    let Some(mark) = read_mark(connection)?.filter(|mark| mark.after_event.is_none()) else {
        return Ok(());
    };
    roost_sqlite::write(connection, "store.restored", |tx| distrust(tx, mark, now))
}

/// The same in a transaction that is open already.
pub(crate) fn distrust_now(tx: &Connection, now: UnixMillis) -> Result<(), Error> {
    match read_mark(tx)?.filter(|mark| mark.after_event.is_none()) {
        Some(mark) => distrust(tx, mark, now),
        None => Ok(()),
    }
}

fn distrust(tx: &Connection, mark: RestoredMark, now: UnixMillis) -> Result<(), Error> {
    tx.execute(
        &format!(
            "UPDATE scheduled_post SET
                 offered_to = CASE WHEN offered_revision > withdrawn_revision THEN offered_to END,
                 offered_revision = revision
             WHERE status IN {LIVE} AND offered_revision < revision AND deleted_at IS NULL"
        ),
        [],
    )?;
    // What was decided then was about what stood then; the relay has its own word of it.
    tx.execute(
        "UPDATE outbox SET done_at = ?1, ending = 'superseded'
         WHERE done_at IS NULL AND kind IN ('resolve', 'pause')",
        [now.0],
    )?;
    // The relay tells a newer pause from an older one by its number. There are fewer intentions than
    // milliseconds.
    let raised =
        tx.execute("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'outbox'", [now.0])?;
    if raised == 0 {
        tx.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?1)", [now.0])?;
    }
    let last =
        tx.query_row("SELECT coalesce(max(seq), 0) FROM post_event", [], |row| row.get(0))?;
    let mark = serde_json::to_string(&RestoredMark { after_event: Some(last), ..mark })?;
    tx.execute("UPDATE setting SET value = ?2 WHERE key = ?1", (KEY, mark))?;
    Ok(())
}

impl Read<'_> {
    /// Returns the mark of a store that was put back from a backup and has not asked the relay about
    /// every post yet.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn restored_mark(&self) -> Result<Option<RestoredMark>, Error> {
        read_mark(self.connection)
    }

    /// Returns the posts of which the relay may know more than a backup does, the trash included:
    /// all but those that are on X. Pages by [`Post::seq`] after `after_seq`.
    ///
    /// # Errors
    /// When SQLite cannot read.
    pub fn not_posted(&self, after_seq: i64, limit: u32) -> Result<Vec<Post>, Error> {
        self.many_posts(
            "post.seq > ?1 AND post.status <> 'posted' ORDER BY post.seq LIMIT ?2",
            (after_seq, limit),
        )
    }

    fn was_touched_since(&self, id: PostId, mark: &RestoredMark) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM post_event
                   WHERE post_id = ?1 AND seq > ?2 AND actor = 'person'
                       AND kind <> 'decided')";
        let after = mark.after_event.unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row((id.to_string(), after), |row| row.get(0))?)
    }
}

impl Tx<'_> {
    /// Takes what `relay` knows of a post into a store that was put back. `body` is what the relay
    /// holds of it; without it the backup's words stay, and are not handed over in place of the
    /// relay's. Returns whether it changed the post.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn take_relay_s_word(
        &mut self,
        mark: &RestoredMark,
        relay: &str,
        id: PostId,
        outcome: &Outcome,
        body: Option<&RelayBody>,
    ) -> Result<Recorded, Error> {
        let Some(before) = self.post(id)? else { return Ok(Recorded::NotOurs) };
        if before.is_held_by_other_than(relay) && !went_out(outcome.status) {
            return Ok(Recorded::Unchanged);
        }
        self.connection
            .prepare_cached("UPDATE scheduled_post SET offered_to = ?2 WHERE id = ?1")?
            .execute((id.to_string(), relay))?;
        let is_newer = outcome.revision > before.revision;
        if !is_newer && before.status != Status::Draft {
            return self.record_outcome(id, outcome);
        }
        if self.was_touched_since(id, mark)? && !went_out(outcome.status) {
            return self.hold_to_the_wish(before, outcome);
        }
        if !is_newer && outcome.status == Status::Cancelled {
            // A draft that was withdrawn to become one.
            return Ok(Recorded::Unchanged);
        }
        if body.is_none() && before.schedule.is_none() && outcome.status != Status::Cancelled {
            // A draft of the backup that an older relay tells no time of: its events will.
            return Ok(Recorded::Unchanged);
        }
        self.adopt(before, outcome, body)
    }

    /// Makes the row what the relay says.
    fn adopt(
        &mut self,
        before: Post,
        outcome: &Outcome,
        body: Option<&RelayBody>,
    ) -> Result<Recorded, Error> {
        let mut with_body = Post { revision: outcome.revision, ..before.clone() };
        if let Some(body) = body {
            with_body.account = body.account.clone();
            with_body.schedule = body.schedule.clone().or(with_body.schedule);
        }
        // An older relay tells texts alone: where they are the same, nothing that stands beside them
        // here is lost.
        let known = self.content(&before)?;
        let differs = |body: &&RelayBody| !body.content.texts().eq(known.texts());
        let content = body.filter(differs).map(|body| &body.content);
        let with_body =
            self.change_unasked(&before, with_body, content, EventKind::Edited, None)?;
        let mut after = told(&with_body, outcome);
        after.withdraw_to = None;
        after.qstash_message_id = None;
        after.synced_at = None;
        if after.status == Status::Queued {
            let due = after.schedule.as_ref().map(|schedule| schedule.at);
            // Handed over once more under the same revision, which changes nothing, its message is
            // known again. What is due, or has other words there, is the relay's alone.
            let can_be_repeated = body.is_some() && due.is_some_and(|due| due > self.now());
            after.status = if can_be_repeated { Status::Pending } else { Status::Held };
        }
        let after =
            self.change_unasked(&with_body, after, None, EventKind::Outcome, Some(outcome))?;
        Ok(recorded(before, after, None))
    }

    /// The person changed the post after the restore: that stands, above what the relay has.
    fn hold_to_the_wish(&mut self, before: Post, outcome: &Outcome) -> Result<Recorded, Error> {
        let id = before.id;
        let goal = match (before.withdraw_to, before.status) {
            (Some(goal), _) => Some(goal),
            _ if before.deleted_at.is_some() => Some(WithdrawTo::Deleted),
            (None, Status::Draft) => Some(WithdrawTo::Draft),
            (None, Status::Cancelled) => Some(WithdrawTo::Cancelled),
            _ => None,
        };
        let is_live = outcome.status.is_live_on_relay();
        match goal {
            Some(goal) if is_live => {
                let raised = Post {
                    revision: outcome.revision,
                    offered_revision: outcome.revision,
                    withdraw_to: None,
                    deleted_at: None,
                    ..before.clone()
                };
                self.change_unasked(&before, raised, None, EventKind::Outcome, None)?;
                self.withdraw_post(id, goal, Actor::Person)?;
            }
            None if before.status == Status::Pending => {
                self.arm_above(id, outcome.revision, Actor::Engine)?;
            }
            Some(_) | None => {
                let revision = before.revision.max(outcome.revision);
                let raised = Post { revision, ..before.clone() };
                self.change_unasked(&before, raised, None, EventKind::Outcome, None)?;
            }
        }
        let after = self.expect_post(id)?;
        Ok(recorded(before, after, None))
    }

    /// `relay` never heard of a post. One whose time passed is not armed: nobody can tell by the backup
    /// whether another store sent it. Returns whether it changed the post.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn relay_never_heard(&mut self, relay: &str, id: PostId) -> Result<Recorded, Error> {
        let Some(before) = self.post(id)? else { return Ok(Recorded::NotOurs) };
        let is_live = matches!(before.status, Status::Pending | Status::Queued | Status::Held);
        if !is_live || before.withdraw_to.is_some() || before.is_held_by_other_than(relay) {
            return Ok(Recorded::Unchanged);
        }
        let due = before.schedule.as_ref().map(|schedule| schedule.at);
        if due.is_some_and(|due| due > self.now()) {
            if before.status != Status::Pending {
                self.arm_above(id, before.revision, Actor::Engine)?;
            }
        } else {
            let after = Post {
                status: Status::Missed,
                qstash_message_id: None,
                synced_at: None,
                held_until: None,
                error_code: Some(Code::Missed.as_str().to_owned()),
                error_message: Some(
                    "Its time passed before this backup was restored, and the relay does not know \
                     it. Look whether it is on X before you post it."
                        .to_owned(),
                ),
                ..before.clone()
            };
            self.change_unasked(&before, after, None, EventKind::Outcome, None)?;
        }
        self.relay_knows(id, roost_core::id::Revision(0))?;
        let after = self.expect_post(id)?;
        Ok(recorded(before, after, None))
    }

    /// Makes a post that the relay has and the backup had not yet: it was written since.
    /// Returns whether it changed the post.
    ///
    /// # Errors
    /// When its account is not known, or SQLite cannot write.
    pub fn learn_post(
        &mut self,
        relay: &str,
        id: PostId,
        outcome: &Outcome,
        body: &RelayBody,
    ) -> Result<Recorded, Error> {
        let new = NewPost {
            account: body.account.clone(),
            schedule: body.schedule.clone(),
            status: Status::Pending,
            follow_up: body.follow_up,
            ..NewPost::draft(id, body.content.clone())
        };
        let made = self.create_post(&new, Actor::Relay)?;
        self.connection
            .prepare_cached("UPDATE scheduled_post SET offered_to = ?2 WHERE id = ?1")?
            .execute((id.to_string(), relay))?;
        self.adopt(made, outcome, Some(body))
    }

    /// The relay was asked about every post: the store is like any other from here on.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn restore_settled(&mut self) -> Result<(), Error> {
        self.remove_setting(KEY)
    }
}
