//! A post that is not the one that was staged is never sent: the disk may have changed a letter,
//! or an hour.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use rusqlite::Connection;

use crate::change::{apply, because, save};
use crate::ledger::Event;
use crate::rows::body;
use crate::rows::post::Post;

const MESSAGE: &str = "The relay's copy of this post is damaged, and was not sent. Check the \
    relay's disk; «Retry» hands the post over again.";

/// Refuses a damaged post; true when it was one.
pub(super) fn refused(
    connection: &Connection,
    post: &Post,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    if body::is_intact(connection, post)? {
        return Ok(false);
    }
    let mut post = post.clone();
    if apply(&mut post, Event::Refuse).is_ok() {
        tracing::error!(post.id = %post.id, "the ledger's copy of a post is damaged; not sent");
        because(&mut post, Code::DatabaseDamaged, MESSAGE);
        save(connection, &mut post, now)?;
    }
    Ok(true)
}
