//! Withdrawing: after the answer nothing at or below the revision goes out.

use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::id::StoreId;
use roost_crash_points as crash;
use roost_relay_api::{
    DeliveryState, Withdraw, WithdrawAnswer, WithdrawBatch, WithdrawOutcome, WithdrawResult,
};

use super::lost_ledger::{may_be_sent_elsewhere, park_earlier_version};
use super::{apply, save};
use crate::ledger::{Event, Why};
use crate::ledger_write::LedgerWrite;
use crate::rows::post::{self, Post};
use crate::rows::{relay, store_binding};

/// Withdraws a batch for the device that feeds the relay from the store. Returns the answer; nothing
/// when another device does.
pub(crate) fn withdraw_batch(
    ledger: &mut LedgerWrite<'_>,
    batch: &WithdrawBatch,
    device: &str,
    margin: Duration,
    now: UnixMillis,
) -> rusqlite::Result<Option<WithdrawAnswer>> {
    if !store_binding::admit(ledger, batch.store_id, device, now)? {
        return Ok(None);
    }
    let mut results = Vec::with_capacity(batch.items.len());
    for item in &batch.items {
        results.push(withdraw_one(ledger, batch.store_id, *item, margin, now)?);
    }
    Ok(Some(WithdrawAnswer { epoch: relay::row(ledger)?.epoch, results }))
}

/// Whether another database may have sent it, and this one has not looked for it yet.
fn may_be_live(post: &Post, margin: Duration) -> bool {
    let waits = match post.state {
        DeliveryState::Staged | DeliveryState::Claimed | DeliveryState::Waiting => true,
        DeliveryState::Withdrawn => post.body_hash.is_none(),
        _ => false,
    };
    waits && post.live == 0 && may_be_sent_elsewhere(post, post.due_at, margin)
}

fn withdraw_one(
    ledger: &mut LedgerWrite<'_>,
    store: StoreId,
    item: Withdraw,
    margin: Duration,
    now: UnixMillis,
) -> rusqlite::Result<WithdrawResult> {
    let mut post = post::get(ledger, item.post_id)?.unwrap_or_else(|| {
        // Never staged here: the row fences a stage that is still on its way.
        Post::new(item.post_id, DeliveryState::Staged, now)
    });
    if may_be_live(&post, margin) {
        // A withdrawal takes back nothing that another database may have sent. A row that waits for
        // its text has the revision below the one that it had there.
        post.revision = match post.state {
            DeliveryState::Withdrawn => post.revision.next(),
            _ => post.revision,
        };
        park_earlier_version(ledger, &mut post, now)?;
    }
    let outcome = match apply(&mut post, Event::Withdraw { revision: item.revision }) {
        Ok(()) => {
            post.revision = item.revision;
            post.store = post.store.or(Some(store));
            (post.code, post.message) = (None, None);
            if !crash::sabotaged("withdraw") {
                save(ledger, &mut post, now)?;
            }
            if let Some(user) = &post.account {
                post::wake_hopeless(ledger, user, now)?;
            }
            WithdrawOutcome::Withdrawn
        }
        Err(Why::Same) => WithdrawOutcome::Withdrawn,
        Err(Why::TooLate) => WithdrawOutcome::TooLate,
        Err(_) => WithdrawOutcome::Stale,
    };
    Ok(WithdrawResult {
        post_id: item.post_id,
        revision: item.revision,
        outcome,
        highest: post.revision,
        state: Some(post.state),
    })
}
