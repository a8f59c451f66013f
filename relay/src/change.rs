//! How a post changes: the ledger's table decides, the row is written, the feed is told, all in
//! the caller's transaction; and one line of log per decision.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_relay_api::{DeliveryState, EventKind};
use rusqlite::Connection;

use crate::ledger::{Decision, Event, Why, decide};
use crate::rows::post::{self, Post};
use crate::rows::{account, event};

/// Asks the table what `what` does to the post and, when it moves, sets its state.
pub(crate) fn apply(post: &mut Post, what: Event) -> Result<(), Why> {
    match decide(&post.standing(), what) {
        Decision::Become(state) => {
            post.state = state;
            Ok(())
        }
        Decision::Stay(why) => Err(why),
    }
}

/// Sets why the post is where it is.
pub(crate) fn because(post: &mut Post, code: Code, message: impl Into<String>) {
    post.code = Some(code.as_str().to_owned());
    post.message = Some(message.into());
}

/// Writes the post after a change and tells the feed.
pub(crate) fn save(
    connection: &Connection,
    post: &mut Post,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    post.updated_at = now;
    post.decided_at = match (post::is_decided(post.state), post.decided_at) {
        (true, known) => Some(known.unwrap_or(now)),
        (false, _) => None,
    };
    if !matches!(
        post.state,
        DeliveryState::Claimed | DeliveryState::Waiting | DeliveryState::Unknown
    ) {
        post.next_at = None;
    }
    post::put(connection, post)?;
    log(post);
    // The desktop staged it itself and knows.
    if post.state == DeliveryState::Staged {
        return Ok(());
    }
    event::append(connection, &EventKind::Delivery { delivery: post.delivery() }, now)
}

/// Tells the feed how an account is now.
pub(crate) fn tell_account(
    connection: &Connection,
    id: &roost_core::id::XUserId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let Some(row) = account::get(connection, id)? else { return Ok(()) };
    event::append(connection, &EventKind::Account { account: row.account }, now)
}

fn log(post: &Post) {
    let code = post.code.as_deref().unwrap_or_default();
    let message = post.message.as_deref().unwrap_or_default();
    let account = post.account.as_ref().map_or("", |account| account.0.as_str());
    tracing::info!(
        post.id = %post.id,
        post.revision = post.revision.0,
        account.id = account,
        code,
        "{}",
        sentence(post.state, message)
    );
}

fn sentence(state: DeliveryState, message: &str) -> String {
    let said = match state {
        DeliveryState::Staged => "staged",
        DeliveryState::Claimed => "due, taken up",
        DeliveryState::Waiting => "waits",
        DeliveryState::Sending => "is being sent to X",
        DeliveryState::Unknown => "may be on X or not; the timeline will be read",
        DeliveryState::Posted => "is on X",
        DeliveryState::Partial => "is on X in part",
        DeliveryState::Refused => "was refused",
        DeliveryState::Parked => "could not be settled; a person decides",
        DeliveryState::Withdrawn => "withdrawn",
        DeliveryState::Expired => "missed its time",
    };
    if message.is_empty() { said.to_owned() } else { format!("{said}: {message}") }
}
