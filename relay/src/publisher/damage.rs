//! A post that is not the one that was staged is never sent: the disk may have changed a letter,
//! or an hour.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::PostId;
use rusqlite::Connection;
use tokio::time::Instant;

use crate::ledger::{Event, Timing};
use crate::ledger_write::LedgerWrite;
use crate::rows::body_hash;
use crate::rows::post::{self, Post};
use crate::transitions::{apply, save, set_reason};

const MESSAGE: &str = "The relay's copy of this post is damaged, and was not sent. Check the \
    relay's disk; \"Retry\" hands the post over again.";

/// How long a start may look for damage; what is left is looked at before its call.
const CHECK_AT_START_MAX: Duration = Duration::from_secs(5);

/// Refuses what the disk changed at the start, the next due first: a person has until then to hand
/// it over again. Gives how many there were.
pub(crate) fn refuse_damaged(
    ledger: &mut LedgerWrite<'_>,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    let sent = Instant::now();
    let mut damaged = 0;
    for id in pending(ledger)? {
        if sent.elapsed() > CHECK_AT_START_MAX {
            tracing::warn!(
                "not every post could be looked over in time; the rest is before its call"
            );
            break;
        }
        let Some(mut post) = read_damaged(ledger, id) else { continue };
        // Refused is only what was taken up.
        let here = post.revision;
        let _ = apply(&mut post, Event::Deliver { revision: here, timing: Timing::Due });
        refuse(ledger, post, now)?;
        damaged += 1;
    }
    Ok(damaged)
}

/// The posts that would not go out as they were staged.
pub(crate) fn damaged(connection: &Connection) -> rusqlite::Result<Vec<PostId>> {
    let mut damaged = Vec::new();
    for id in pending(connection)? {
        damaged.extend(read_damaged(connection, id).map(|post| post.id));
    }
    Ok(damaged)
}

/// The post, if it is not what was staged. A row that can't even be read is not there to be
/// refused, and never passes the fence.
fn read_damaged(connection: &Connection, id: PostId) -> Option<Post> {
    let post = post::get(connection, id).ok()??;
    let is_intact = body_hash::is_intact(connection, &post).unwrap_or(false);
    (!is_intact).then_some(post)
}

/// What is still to go out.
fn pending(connection: &Connection) -> rusqlite::Result<Vec<PostId>> {
    let pending = "state IN ('staged', 'claimed', 'waiting')";
    let mut statement = connection
        .prepare(&format!("SELECT post_id FROM post WHERE {pending} ORDER BY due_at, post_id"))?;
    let mut rows = statement.query([])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        // An id that is none belongs to no post that could go out.
        ids.extend(row.get_ref(0)?.as_str()?.parse::<PostId>());
    }
    Ok(ids)
}

/// Refuses a damaged post; true when it was one.
pub(super) fn refuse_if_damaged(
    ledger: &mut LedgerWrite<'_>,
    post: &Post,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    if body_hash::is_intact(ledger, post)? {
        return Ok(false);
    }
    refuse(ledger, post.clone(), now)?;
    Ok(true)
}

fn refuse(ledger: &mut LedgerWrite<'_>, mut post: Post, now: UnixMillis) -> rusqlite::Result<()> {
    if apply(&mut post, Event::Refuse).is_ok() {
        tracing::error!(post.id = %post.id, "the ledger's copy of a post is damaged; not sent");
        set_reason(&mut post, Code::DatabaseDamaged, MESSAGE);
        save(ledger, &mut post, now)?;
    }
    Ok(())
}
