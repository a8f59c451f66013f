//! How a post changes: the ledger's table decides, the row is written, the feed gets its event and the
//! change is noted for the log, all in one write.

mod claim;
mod live_part;
pub(crate) mod lost_ledger;
pub(crate) mod manifest;
mod missing_media;
pub(crate) mod resolve;
mod stage;
mod withdraw;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::{TweetId, XUserId};
use roost_relay_api::{AccountHealth, DeliveryState, EventKind};

use crate::ledger::{Decision, Event, Why, decide};
use crate::ledger_write::LedgerWrite;
use crate::rows::post::{self, Post};
use crate::rows::{account, event, follow_up};

pub(crate) use claim::{Claim, claim};
pub(crate) use live_part::record_live_part;
pub(crate) use stage::stage_batch;
pub(crate) use withdraw::withdraw_batch;

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
pub(crate) fn set_reason(post: &mut Post, code: Code, message: impl Into<String>) {
    post.code = Some(code.as_str().to_owned());
    post.message = Some(message.into());
}

/// Writes the post after a change and tells the feed and the log.
pub(crate) fn save(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let part = post.live.min(post.parts.saturating_sub(1));
    save_part(ledger, post, part, None, now)
}

/// [`save`], when the change is about a part that X gave an id.
pub(crate) fn save_part(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    part: u32,
    tweet: Option<TweetId>,
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
    post::put(ledger, post)?;
    follow_up::parent_changed(ledger, post.id, now)?;
    emit(ledger, post, part, tweet, now)
}

/// Tells the feed and the log of a change that is in the row already.
pub(crate) fn emit(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    part: u32,
    tweet: Option<TweetId>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    ledger.note_change(post, part, tweet);
    post.was = Some(post.stands());
    // The desktop staged it itself and knows.
    if post.state == DeliveryState::Staged {
        return Ok(());
    }
    let delivery = post.delivery(ledger)?;
    let seq = event::append(ledger, &EventKind::Delivery { delivery }, now)?;
    ledger.note_event(seq);
    Ok(())
}

/// Tells the feed how an account is now.
pub(crate) fn emit_account(
    ledger: &mut LedgerWrite<'_>,
    id: &XUserId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let Some(row) = account::get(ledger, id)? else { return Ok(()) };
    let seq = event::append(ledger, &EventKind::Account { account: row.account }, now)?;
    ledger.note_event(seq);
    Ok(())
}

/// Marks the account as suspended by X, which stops its posts, and tells the feed.
pub(crate) fn suspend_account(
    ledger: &mut LedgerWrite<'_>,
    user: &XUserId,
    version: i64,
    message: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let health = AccountHealth::Suspended;
    if account::set_health(ledger, user, version, health, Some(message), now)? {
        emit_account(ledger, user, now)?;
    }
    Ok(())
}
