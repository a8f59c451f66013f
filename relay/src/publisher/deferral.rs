//! Writing down until when posts wait.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{PostId, Revision};
use roost_relay_api::DeliveryState;
use rusqlite::Connection;

use crate::change::{apply, because, save};
use crate::ledger::Event;
use crate::rows::post;

/// What becomes of a post that does not go out now.
#[derive(Debug, Clone)]
pub(super) struct Deferral {
    pub(super) post: PostId,
    pub(super) revision: Revision,
    pub(super) why: Why,
}

#[derive(Debug, Clone)]
pub(super) enum Why {
    /// It waits, as a person is told.
    Wait { code: Code, message: String, until: Option<UnixMillis> },
    /// It rests without a word, until something wakes it.
    Rest,
    /// Its deadline passed.
    Late,
}

/// Applies deferrals to posts that still are where the publisher saw them. Gives how many
/// deadlines passed.
pub(super) fn defer(
    connection: &Connection,
    deferrals: &[Deferral],
    now: UnixMillis,
) -> rusqlite::Result<u64> {
    let mut expired = 0;
    for deferral in deferrals {
        let Some(mut post) = post::get(connection, deferral.post)? else { continue };
        if post.revision != deferral.revision {
            continue;
        }
        match &deferral.why {
            Why::Wait { code, message, until } => {
                let before = (post.state, post.code.clone(), post.next_at);
                if apply(&mut post, Event::Hold).is_err() {
                    continue;
                }
                post.next_at = *until;
                because(&mut post, *code, message);
                if before == (post.state, post.code.clone(), post.next_at) {
                    continue;
                }
                save(connection, &mut post, now)?;
            }
            Why::Rest => {
                let taken_up =
                    matches!(post.state, DeliveryState::Claimed | DeliveryState::Waiting);
                if taken_up {
                    post.next_at = None;
                    post::put(connection, &post)?;
                }
            }
            Why::Late => {
                if expire(connection, &mut post, now)? {
                    expired += 1;
                }
            }
        }
    }
    Ok(expired)
}

/// Ends a post whose deadline passed; false when it is past that.
pub(super) fn expire(
    connection: &Connection,
    post: &mut post::Post,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let waited_for = post.message.take().filter(|_| post.state == DeliveryState::Waiting);
    if apply(post, Event::Deadline).is_err() {
        return Ok(false);
    }
    let message = waited_for.map_or_else(
        || Code::Missed.text().to_owned(),
        |reason| format!("{} It waited: {reason}", Code::Missed.text()),
    );
    because(post, Code::Missed, message);
    save(connection, post, now)?;
    Ok(true)
}
