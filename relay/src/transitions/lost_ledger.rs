//! Doubt: what another database may have sent.
//!
//! A lost or restored ledger forgets its calls, and the desktop that tells it of its posts may have
//! been off when they were made. What proves a post undone is a withdrawal that the relay
//! acknowledged, a later time that it acknowledged, or that no relay was ever given it: all of that
//! is in the manifest. What the desktop heard last proves nothing: the post may have gone out a
//! moment after. So a post that was due before this database began, and that the desktop still
//! believes to be waiting, is treated as a call without an outcome. One empty look is no proof: X
//! shows new posts late. It is looked for at the same times as such a call, counted from the moment
//! at which the other database ended; then a person decides.
//!
//! Where the same database goes on after a gap, one look is enough. Its own intents are on disk
//! before the first byte of any call leaves, so it knows what it sent. The look is there for what
//! is not supposed to be: a copy of the file that nothing tells from it.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::id::StoreId;
use roost_crash_points as crash;
use roost_relay_api::DeliveryState;
use rusqlite::{Connection, params};

use super::{save, set_reason};
use crate::config::Pace;
use crate::ledger_write::LedgerWrite;
use crate::rows::intent::{self, Intent, Outcome};
use crate::rows::post::{self, Post};
use crate::rows::{follow_up, relay};
use crate::x_time::XTime;

/// What a call says that another database may have made.
pub(crate) const PRESUMED_SENT: &str = "another database may have made it";

const MESSAGE_MAY_BE_OUT: &str = "It was due before the relay's database was lost, restored or copied, and may \
                   have gone out. The relay looks for it in the timeline.";

const MESSAGE_EARLIER_VERSION: &str = "It was due before the relay's database was lost, restored or copied, and \
                       before your change was proven: an earlier version of it may be live. Look \
                       yourself, then decide.";

/// Whether another database may have called X for a post that was due at `due_at`. Nobody calls
/// before that; the clocks of the two may differ by the margin.
pub(crate) fn may_be_sent_elsewhere(
    post: &Post,
    due_at: Option<UnixMillis>,
    margin: Duration,
) -> bool {
    let is_due_before = |ended: UnixMillis| due_at.is_none_or(|due| due <= ended.plus(margin));
    post.doubt_until.is_some_and(is_due_before) && !crash::sabotaged("doubt")
}

/// Returns when another database may have sent the post: when it was due there, if it was moved
/// since, as its first presumed call says.
pub(crate) fn earliest_due_at(
    connection: &Connection,
    post: &Post,
) -> rusqlite::Result<Option<UnixMillis>> {
    if post.doubt_until.is_none() {
        return Ok(post.due_at);
    }
    let called = intent::first_call(connection, post.id)?;
    Ok(post.due_at.into_iter().chain(called).min())
}

/// Treats the post's next part as a call whose outcome is unknown, so that the relay looks for it on the
/// timeline. The times of the looks count from the end of the other database; where several of them have
/// passed, one look now stands for all. `sent_at` is when the post was due in that database, even if it was
/// moved since.
pub(crate) fn reconcile_as_sent(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    sent_at: Option<UnixMillis>,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let ended = post.doubt_until.unwrap_or(now);
    set_reason(post, Code::OutcomeUnknown, MESSAGE_MAY_BE_OUT);
    let passed = pace.looks.iter().filter(|at| ended.plus(**at) <= now).count();
    let first = match passed {
        0 => ended.plus(pace.looks.first().copied().unwrap_or_default()),
        _ => now,
    };
    post.looks = u32::try_from(passed.saturating_sub(1)).unwrap_or(0);
    presume(ledger, post, sent_at, first, now)
}

/// Has a person decide on a post whose earlier version may be live: its words are not known here, so
/// nobody can look for it.
pub(crate) fn park_earlier_version(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    post.state = DeliveryState::Parked;
    post.doubt_until = None;
    set_reason(post, Code::OutcomeUnknown, MESSAGE_EARLIER_VERSION);
    save(ledger, post, now)
}

/// A post that the desktop saw on its way to X from a database that is lost: it is looked for from
/// now on, at every time there is.
pub(crate) fn presume_sent(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    sent_at: Option<UnixMillis>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    post.looks = 0;
    presume(ledger, post, sent_at, now, now)
}

/// The next part may be out: as after a call without an outcome, whose intent is written down.
fn presume(
    ledger: &mut LedgerWrite<'_>,
    post: &mut Post,
    sent_at: Option<UnixMillis>,
    first_look: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    if post.live >= post.parts {
        (post.state, post.posted_at) = (DeliveryState::Posted, Some(now));
        (post.code, post.message) = (None, None);
        return save(ledger, post, now);
    }
    post.state = DeliveryState::Unknown;
    // Whatever is found, the parts that follow may be out, too.
    post.look_first = true;
    post.next_at = Some(first_look);
    save(ledger, post, now)?;
    let Some(account) = post.account.clone() else { return Ok(()) };
    // Nobody finds in a timeline what is to come: X refuses to look there.
    let sent_at = sent_at.or(post.due_at).map_or(now, |at| at.min(now));
    let mut intent = Intent {
        post: post.id,
        revision: post.revision,
        part: post.live,
        attempt: 0,
        account,
        text_hash: Vec::new(),
        since_id: None,
        reply_to: follow_up::answered(ledger, post, post.live)?.map(|tweet| tweet.0),
        started_at: sent_at,
        // Another clock may have sent it.
        x_time: XTime::default(),
    };
    intent::begin(ledger, &mut intent)?;
    intent::end(ledger, post.id, post.live, Outcome::Unknown, Some(PRESUMED_SENT), sent_at)
}

/// Settles what a store's manifest leaves open, once it is complete: its posts are in doubt, or were
/// due too late for it.
pub(crate) fn reconcile_doubtful_posts(
    ledger: &mut LedgerWrite<'_>,
    store: StoreId,
    pace: &Pace,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    if relay::row(ledger)?.is_copy {
        // The ledger that this one was copied from may have worked on until now.
        ledger.execute(
            "UPDATE post SET doubt_until = ?2 WHERE store_id = ?1 AND doubt_until IS NOT NULL",
            params![store.to_string(), now.0],
        )?;
    }
    let margin = i64::try_from(pace.doubt_margin.as_millis()).unwrap_or(i64::MAX);
    let mut doubted = post::select(
        ledger,
        "state IN ('staged', 'claimed', 'waiting') AND store_id = ?1
            AND doubt_until IS NOT NULL AND due_at <= doubt_until + ?2",
        params![store.to_string(), margin],
    )?;
    doubted.retain(|post| may_be_sent_elsewhere(post, post.due_at, pace.doubt_margin));
    let count = doubted.len();
    for mut post in doubted {
        let due_at = post.due_at;
        reconcile_as_sent(ledger, &mut post, due_at, pace, now)?;
    }
    ledger.execute(
        "UPDATE post SET doubt_until = NULL
          WHERE store_id = ?1 AND state IN ('staged', 'claimed', 'waiting')",
        [store.to_string()],
    )?;
    Ok(count)
}
