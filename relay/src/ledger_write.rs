//! One write to the ledger: the connection inside its transaction, and what is to be told of it once
//! it is on disk.

use std::ops::Deref;

use roost_core::id::TweetId;
use rusqlite::Connection;

use crate::audit_log::Change;
use crate::rows::post::Post;

/// The changes that one write made.
#[derive(Debug, Default)]
pub(crate) struct ChangeLog {
    /// The changes of posts, oldest first.
    pub(crate) changes: Vec<Change>,
    /// The number of the newest event that the write appended to the feed, if it appended any.
    pub(crate) head: Option<i64>,
}

/// The ledger while one write is made to it. A function that changes a post takes this; one that
/// only reads takes the connection inside.
#[derive(Debug)]
pub(crate) struct LedgerWrite<'c> {
    connection: &'c Connection,
    log: ChangeLog,
    /// The scheduler's message that brings the changes about.
    cause: Option<String>,
}

impl Deref for LedgerWrite<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl<'c> LedgerWrite<'c> {
    /// A write that made no change yet.
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { connection, log: ChangeLog::default(), cause: None }
    }

    /// Names the scheduler's message that brings about whatever follows in this write.
    pub(crate) fn set_cause(&mut self, message_id: Option<String>) {
        self.cause = message_id;
    }

    /// Notes how the post differs from the row that was read. `part` is the one concerned, `tweet`
    /// the id that X gave it. What moved neither state, nor revision, nor reason is no change.
    pub(crate) fn note_change(&mut self, post: &Post, part: u32, tweet: Option<TweetId>) {
        let change = Change::of(post, part, tweet, self.cause.as_deref());
        self.log.changes.extend(change);
    }

    /// Notes that the feed got an event.
    pub(crate) fn note_event(&mut self, seq: i64) {
        self.log.head = Some(seq);
    }

    /// Ends the write. Returns what is to be told of it once it is on disk.
    pub(crate) fn into_log(self) -> ChangeLog {
        self.log
    }
}

#[cfg(test)]
mod tests {
    use roost_core::clock::UnixMillis;
    use roost_core::failure::Code;
    use roost_relay_api::DeliveryState;

    use super::*;
    use crate::rows::{post, test_ledger};
    use crate::transitions::{save, set_reason};

    fn changes_after(cause: Option<&str>, change: impl FnOnce(&mut Post)) -> Vec<Change> {
        let ledger = test_ledger::ledger();
        let mut post = post::get(&ledger, test_ledger::post()).expect("read").expect("a post");
        change(&mut post);
        let mut write = LedgerWrite::new(&ledger);
        write.set_cause(cause.map(str::to_owned));
        save(&mut write, &mut post, UnixMillis(150)).expect("saved");
        write.into_log().changes
    }

    #[test]
    fn a_change_is_noted_once_and_what_stays_is_not() {
        assert!(changes_after(None, |_| {}).is_empty());
        let changes = changes_after(None, |post| {
            post.state = DeliveryState::Waiting;
            set_reason(post, Code::RateLimited, "X's words");
        });
        let [change] = &changes[..] else { panic!("one change: {changes:?}") };
        assert_eq!(
            (change.from, change.to),
            (Some(DeliveryState::Claimed), DeliveryState::Waiting)
        );
        assert_eq!(change.reason, "rate_limited");
        assert!(!format!("{change:?}").contains("X's words"));
    }

    #[test]
    fn a_message_explains_the_changes_of_its_own_write_and_no_other() {
        let cause = |message: Option<&str>| {
            let changes = changes_after(message, |post| post.state = DeliveryState::Waiting);
            changes[0].message_id.clone()
        };
        assert_eq!(cause(Some("msg_1")).as_deref(), Some("msg_1"));
        assert_eq!(cause(None), None);
    }

    #[test]
    fn strange_reasons_share_one_count() {
        for code in ["a", "b"] {
            let changes = changes_after(None, |post| post.code = Some(code.to_owned()));
            assert_eq!(changes[0].reason, "other");
        }
    }
}
