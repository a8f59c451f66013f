//! The relay's own clock: takes up what no delivery came for, and ends what nobody can send in
//! time any more.

use std::sync::Arc;

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_relay_api::Trigger;
use rusqlite::Connection;

use super::deferral::expire;
use super::interrupted::settle_interrupted;
use crate::clock_check::Confidence;
use crate::database::DatabaseError;
use crate::ledger::Event;
use crate::ledger_write::LedgerWrite;
use crate::rows::post::{self, ClaimedBy, Wake};
use crate::rows::relay;
use crate::shared::Shared;
use crate::transitions::{Claim, apply, claim, save, set_reason};
use crate::x_time_request;

/// Posts in one transaction.
const BACKSTOP_BATCH_POSTS: i64 = 200;

/// One round. Rests for a store until its manifest is complete: only then is it known what was
/// withdrawn or posted elsewhere.
pub(super) async fn run(shared: &Arc<Shared>, now: UnixMillis) -> Result<(), DatabaseError> {
    find_interrupted(shared, now).await?;
    let confidence = shared.clock_skew.confidence(now);
    if matches!(confidence, Confidence::Contradicted { .. }) {
        // It may have been set right meanwhile.
        x_time_request::request_check(shared);
    } else {
        wake_after_clock_recovery(shared, now).await?;
    }
    if shared.rate_limiter.is_unreachable() {
        // Once a minute: posts wait longer than that for their own next try.
        x_time_request::request_check(shared);
    }
    let overdue = now.minus(shared.config.pace.backstop_after);
    let given_up = now.minus(shared.config.pace.look_patience);
    let anything = shared
        .read("backstop-look", move |c| {
            Ok(is_anything_late(c, overdue, now)? || is_anything_unread(c, given_up)?)
        })
        .await?;
    if !anything {
        return Ok(());
    }
    let mut confidence = confidence;
    if confidence == Confidence::Unchecked {
        // Nobody called these posts: by X's clock, too, they must be due or too late.
        x_time_request::request_check(shared);
        // Another answer of X may have come meanwhile; then it is not asked, and nothing calls for
        // another round.
        confidence = shared.clock_skew.confidence(now);
    }
    if confidence == Confidence::Unchecked {
        return Ok(());
    }
    let (taken, expired) = shared
        .write("backstop", move |c| {
            let mut expired = 0;
            if confidence.may_end_posts() {
                expired = expire_late(c, now)?;
                abandon_unread(c, given_up, now)?;
            }
            let taken = if confidence.may_take_up() { take_overdue(c, overdue, now)? } else { 0 };
            Ok((taken, expired))
        })
        .await?;
    shared.metrics.expired.add(expired);
    if taken > 0 {
        shared.metrics.backstop.add(taken);
        tracing::error!(posts = taken, "no delivery came for posts that are due; taken up here");
    }
    Ok(())
}

/// Once after a doubt is over: what it held is looked at again.
async fn wake_after_clock_recovery(
    shared: &Arc<Shared>,
    now: UnixMillis,
) -> Result<(), DatabaseError> {
    if !shared.clock_skew.recovered_unacknowledged() {
        return Ok(());
    }
    shared
        .write("clock-right", move |c| post::wake(c, Wake::For(&[Code::ClockWrong]), None, now))
        .await?;
    shared.clock_skew.acknowledge_recovery();
    Ok(())
}

/// Whether a post is overdue without a delivery, or past its deadline.
pub(super) fn is_anything_late(
    connection: &Connection,
    overdue: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM post WHERE state IN ('staged', 'claimed', 'waiting')
                               AND state = 'staged' AND due_at <= ?1)
                 OR EXISTS (SELECT 1 FROM post WHERE state IN ('staged', 'claimed', 'waiting')
                               AND not_after < ?2 AND look_first = 0)",
        )?
        .query_row([overdue.0, now.0], |row| row.get(0))
}

/// A task that ended without writing its result leaves its post in `sending`.
async fn find_interrupted(shared: &Arc<Shared>, now: UnixMillis) -> Result<(), DatabaseError> {
    let sending = shared.read("sending", |c| post::select(c, "state = 'sending'", [])).await?;
    if sending.iter().all(|post| shared.rate_limiter.is_in_flight(post.id)) {
        return Ok(());
    }
    let hands = Arc::clone(shared);
    let found = shared
        .write("interrupted", move |c| {
            let message = "The relay lost the call before X answered.";
            settle_interrupted(c, |id| hands.rate_limiter.is_in_flight(id), message, now)
        })
        .await?;
    if found > 0 {
        tracing::error!(posts = found, "posts were being sent by nobody; they are looked for");
    }
    Ok(())
}

fn expire_late(ledger: &mut LedgerWrite<'_>, now: UnixMillis) -> rusqlite::Result<u64> {
    let late = post::select(
        ledger,
        "state IN ('staged', 'claimed', 'waiting') AND not_after < ?1 AND look_first = 0
         ORDER BY not_after LIMIT ?2",
        [now.0, BACKSTOP_BATCH_POSTS],
    )?;
    let mut expired = 0;
    for mut post in late {
        expired += u64::from(expire(ledger, &mut post, now)?);
    }
    Ok(expired)
}

/// What may have gone out already, was to be looked for, and could not be long past its deadline.
const UNREAD_PAST_DEADLINE: &str = "state IN ('staged', 'claimed', 'waiting') AND state <> 'staged'
    AND not_after < ?1 AND look_first = 1";

fn is_anything_unread(connection: &Connection, given_up: UnixMillis) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM post WHERE {UNREAD_PAST_DEADLINE})"
        ))?
        .query_row([given_up.0], |row| row.get(0))
}

/// A person looks instead: nothing waits for ever.
fn abandon_unread(
    ledger: &mut LedgerWrite<'_>,
    given_up: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    for mut post in post::select(ledger, UNREAD_PAST_DEADLINE, [given_up.0])? {
        let waited_for = post.message.take().unwrap_or_default();
        if apply(&mut post, Event::Abandon).is_err() {
            continue;
        }
        let message = format!(
            "It may have gone out already, and the timeline could not be read: look yourself, \
             then decide. {waited_for}"
        );
        set_reason(&mut post, Code::OutcomeUnknown, message.trim_end());
        save(ledger, &mut post, now)?;
    }
    Ok(())
}

fn take_overdue(
    ledger: &mut LedgerWrite<'_>,
    overdue: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<u64> {
    let epoch = relay::row(ledger)?.epoch;
    let due = post::select(
        ledger,
        "state IN ('staged', 'claimed', 'waiting') AND state = 'staged' AND due_at <= ?1
            AND store_id IN (SELECT store_id FROM desk WHERE manifest_epoch = ?3)
         ORDER BY due_at, post_id LIMIT ?2",
        rusqlite::params![overdue.0, BACKSTOP_BATCH_POSTS, epoch.0],
    )?;
    let mut taken = 0;
    for post in due {
        let trigger = Trigger { post_id: post.id, revision: post.revision };
        let claimed = claim(ledger, trigger, ClaimedBy::Backstop, Confidence::Confirmed, now)?;
        taken += u64::from(matches!(claimed, Claim::Claimed(_)));
    }
    Ok(taken)
}
